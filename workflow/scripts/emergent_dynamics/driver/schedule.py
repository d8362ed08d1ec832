"""Schedules: the clock values at which frames are saved, from the start to the end, both included."""

from collections.abc import Mapping
from typing import Any

import numpy as np


def every(interval: float, end: float) -> np.ndarray:
    """Clock values 0, n, 2n, ... and the end; int64 if n and the end are integers."""
    whole = isinstance(interval, int) and isinstance(end, int)
    points = np.arange(0, end, interval)
    return np.unique(np.append(points, end)).astype(np.int64 if whole else np.float64)


def logarithmic(count: int, end: float, first: float = 1) -> np.ndarray:
    """Clock values: 0, then about `count` points equally spaced in the logarithm from `first` to the end.

    Integer clocks (end an int) give distinct int64 steps, so fewer points where steps are too coarse.
    """
    first = min(first, end)
    points = np.geomspace(first, end, count)
    points[0], points[-1] = first, end  # since geomspace rounds its ends
    if isinstance(end, int):
        points = np.unique(np.rint(points).astype(np.int64))
    return np.insert(points, 0, 0)


def save_points(save: Mapping[str, Any], end: float, first: float = 1) -> np.ndarray:
    """The schedule of a config's `save: {every: n}` or `save: {log: n}`."""
    if "every" in save:
        return every(save["every"], end)
    return logarithmic(save["log"], end, first)
