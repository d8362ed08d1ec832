"""The recurrent graph: mean activity, dynamic range, and avalanches without drive."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.branching import theory
from emergent_dynamics.branching.histograms import log_bins
from emergent_dynamics.branching.parameters import Graph
from emergent_dynamics.branching.tables import shown
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS


@style.styled()
def draw(table: pd.DataFrame, curves: pd.DataFrame, sizes: np.ndarray, p: Graph) -> Figure:
    """Draw the mean activity against drive, the dynamic range, and avalanche sizes (sigma, avalanche) without drive."""
    drawing, [[left, right, last]] = style.figure(1200, 400, 1, 3, gap=78)
    _activity(left, curves)
    right.plot(table["sigma"], table["dynamic_range"], color=COLOURS["data"], linewidth=1.2)
    ranges = table[["dynamic_range", "dynamic_range_lo", "dynamic_range_hi"]].bfill(axis=1).ffill(axis=1)
    value, lo, hi = (ranges[name] for name in ranges)
    style.estimates(right, table["sigma"], value, lo, hi)
    right.axvline(1.0, color=COLOURS["muted"], linewidth=1)
    right.set(xlabel="branching ratio σ", ylabel="dynamic range (dB)", title="Dynamic range")
    for colour, sigma in zip(CATEGORIES, shown(p.sigma), strict=False):
        seen = np.bincount(sizes[p.sigma.index(sigma)], minlength=p.nodes + 1)[: p.nodes] / sizes.shape[1]
        last.plot(*log_bins(seen), "o", color=colour, label=f"σ = {sigma:g}", markersize=4)
        if p.weights == "equal" and not p.inhibitory:
            law = np.append(0.0, theory.otter_dwass(np.arange(1, p.nodes), sigma, p.degree))
            style.theory_line(last, *log_bins(law), label="_", linewidth=1.1)
    bottom = 0.3 / sizes.shape[1] / p.nodes**0.5
    last.set(xscale="log", yscale="log", xlabel="size (spikes)", ylabel="P(size)", ylim=(bottom, 2))
    last.set_title("Avalanches without drive (dashed: tree)")
    last.legend()
    style.powers(last)
    style.powers(last, "y")
    style.letters(np.array([left, right, last]))
    known = table.dropna(subset="dynamic_range")
    if len(known):
        best = known.sort_values("dynamic_range").iloc[-1]
        size = style.interval(*best[["dynamic_range", "dynamic_range_lo", "dynamic_range_hi"]])
        of = "" if np.isfinite(best["dynamic_range_lo"]) else " (one run, no interval)"
        style.conclude(
            drawing,
            f"The recurrent graph has its widest dynamic range at σ = {best['sigma']:g}: {size} dB{of}",
        )
    return drawing


def _activity(axis: Axes, curves: pd.DataFrame) -> None:
    """Draw the mean activity against the drive, on logarithmic axes, or say that there is none."""
    axis.set_title("Mean activity of the recurrent graph")
    if not ((curves["drive"] > 0) & (curves["active"] > 0)).any():
        style.nothing(axis, "no activity at a drive above 0")
        return
    for colour, (sigma, line) in zip(CATEGORIES, curves.groupby("sigma"), strict=False):
        line = line[(line["drive"] > 0) & (line["active"] > 0)].sort_values("drive")
        axis.plot(line["drive"], line["active"], "o-", color=colour, label=f"σ = {sigma:g}", linewidth=1.2)
    axis.set(xscale="log", yscale="log", xlabel="drive (per node and step)", ylabel="active nodes (share)")
    axis.legend()
    style.powers(axis)
    style.powers(axis, "y")
