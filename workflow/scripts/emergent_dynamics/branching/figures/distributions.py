"""Distributions of the sizes and durations of avalanches beside their exact laws."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.branching import exact
from emergent_dynamics.branching.histograms import log_bin_counts, log_bins
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tables import shown
from emergent_dynamics.branching.tally import Tally
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS


@style.styled()
def draw(tallies: list[Tally], laws: list[exact.Avalanches], table: pd.DataFrame, p: Parameters) -> Figure:
    """Draw sizes and durations with their exact laws, and the fitted power law at the sigma nearest to 1."""
    drawing, [[left, right]] = style.figure(1000, 430, 1, 2, gap=78)
    critical = int(np.abs(np.array(p.sigma) - 1.0).argmin())
    for colour, sigma in zip(CATEGORIES, shown(p.sigma), strict=False):
        i = p.sigma.index(sigma)
        if tallies[i].n == 0:
            continue
        _law(left, tallies[i].sizes, laws[i].size, colour, f"σ = {sigma:g}")
        _law(right, tallies[i].durations[:-1], laws[i].duration[:-1], colour, f"σ = {sigma:g}")
    row = table.iloc[critical]
    windows = {name: tuple(map(int, row[f"{name}_window"].split("-"))) for name in ("tau", "alpha")}
    for axis, name, window, law in (
        (left, "tau", windows["tau"], laws[critical].size),
        (right, "alpha", windows["alpha"], laws[critical].duration),
    ):
        if np.isfinite(row[name]):
            x = np.array([window[0], min(window[1], law.size - 1)], float)
            line = law[window[0]] * (x / x[0]) ** -row[name]
            interval = f"[{row[f'{name}_lo']:.3f}, {row[f'{name}_hi']:.3f}]"
            text = f"{'τ' if name == 'tau' else 'α'} = {row[name]:.3f} {interval}"
            axis.plot(
                x,
                3 * line,
                color=COLOURS["highlight"],
                label=f"{text}\nexact here {row[f'{name}_exact']:.3f}",
            )
        axis.set(xscale="log", yscale="log")
        style.powers(axis)
        style.powers(axis, "y")
        seen = [
            density
            for line in axis.get_lines()
            if line.get_linestyle() == "None"
            for density in line.get_ydata()
        ]
        axis.set_ylim(0.3 * min(seen, default=0.01), 2.0)  # exact laws extend far below the samples
        axis.legend(loc="lower left")
    left.set(xlabel="size S (neurons)", ylabel="P(S)", title="Sizes (dashed: exact law)")
    right.set(xlabel="duration D (layers)", ylabel="P(D)", title="Durations that end inside the network")
    style.letters(np.array([left, right]))
    if np.isfinite(row["tau"]):
        tau = style.interval(*row[["tau", "tau_lo", "tau_hi"]])
        style.conclude(drawing, f"At σ = {row['sigma']:g} sizes of avalanches fall with exponent τ = {tau}")
    return drawing


def _law(axis: Axes, seen: np.ndarray, law: np.ndarray, colour: str, label: str) -> None:
    x, density = log_bins(seen / seen.sum())
    error = 1.96 * density / np.sqrt(log_bin_counts(seen))  # error of a Poisson count
    axis.errorbar(
        x,
        density,
        np.minimum(error, 0.999 * density),
        fmt="o",
        color=colour,
        label=label,
        markersize=4,
        elinewidth=1,
        capsize=0,
    )
    if np.isfinite(law).all():
        style.theory_line(axis, *log_bins(law / law.sum()), label="_", linewidth=1.1)
