"""Intervals of quantities that need several runs or blocks together: the jackknife, and the maximum of a curve."""

from collections.abc import Sequence

import numpy as np
from scipy import special

from emergent_dynamics.statistics import Estimate

FEWEST_RUNS = 8  # smallest number of runs for a bootstrap, which has too few distinct resamples with fewer
RESAMPLES = 2000


def jackknife(value: float, left_out: np.ndarray) -> Estimate:
    """Return `value` with Student's t interval, from the values (unit,) without one run or block each.

    Source: Tukey 1958; the error is sqrt((n - 1) / n sum (x_i - mean)^2). The ends are NaN with fewer than two units.
    """
    n = left_out.size
    if n < 2:
        return Estimate(float(value), np.nan, np.nan, n)
    error = np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
    half = special.stdtrit(n - 1, 0.975) * error
    return Estimate(float(value), float(value - half), float(value + half), n, float(error))


def place_of_largest(control: Sequence[float] | np.ndarray, curves: np.ndarray, seed: int) -> Estimate:
    """Return the control value at which the mean curve is largest, with a bootstrap interval over the runs.

    control : (point,) in ascending order. curves : (point, run); NaN values are left out of a mean. The interval goes
    from the point of the grid below the 2.5 % quantile of the resampled positions to the point above the 97.5 %
    quantile, since the maximum of a curve with one peak lies between the neighbours of the largest point. It is cut at
    the ends of the grid. Its ends are NaN with fewer than 8 runs.
    """
    grid, runs = np.asarray(control, float), curves.shape[1]
    if np.isnan(curves).all():
        return Estimate(np.nan, np.nan, np.nan, runs)
    value = float(grid[_largest(curves[None])[0]])
    if runs < FEWEST_RUNS:
        return Estimate(value, np.nan, np.nan, runs)
    drawn = np.random.default_rng(seed).integers(0, runs, (RESAMPLES, runs))
    places = _largest(curves[:, drawn].transpose(1, 0, 2))
    low, high = np.quantile(places, [0.025, 0.975], method="inverted_cdf").astype(int)
    last = grid.size - 1
    return Estimate(value, float(grid[max(0, low - 1)]), float(grid[min(last, high + 1)]), runs)


def _largest(curves: np.ndarray) -> np.ndarray:
    """Return (sample,) the index of the point at which the mean over runs of curves (sample, point, run) is largest."""
    known = ~np.isnan(curves)
    counted = known.sum(-1)
    mean = np.where(known, curves, 0.0).sum(-1) / np.maximum(counted, 1)
    return np.where(counted > 0, mean, -np.inf).argmax(-1)
