"""The spectrum of Lyapunov exponents, largest first."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS
from emergent_dynamics.statistics import mean_interval


@style.styled()
def draw(table: pd.DataFrame) -> Figure:
    """lyapunov.csv: exponents with intervals over runs, and those of the third and the last quarter of the time."""
    drawing, [[axis]] = style.figure(760, 420)
    found = [mean_interval(own["exponent"].to_numpy()) for _, own in table.groupby("index")]
    value, lo, hi = np.array([[e.value, *(e.ci or (e.value, e.value))] for e in found]).T
    style.estimates(axis, np.arange(1, len(found) + 1), value, lo, hi, label="mean over runs")
    quarters = table.groupby("index")[["earlier", "later"]].mean()
    for name, marker in (("earlier", "<"), ("later", ">")):
        label = "third quarter of the time" if name == "earlier" else "last quarter"
        axis.plot(quarters.index, quarters[name], marker, color=COLOURS["second"], markersize=4, label=label)
    style.theory_level(axis, 0.0, "neither grows nor shrinks")
    axis.set(xlabel="index", ylabel="Lyapunov exponent (nat per unit time)")
    axis.legend(loc="best")
    first = found[0]
    ci = first.ci or (np.nan, np.nan)
    style.conclude(drawing, f"The largest exponent is {style.interval(first.value, *ci)} nat per unit time")
    return drawing
