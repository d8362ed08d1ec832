"""Estimates with their intervals; what cannot be estimated is NaN, never 0."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value, its 95 % interval and how many independent units it rests on."""

    value: float
    lo: float
    hi: float
    n: int

    @property
    def ci(self) -> tuple[float, float] | None:
        """The interval, None where it is undefined."""
        return None if np.isnan(self.lo) or np.isnan(self.hi) else (self.lo, self.hi)


def mean_interval(values: np.ndarray) -> Estimate:
    """Mean of independent values with Student's t interval; NaN values are left out and not counted.

    No value: NaN. One value: the interval is NaN. Equal values: an interval of length 0.
    """
    values = np.asarray(values, dtype=float)
    values = values[~np.isnan(values)]
    if values.size == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    mean = float(values.mean())
    if values.size == 1:
        return Estimate(mean, np.nan, np.nan, 1)
    half = special.stdtrit(values.size - 1, (1 + LEVEL) / 2) * values.std(ddof=1) / np.sqrt(values.size)
    return Estimate(mean, mean - float(half), mean + float(half), int(values.size))


def proportion_interval(successes: int, trials: int) -> Estimate:
    """A share with the exact interval of Clopper & Pearson 1934; NaN without a trial."""
    if trials == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    from scipy import stats  # costs a second, which most jobs would pay for nothing

    interval = stats.binomtest(int(successes), int(trials)).proportion_ci(LEVEL, method="exact")
    return Estimate(successes / trials, float(interval.low), float(interval.high), int(trials))


def bootstrap_interval(
    values: np.ndarray, statistic: Callable[..., np.ndarray], seed: int, resamples: int = 2000
) -> Estimate:
    """Bias-corrected accelerated bootstrap (Efron 1987) over the first axis; percentile where BCa is undefined.

    statistic : takes (..., n) values and an `axis` keyword, as numpy's reductions do.
    """
    from scipy import stats

    values = np.asarray(values)
    value = float(statistic(values, axis=0))
    if len(values) < 2:
        return Estimate(value, np.nan, np.nan, len(values))
    for method in ("BCa", "percentile"):
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # then the percentile method follows
            interval = stats.bootstrap(
                (values,),
                statistic,
                n_resamples=resamples,
                confidence_level=LEVEL,
                method=method,
                rng=np.random.default_rng(seed),
                axis=0,
            ).confidence_interval
        if np.isfinite(interval.low) and np.isfinite(interval.high):
            break
    return Estimate(value, float(interval.low), float(interval.high), len(values))
