"""The guessing game, input against output."""

import numpy as np
from matplotlib.figure import Figure

from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tables import shown
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import SEQUENTIAL


@style.styled()
def draw(joint: np.ndarray, p: Parameters) -> Figure:
    """P(out | in) at the sigmas shown, joint (sigma, k_in, k_out) counts; the band is what the original
    selects.
    """
    some = shown(p.sigma)
    drawing, [axes] = style.figure(360 * len(some), 370, 1, len(some), sharey=True)
    for axis, sigma in zip(axes, some, strict=True):
        counts = joint[p.sigma.index(sigma)].astype(float)
        total = counts.sum(1, keepdims=True)
        share = np.divide(counts, total, out=np.full_like(counts, np.nan), where=total > 0)
        style.cells(axis, np.sqrt(share.T), "√P(out | in)", colour_map=SEQUENTIAL, limits=(0, 1))
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
    style.letters(axes)
    return drawing
