"""What separation at the start decides who leads: both thresholds over the runs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.figures.axes import UNIT
from emergent_dynamics.causal.findings.thresholds import PERCENTILES
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def histogram(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Figure:
    """Histograms of min_separation and max_separation over runs, their medians, and those of the second code."""
    drawing, [[axis], [strip]] = style.figure(900, 520, rows=2, height_ratios=(4.0, 1.0), sharex=True)
    series = {
        "min_separation": ("largest separation of a follower", "data"),
        "max_separation": ("smallest separation of a leader", "highlight"),
    }
    values = {name: table[name].dropna().to_numpy() for name in series}
    pooled = np.concatenate(list(values.values()))
    if pooled.size == 0:
        style.nothing(axis, "no run has a leader besides token 0, or none has a follower")
        return drawing
    bins = np.histogram_bin_edges(pooled, bins=min(40, max(8, round(2 * len(table) ** 0.5))))
    for place, (name, (label, role)) in enumerate(series.items()):
        colour, found = COLOURS[role], values[name]
        axis.hist(found, bins, color=colour, alpha=0.3)
        axis.hist(found, bins, color=colour, histtype="step", linewidth=1.6, label=label)
        if found.size:
            axis.axvline(np.median(found), color=colour, linewidth=2.0)
            drawn = np.percentile(found, PERCENTILES)
            strip.plot(drawn[[0, -1]], [place] * 2, color=colour, linewidth=1.5)
            strip.plot(
                drawn[[1, 3]], [place] * 2, color=colour, linewidth=6.0, solid_capstyle="butt", alpha=0.6
            )
            strip.plot(drawn[2], place, "o", color=colour)
        known = [theory.at_end(f"{name}_p{q}", parameters) for q in PERCENTILES]
        points = [number.value for number in known if number is not None]
        strip.plot(points, [place - 0.36] * len(points), "|", color=COLOURS["theory"])
    axis.set(ylabel="runs")
    axis.yaxis.get_major_locator().set_params(integer=True)
    strip.set(xlabel=f"separation from all earlier tokens at the start ({UNIT})", ylim=(-0.8, 1.6))
    strip.set_yticks([0, 1], ["follower", "leader"])
    axis.set_title(f"Thresholds in {len(table)} runs; lines are medians, bars 25 to 75 % and 10 to 90 %")
    if theory.at_end("min_separation_p50", parameters):
        axis.plot([], [], "|", color=COLOURS["theory"], label="second code")
    axis.legend()
    return drawing
