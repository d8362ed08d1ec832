"""Values against time: interpolated between two saved frames, linear in the logarithm of time, and as a table."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from emergent_dynamics.statistics import Estimate

CLOSE = 1.2  # largest ratio of the times of two neighbouring frames between which values are interpolated
PAST_END = 1.001  # the last time may lie below a round number by rounding, or by less than a step


def is_reached(time: np.ndarray, t: float) -> bool:
    """Whether there is a value at time t: at a frame of time (frame,), or between two frames that are close."""
    if t in time:
        return True
    after = int(np.searchsorted(time, t))
    if after == len(time):
        return bool(t <= PAST_END * time[-1])
    return bool(after > 0 and time[after - 1] > 0.0 and time[after] <= CLOSE * time[after - 1])


def at_time(values: np.ndarray, time: np.ndarray, t: float) -> np.ndarray:
    """values (run, frame) at time t, (run,), linear in ln time between frames; t as `is_reached` allows."""
    if t in time:
        return values[:, int(np.searchsorted(time, t))]
    axis = np.log(time[1:])
    return np.array([np.interp(np.log(t), axis, run[1:]) for run in values])


def curve(time: np.ndarray, estimates: Iterable[Estimate]) -> pd.DataFrame:
    """Table of estimates against time: columns time, value, lo, hi, n. It takes 40 bytes per frame."""
    columns = dict.fromkeys(("time", "value", "lo", "hi"), np.float64) | {"n": np.int64}
    rows = ((t, e.value, e.lo, e.hi, e.n) for t, e in zip(time, estimates, strict=True))
    return pd.DataFrame(np.fromiter(rows, list(columns.items()), len(time)))
