"""Estimates that several systems need: growth of damage over worlds, where a curve is zero, and where two cross."""

import numpy as np
from scipy import special

from emergent_dynamics import streams
from emergent_dynamics.statistics import Estimate, bounded_mean_interval

LEVEL = 0.95
RESAMPLES = 2000
ENOUGH = 8  # independent units from which on the studentized bootstrap is used; of fewer its tails are a few resamples
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


def expanded_level(n: int) -> float:
    """The level of the lower end of a percentile interval over n units that is as long as Student's.

    Phi(-sqrt(n / (n - 1)) t), t the upper quantile of Student's law with n - 1 degrees. Resampled means vary by
    (n - 1) / n of the estimated variance, and normal quantiles do not allow for its error, so the levels 2.5 and 97.5 %
    give an interval that is too short where n is small (Hesterberg 2015, The American Statistician 69, 371).

    >>> [round(expanded_level(n), 4) for n in (8, 16, 1000)]
    [0.0057, 0.0139, 0.0248]
    """
    return float(special.ndtr(-np.sqrt(n / (n - 1)) * special.stdtrit(n - 1, (1 + LEVEL) / 2)))


def percentile_interval(value: float, resampled: np.ndarray, n: int) -> tuple[Estimate, str]:
    """A value with the expanded percentile interval of its resamples (`expanded_level`), and "".

    n : independent units that were resampled; one has no interval. NaN and the reason if over 5 % are undefined.
    """
    share = float(np.isfinite(resampled).mean())
    if share < FEWEST or not np.isfinite(value):
        return Estimate(np.nan, np.nan, np.nan, n), f"{1 - share:.0%} of the resamples have none"
    if n < 2:
        return Estimate(value, np.nan, np.nan, n), ""
    level = expanded_level(n)
    lo, hi = np.nanquantile(resampled, [level, 1 - level])
    return Estimate(value, min(float(lo), value), max(float(hi), value), n), ""


def skewed_mean_interval(values: np.ndarray, seed: int, stream: str) -> Estimate:
    """Mean of independent values (unit,) in [0, 1] with the studentized bootstrap, for values that are skewed.

    Student's interval misses too often where few values lie far on one side. Here the quantiles of (mean - truth) /
    standard error are those of the resamples (bootstrap t: Efron & Tibshirani 1993, section 12.5; Hesterberg 2015).
    Fewer than `ENOUGH` values, or resamples of equal values in a tail, give `bounded_mean_interval`.
    """
    found = bounded_mean_interval(values)
    if found.n < ENOUGH or not found.standard_error:
        return found
    drawn = np.asarray(values, float)[resamples(found.n, seed, stream)]
    distance = drawn.mean(1) - found.value
    error = np.where(np.ptp(drawn, axis=1) > 0, drawn.std(1, ddof=1) / np.sqrt(found.n), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = distance / error
    low, high = np.quantile(scaled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="inverted_cdf")
    if not np.isfinite([low, high]).all():
        return found
    lo, hi = (found.value - found.standard_error * end for end in (max(high, 0.0), min(low, 0.0)))
    return Estimate(found.value, max(0.0, float(lo)), min(1.0, float(hi)), found.n, found.standard_error)
