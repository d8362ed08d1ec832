"""How many groups: over time, on plateaus, over beta, as a phase diagram, with the mask and without."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.expectations import is_seed_model
from emergent_dynamics.causal.figures import axes as own
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS, SEQUENTIAL


@style.styled()
def over_time(table: pd.DataFrame, plateaus: pd.DataFrame, parameters: Mapping[str, Any]) -> Figure:
    """counts.csv with its band and the curve of independent runs; below, every plateau of plateaus.csv as a bar."""
    drawing, [[axis], [below]] = style.figure(900, 640, rows=2, sharex=True, height_ratios=(1.4, 1.0))
    later = table[table["time"] > 0]
    if len(later) < 2:
        style.nothing(axis, "fewer than two frames after the start")
        return drawing
    style.band(axis, later["time"], later["lo"], later["hi"])
    axis.plot(
        later["time"], later["value"], color=COLOURS["data"], label=f"mean of {later['n'].max()} runs, 95 %"
    )
    curve = theory.CURVES.get(("n_clusters", float(parameters["beta"]), int(parameters["tokens"])))
    if curve and is_seed_model(parameters):
        reached = {t: number for t, number in curve.items() if t <= later["time"].max() * 1.06}
        own.expected(axis, reached, "independent runs", marker="o", markersize=4, clip_on=False)
    axis.set(ylabel="groups", ylim=(0, None))
    for counted in (axis, below):
        counted.yaxis.get_major_locator().set_params(integer=True)
    axis.set_title(rf"Groups of {parameters['tokens']} tokens at $\beta$ = {parameters['beta']:g}")
    axis.legend()
    _bars(below, plateaus)
    below.set(ylabel="groups on the plateau", xlim=(later["time"].min(), later["time"].max()))
    own.log_time(below)
    below.set_title("Plateaus of at least a factor 2 in time, one line each; a dot ends those that ended")
    return drawing


def _bars(axis: Axes, plateaus: pd.DataFrame) -> None:
    """Plateaus with one count lie side by side round that count, in the order of their start."""
    for count, rows in plateaus.groupby("n_clusters"):
        rows = rows.sort_values("start")
        height = (
            float(str(count)) + np.linspace(-0.38, 0.38, len(rows)) if len(rows) > 1 else [float(str(count))]
        )
        axis.hlines(height, rows["start"], rows["end"], color=COLOURS["data"], linewidth=0.9, alpha=0.6)
        ended = ~rows["cut"].isin(["end", "both"])
        axis.plot(rows["end"][ended], np.asarray(height)[ended], ".", color=COLOURS["data"], markersize=2.5)


@style.styled()
def over_beta(sweep: pd.DataFrame, fits: pd.DataFrame) -> Figure:
    """Final counts of sweep.csv against beta, log-log, each family with its fit and a line of theory's slope."""
    drawing, [[axis]] = style.figure(900, 520)
    final = sweep.loc[sweep.groupby(["family", "beta"])["time"].idxmax()]
    fitted = fits.set_index("family")
    for place, (family, rows) in enumerate(final.groupby("family", sort=True)):
        colour, name = CATEGORIES[place % len(CATEGORIES)], str(family)
        style.estimates(
            axis, rows["beta"], rows["n_clusters"], rows["lo"], rows["hi"], colour, name or "measured"
        )
        if family in fitted.index:
            fit = fitted.loc[family]
            beta = np.geomspace(rows["beta"].min(), rows["beta"].max(), 50)
            label = rf"$\beta^{{{fit['exponent']:.3f}}}$, 95 % [{fit['lo']:.3f}, {fit['hi']:.3f}]"
            axis.plot(beta, fit["level"] * beta ** fit["exponent"], color=colour, linewidth=1.2, label=label)
            power = (_dimension(name) - 1) / 2
            middle = np.exp(np.log(rows["beta"]).mean())
            level = fit["level"] * middle ** (fit["exponent"] - power)
            style.theory_line(axis, beta, level * beta**power, rf"theory: slope $\beta^{{{power:g}}}$")
    axis.set(xlabel=r"$\beta$", ylabel="groups at the end", yscale="log", xscale="log")
    betas = sorted(final["beta"].unique())
    axis.set_xticks(betas, [f"{beta:g}" for beta in betas])
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    axis.yaxis.set_major_formatter("{x:g}")
    axis.minorticks_off()
    axis.set_title("Number of groups against inverse temperature")
    style.legend_beside(axis)
    return drawing


def _dimension(family: str) -> int:
    """The dimension in a family's name; the circle where it was not varied."""
    named = dict(part.split("=", 1) for part in family.split(",") if "=" in part)
    return int(named.get("dimension", 2))


@style.styled()
def phase_diagram(sweep: pd.DataFrame) -> Figure:
    """Mean number of groups of sweep.csv over time and beta, one panel a family; each frame holds until the next."""
    groups = [(str(family), rows) for family, rows in sweep.groupby("family", sort=True)]
    drawing, axes = style.figure(
        min(1100, 760 + 300 * (len(groups) - 1)), 480, columns=len(groups), sharey=True
    )
    low, high = max(1.0, sweep["n_clusters"].min()), max(2.0, sweep["n_clusters"].max())
    for axis, (family, rows) in zip(axes[0], groups, strict=True):
        later = rows[rows["time"] > 0]
        grid = later.pivot_table(index="beta", columns="time", values="n_clusters").ffill(axis=1)
        shown = axis.pcolormesh(
            _edges(grid.columns.to_numpy()),
            _edges(grid.index.to_numpy()),
            grid.to_numpy(),
            cmap=SEQUENTIAL,
            norm=LogNorm(low, high),
            rasterized=True,
        )
        axis.grid(False)
        axis.set(yscale="log", title=family)
        own.log_time(axis)
        axis.set_yticks(grid.index, [f"{beta:g}" for beta in grid.index], minor=False)
        axis.minorticks_off()
    axes[0, 0].set_ylabel(r"$\beta$")
    bar = drawing.colorbar(shown, ax=axes[0].tolist(), fraction=0.05, pad=0.02)
    bar.set_label("mean number of groups")
    bar.set_ticks([n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if low <= n <= high])
    bar.ax.yaxis.set_major_formatter("{x:g}")
    bar.ax.minorticks_off()
    return drawing


def _edges(centres: np.ndarray) -> np.ndarray:
    """Cell edges half way, in the logarithm, between sorted positive centres."""
    if len(centres) == 1:
        return centres[0] * np.array([0.8, 1.25])
    logs = np.log(centres)
    middle = (logs[1:] + logs[:-1]) / 2
    return np.exp(np.concatenate([[2 * logs[0] - middle[0]], middle, [2 * logs[-1] - middle[-1]]]))


@style.styled()
def mask(table: pd.DataFrame) -> Figure:
    """mask.csv: groups with and without the causal mask from the same start, and their paired difference."""
    drawing, [[axis], [below]] = style.figure(900, 600, rows=2, sharex=True, height_ratios=(1.6, 1.0))
    later = table[table["time"] > 0]
    if later.empty:
        style.nothing(axis, "the sweep has no two members that differ in the mask only")
        return drawing
    for place, (pair, rows) in enumerate(later.groupby("pair", sort=False)):
        colour, name = CATEGORIES[place % len(CATEGORIES)], f" {pair!s}" if pair else ""
        axis.plot(rows["time"], rows["masked"], color=colour, label=f"causal mask{name}")
        axis.plot(
            rows["time"], rows["unmasked"], color=colour, alpha=0.5, linewidth=1.0, label=f"no mask{name}"
        )
        style.band(below, rows["time"], rows["lo"], rows["hi"], colour)
        below.plot(rows["time"], rows["difference"], color=colour)
    axis.set(ylabel="groups", ylim=(0, None))
    axis.set_title(f"Masked and full attention from the same tokens, means of {later['n'].max()} runs")
    axis.legend()
    below.axhline(0.0, color=COLOURS["muted"], linewidth=1.0)
    below.set(ylabel="masked − unmasked")
    own.log_time(below)
    below.set_title("paired difference, 95 %")
    return drawing
