"""The spectrum of Lyapunov exponents, largest first."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS
from emergent_dynamics.statistics import mean_interval


@style.styled()
def draw(table: pd.DataFrame) -> Figure:
    """Draw lyapunov.csv: exponents with intervals over runs, and those in the third and last quarter of the time."""
    drawing, [[axis]] = style.figure(760, 420)
    found = [mean_interval(own["exponent"].to_numpy()) for _, own in table.groupby("index")]
    value, lo, hi = np.array([[e.value, *(e.ci or (e.value, e.value))] for e in found]).T
    style.estimates(axis, np.arange(1, len(found) + 1), value, lo, hi, label="mean over runs")
    quarters = table.groupby("index")[["earlier", "later"]].mean()
    for name, marker, side, label in (
        ("earlier", "<", -1, "third quarter of the time"),
        ("later", ">", 1, "last quarter"),
    ):
        look = {"color": COLOURS["second"], "markersize": 4, "label": label}
        axis.plot(quarters.index + 0.14 * side, quarters[name], marker, **look)
    axis.plot(table["index"], table["exponent"], ".", color=COLOURS["muted"], markersize=4, label="one run")
    style.theory_level(axis, 0.0, "neither grows nor shrinks")
    axis.set(xlabel="index", ylabel="Lyapunov exponent (nat per unit time)")
    axis.legend(loc="best")
    first = found[0]
    lo, hi = first.ci or (np.nan, np.nan)
    equal = lo == hi  # all runs have the same exponent
    text = f"{first.value:.4g}" if equal else style.interval(first.value, lo, hi)
    style.conclude(drawing, f"The largest exponent is {text} nat per unit time{' in all runs' * equal}")
    return drawing
