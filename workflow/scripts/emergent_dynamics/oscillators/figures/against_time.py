"""What figures of quantities against time share: the mean over runs with its 95 % band, and labelled axes."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from emergent_dynamics.plotting import style

POINTS = 400  # drawn per curve; more are not seen


def curve(axis: Axes, table: pd.DataFrame, column: str, colour: str, label: str | None = None) -> None:
    """Mean over runs against time, with Student's interval as a band where there are several."""
    wide = table.pivot_table(index="time", columns="run", values=column)
    wide = wide.iloc[:: max(1, len(wide) // POINTS)]
    mean, n = wide.mean(axis=1), wide.shape[1]
    if n > 1:
        half = stats.t.ppf(0.975, n - 1) * wide.std(axis=1) / np.sqrt(n)
        style.band(axis, wide.index, mean - half, mean + half, colour)
    axis.plot(wide.index, mean, color=colour, label=label)


def label(axis: Axes, ylabel: str, title: str, xlabel: str = "time (model time)", **more: Any) -> None:
    """Label an axis whose x is model time unless `xlabel` says otherwise; `more` as for `Axes.set`."""
    axis.set(xlabel=xlabel, ylabel=ylabel, title=title, **more)
