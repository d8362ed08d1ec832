"""Estimates that several systems need: growth of damage over worlds, where a curve is zero, and where two cross."""

import numpy as np
from scipy import special

from emergent_dynamics import streams
from emergent_dynamics.statistics import Estimate

LEVEL = 0.95
RESAMPLES = 2000
FEWEST = 0.95  # share of the resamples that must have a zero, or there is no interval


def unseen(trials: int) -> float:
    """The largest share of cases of which none would be met in `trials` independent ones with probability 5 %.

    >>> round(unseen(100), 4)  # the rule of three: 3 / n
    0.0295
    """
    return float(-np.expm1(np.log1p(-LEVEL) / trials))


def log_mean_rate(damage: np.ndarray, window: float) -> Estimate:
    """ln of the mean damage over `window`, per unit of it, with Student's interval of the jackknife over worlds.

    damage : (world, twin), units that differ after a disturbance of one unit; a healed twin counts as 0. Twins of a
    world are not independent, so worlds are left out one at a time (Quenouille 1956). All healed: NaN.

    >>> log_mean_rate(np.full((4, 3), np.e), 1.0).value
    1.0
    """
    means = np.asarray(damage, float).mean(1)
    worlds = len(means)
    if not means.sum() > 0:
        return Estimate(np.nan, np.nan, np.nan, worlds)
    value = float(np.log(means.mean()) / window)
    left = (means.sum() - means) / max(1, worlds - 1)
    if worlds < 2 or not (left > 0).all():
        return Estimate(value, np.nan, np.nan, worlds)
    parts = np.log(left) / window
    error = float(np.sqrt((worlds - 1) / worlds * ((parts - parts.mean()) ** 2).sum()))
    half = float(special.stdtrit(worlds - 1, (1 + LEVEL) / 2)) * error
    return Estimate(value, value - half, value + half, worlds, error or None)


def resamples(n: int, seed: int, stream: str, count: int = RESAMPLES) -> np.ndarray:
    """(count, n) indices drawn with replacement from n units; equal arguments give equal indices."""
    return streams.integers(seed, stream, 0, 0, count * n, n).reshape(count, n)


def zero(control: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Where a straight line through (control, value) is zero, by least squares; value (..., control), returns (...).

    NaN where the line does not rise.
    """
    x = np.asarray(control, float)
    centred = x - x.mean()
    slope = (value * centred).sum(-1) / (centred**2).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        found = x.mean() - np.asarray(value).mean(-1) / slope
    return np.where(slope > 0, found, np.nan)


def crossing(control: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Where a difference of two curves first turns from negative to positive, by linear interpolation.

    control : (control,) rising. difference : (..., control). Returns (...), NaN where it does not turn.
    """
    x, d = np.asarray(control, float), np.asarray(difference, float)
    turns = (d[..., :-1] < 0) & (d[..., 1:] >= 0)
    first = turns.argmax(-1)[..., None]
    below, above = np.take_along_axis(d, first, -1), np.take_along_axis(d, first + 1, -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (x[first] + (x[first + 1] - x[first]) * below / (below - above))[..., 0]
    return np.where(turns.any(-1), found, np.nan)


def percentile_interval(value: float, resampled: np.ndarray, n: int) -> tuple[Estimate, str]:
    """A value with the percentile interval of its resamples, and ""; NaN and the reason if over 5 % are undefined."""
    share = float(np.isfinite(resampled).mean())
    if share < FEWEST or not np.isfinite(value):
        return Estimate(np.nan, np.nan, np.nan, n), f"{1 - share:.0%} of the resamples have none"
    lo, hi = np.nanpercentile(resampled, [100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2])
    return Estimate(value, min(float(lo), value), max(float(hi), value), n), ""
