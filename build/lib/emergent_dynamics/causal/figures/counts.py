"""The number of groups over time, and below it every plateau."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.expectations import is_seed_model
from emergent_dynamics.causal.figures import axes as own
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


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
