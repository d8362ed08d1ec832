"""Avalanche shapes: the mean activity t layers after the start of avalanches of duration D, and the gamma that
collapses them.

<A(t | D)> = D^(gamma - 1) F(t / D); in mean field F is a parabola. Sources: Marshall et al. 2016, Front Physiol
7:250; Papanikolaou et al. 2011, Nat Phys 7:316.
"""

import numpy as np
from scipy.optimize import minimize_scalar

GRID = np.linspace(0.0, 1.0, 101)


def mean_profile(profile: np.ndarray, durations: np.ndarray) -> np.ndarray:
    """Return (d, layer) mean counts, from summed counts (d, layer) and numbers of avalanches (d,); NaN for durations
    that do not occur.
    """
    seen = durations[:, None] > 0
    return np.where(seen, profile / np.where(seen, durations[:, None], 1), np.nan)


def rescaled(mean: np.ndarray, durations: np.ndarray, gamma: float) -> np.ndarray:
    """Return (duration, GRID) the shapes D^(1 - gamma) <A(t | D)> at t / D.

    A layer stands for the middle of its time step; values between are interpolated linearly.
    """
    rows = []
    for d in durations:
        x = np.concatenate([[0.0], (np.arange(d) + 0.5) / d, [1.0]])
        rows.append(d ** (1.0 - gamma) * np.interp(GRID, x, np.concatenate([[0.0], mean[d, :d], [0.0]])))
    return np.array(rows)


def collapse_error(mean: np.ndarray, durations: np.ndarray, gamma: float) -> float:
    """Return the mean variance over durations, divided by the squared range of the mean collapsed shape (Marshall et
    al. 2016, eq. 8).
    """
    shapes = rescaled(mean, durations, gamma)
    return float(shapes.var(0).mean() / np.ptp(shapes.mean(0)) ** 2)


def collapse(mean: np.ndarray, lowest: int, highest: int) -> float:
    """Return the gamma with the smallest `collapse_error` over lowest <= D <= highest; NaN if fewer than 3 durations
    occur.
    """
    durations = np.arange(lowest, min(highest, len(mean) - 1) + 1)
    durations = durations[np.isfinite(mean[durations, 0])]
    if durations.size < 3:
        return np.nan
    best = minimize_scalar(
        lambda gamma: collapse_error(mean, durations, gamma), bounds=(0.5, 3.5), method="bounded"
    )
    return float(best.x)
