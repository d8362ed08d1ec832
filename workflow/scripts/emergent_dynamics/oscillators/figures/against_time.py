"""Tools for figures against time: the mean over runs with its 95 % band, and labels of axes."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import special

from emergent_dynamics.oscillators import theory
from emergent_dynamics.plotting import style
from emergent_dynamics.statistics import bounded_mean_interval

POINTS = 400  # points drawn per curve; more would not be visible


MODEL_TIME = "time (model time)"


class Curve(NamedTuple):
    """A column of a table against time; `low` and `high` are the ends of its range, at which bands are cut."""

    table: pd.DataFrame
    column: str
    low: float = -np.inf
    high: float = np.inf


def curve(axis: Axes, shown: Curve, colour: str, label: str | None = None) -> None:
    """Draw the mean over runs against time, with Student's interval as a band if there are several runs."""
    table, column, low, high = shown
    wide = table.pivot_table(index="time", columns="run", values=column)
    wide = wide.iloc[:: max(1, len(wide) // POINTS)]
    mean, n = wide.mean(axis=1), wide.shape[1]
    if n > 1:
        half = special.stdtrit(n - 1, 0.975) * wide.std(axis=1) / np.sqrt(n)
        style.band(axis, wide.index, (mean - half).clip(low, high), (mean + half).clip(low, high), colour)
    axis.plot(wide.index, mean, color=colour, label=label)


def over_runs(values: np.ndarray, low: float = 0.0, high: float = 1.0) -> str:
    """The mean of one value per run with its interval, for a title; low, high : the ends of its range."""
    found = bounded_mean_interval(values, low, high)
    return style.interval(found.value, found.lo, found.hi)


def percent_over_runs(shares: np.ndarray) -> str:
    """The mean of one share per run in per cent, with its interval."""
    found = bounded_mean_interval(shares)
    number = style.interval(*(100 * end for end in (found.value, found.lo, found.hi)))
    return f"{number} %"


def clock(config: Mapping[str, Any]) -> str:
    """The label of the time axis; for a recording it names the unit of the recording."""
    return f"time ({config['recording']['time_unit']})" if theory.is_recorded(config) else MODEL_TIME


def label(axis: Axes, ylabel: str, title: str, xlabel: str = MODEL_TIME, **more: Any) -> None:
    """Label an axis whose x is model time unless `xlabel` says otherwise; `more` as for `Axes.set`."""
    axis.set(xlabel=xlabel, ylabel=ylabel, title=title, **more)
