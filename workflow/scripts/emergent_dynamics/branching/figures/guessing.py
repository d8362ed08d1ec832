"""The guessing game: the number of neurons active at the end against the number excited."""

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tables import nearest, shown
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import SEQUENTIAL
from emergent_dynamics.statistics import proportion_interval

LEAST = 1e-4  # smallest share with a distinct colour


@style.styled()
def draw(joint: np.ndarray, p: Parameters) -> Figure:
    """Draw P(out | in) at the sigmas shown, from joint (sigma, k_in, k_out) counts; white lines enclose what the
    original notebook selects.
    """
    some = shown(p.sigma)
    drawing, [axes] = style.figure(360 * len(some), 370, 1, len(some), sharey=True)
    for axis, sigma in zip(axes, some, strict=True):
        counts = joint[p.sigma.index(sigma)].astype(float)
        total = counts.sum(1, keepdims=True)
        share = np.divide(counts, total, out=np.full_like(counts, np.nan), where=total > 0)
        axis.grid(False)
        painted = axis.imshow(share.T, cmap=SEQUENTIAL, norm=LogNorm(LEAST, 1), origin="lower", aspect="auto")
        for shift in (-1.5, 1.5):
            axis.plot(
                [-0.5, p.neurons + 0.5],
                [-0.5 + shift, p.neurons + 0.5 + shift],
                color="#FFFFFF",
                linewidth=0.8,
            )
        axis.set(
            xlabel="neurons excited",
            title=f"σ = {sigma:g}",
            xlim=(p.inputs[0] - 0.5, p.inputs[1] + 0.5),
            ylim=(-0.5, p.neurons + 0.5),
        )
        for ruler in (axis.xaxis, axis.yaxis):
            ruler.get_major_locator().set_params(integer=True)
    axes[0].set_ylabel("neurons at the end")
    label = "share of the trials with this input"
    bar = style.colour_bar(painted, axes.tolist(), label, fraction=0.03, extend="min")
    style.powers(bar.ax, "y")
    style.letters(axes)
    sigma = nearest(p.sigma)
    counts = joint[p.sigma.index(sigma)]
    lost = proportion_interval(int(counts[:, 0].sum()), int(counts.sum()))
    share = style.interval(*(100 * end for end in (lost.value, lost.lo, lost.hi)))
    style.conclude(drawing, f"At σ = {sigma:g}, {share} % of {lost.n:,} trials end in silence")
    return drawing
