"""Synchrony against time: the field, its channels and windows; entropy; speed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.oscillators import theory
from emergent_dynamics.oscillators.figures.against_time import Curve, clock, curve, label, over_runs
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS


@style.styled()
def draw(table: pd.DataFrame, convergence: pd.DataFrame, config: Mapping[str, Any]) -> Figure:
    """Draw order.csv: R of the field, of channels and windows, entropy, speed; convergence.csv gives settled runs."""
    settled = int(convergence["time"].notna().sum())
    time = np.unique(table["time"])
    reduced = theory.reduced_order(config, time)
    drawing, axes = _panels(config["channels"] > 1 or reduced is not None)
    whole, *parts, disorder, speed = axes.flat
    curve(whole, Curve(table, "order", 0, 1), COLOURS["data"], "field")
    curve(whole, Curve(table, "local_order", 0, 1), COLOURS["second"], "windows, mean")
    expected = theory.random_order(config["channels"] * config["height"] * config["width"])
    style.theory_level(whole, expected, "independent phases")
    if reduced is not None:
        style.theory_line(whole, time, reduced, "Ott and Antonsen's reduction")
    label(whole, "order parameter R", "Synchrony", "" if parts else clock(config), ylim=(0, 1.02))
    whole.legend(loc="best")
    if config["channels"] > 1:
        _channels(parts[0], table, config["channels"])
    elif reduced is not None:
        away = table.assign(away=table["order"] - table["time"].map(dict(zip(time, reduced, strict=True))))
        curve(parts[0], Curve(away, "away"), COLOURS["data"])
        style.theory_level(parts[0], 0.0)
        label(parts[0], "difference in R", "Synchrony minus that of the reduction", "")
    curve(disorder, Curve(table, "entropy", 0, 1), COLOURS["data"])
    label(disorder, "entropy / log 64", "Disorder of phases", clock(config))
    curve(speed, Curve(table[table["speed"].notna()], "speed"), COLOURS["data"])
    style.theory_level(speed, config["settled"], "settled")
    label(
        speed,
        "speed (rad per unit time)",
        "Root mean square speed",
        clock(config),
    )
    style.log_ticks(speed, "y")
    speed.legend(loc="best")
    style.letters(axes)
    end = over_runs(table.loc[table["time"] == table["time"].max(), "order"].to_numpy())
    rest = (
        "all runs settle" if settled == len(convergence) else f"{settled} of {len(convergence)} runs settle"
    )
    if theory.is_recorded(config):
        style.conclude(drawing, f"The record ends with an order parameter of {end}")
    elif reduced is not None:
        equation = "Ott and Antonsen's equation"
        style.conclude(
            drawing, f"Synchrony of the field ends at R = {end}; {equation} gives {reduced[-1]:.4f}"
        )
    else:
        style.conclude(drawing, f"Synchrony of the field ends at R = {end}; {rest}")
    return drawing


def _panels(four: bool) -> tuple[Figure, np.ndarray]:
    """Make two rows of two panels, or one row of three."""
    if four:
        return style.figure(1000, 600, rows=2, columns=2, sharex=True, gap=92)
    return style.figure(1000, 330, columns=3, sharex=True, gap=92)


def _channels(axis: Axes, table: pd.DataFrame, channels: int) -> None:
    """Draw the order parameter of each of the first channels."""
    for d in range(min(channels, len(CATEGORIES))):
        curve(axis, Curve(table, f"order_{d}", 0, 1), CATEGORIES[d], f"channel {d}")
    label(axis, "order parameter R", "Synchrony within each channel", "", ylim=(0, 1.02))
    axis.legend(loc="best")
