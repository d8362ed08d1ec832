"""The share of tokens near a centre of the start, against time."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.figures import axes as own
from emergent_dynamics.causal.figures.axes import KINDS, UNIT
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def over_time(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Figure:
    """Draw capture.csv: the share of tokens near a centre against time, mean with interval, and 10 to 90 % of runs."""
    drawing, [[axis]] = style.figure(900, 480)
    for kind, (name, role) in KINDS.items():
        rows = table[(table["kind"] == kind) & (table["time"] > 0)]
        colour = COLOURS[role]
        axis.fill_between(rows["time"], rows["p10"], rows["p90"], color=colour, alpha=0.10, linewidth=0)
        style.band(axis, rows["time"], rows["lo"], rows["hi"], colour)
        axis.plot(rows["time"], rows["value"], color=colour, label=name)
        later = {t: number for t, number in theory.curve(f"captured_{kind}", parameters).items() if t > 0}
        own.expected(axis, later, "second code" if kind == "strong" else "_", marker="o", markersize=4)
    axis.set(ylabel="share of tokens within the radius", ylim=(0, 1.02))
    own.log_time(axis, own.clock(parameters))
    radius = f"{parameters['capture']:g}"
    axis.set_title(
        f"Tokens within {radius} ({UNIT}) of a centre; dark, 95 % of the mean; pale, 10 to 90 % of runs"
    )
    axis.legend(loc="lower right")
    strong = table[table["kind"] == "strong"].sort_values("time")
    if len(strong):
        first, last = (style.interval(*strong.iloc[place][["value", "lo", "hi"]]) for place in (0, -1))
        style.conclude(
            drawing, f"Share of tokens near strong Rényi centres: {first} at first, {last} at the end"
        )
    return drawing
