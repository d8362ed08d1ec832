"""Order parameters against time."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.causal import exact
from emergent_dynamics.causal.figures import axes as own
from emergent_dynamics.causal.findings.order import METRICS
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS

ABOVE = {"xytext": (0, 1), "textcoords": "offset points", "va": "bottom", "ha": "right", "fontsize": 9}
TEXT = {
    "energy": ABOVE,
    "participation": ABOVE,
    "resultant": ABOVE | {"xytext": (0, 20)},
}  # where the legend does not cover the curve


@style.styled()
def metrics(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Figure:
    """Draw order.csv: the mean of every metric with its band; dashed are its exact initial value and its bound."""
    drawing, axes = style.figure(960, 640, rows=2, columns=2, sharex=True)
    beta, tokens, dimension = (parameters[key] for key in ("beta", "tokens", "dimension"))
    uniform, together = exact.uniform_energy(beta, tokens, dimension), 1.0 / (2.0 * beta)
    levels = {
        "resultant": {"uniform tokens": exact.mean_resultant(tokens, dimension)},
        "energy": {"uniform tokens": uniform, "all in one place": together},
        "aligned": {},
        "participation": {"all directions": float(dimension)},
    }
    for axis, (name, label) in zip(axes.flat, METRICS.items(), strict=True):
        rows = table[(table["metric"] == name) & (table["time"] > 0)]
        style.band(axis, rows["time"], rows["lo"], rows["hi"])
        axis.plot(rows["time"], rows["value"], color=COLOURS["data"])
        for text, value in levels[name].items():
            style.theory_level(axis, value, text)
            axis.annotate(text, (0.98, value), xycoords=("axes fraction", "data"), **TEXT[name])
        title = label[0].upper() + label[1:].replace("e^-beta", "exp(−β)")
        axis.set(title=title, yscale="log" if name == "energy" else "linear")
        if name in ("resultant", "aligned"):
            axis.set(ylim=(0.0, None))
        own.log_time(axis, own.clock(parameters) if axis in axes[-1] else "")
    style.letters(axes)
    aligned = table[table["metric"] == "aligned"].sort_values("time")
    if len(aligned) > 1:
        first, last = (style.interval(*aligned.iloc[place][["value", "lo", "hi"]]) for place in (0, -1))
        style.conclude(
            drawing, f"Share of pairs that point the same way: {first} at first, {last} at the end"
        )
    return drawing
