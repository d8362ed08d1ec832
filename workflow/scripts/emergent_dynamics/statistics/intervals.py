"""Estimates with their intervals; what cannot be estimated is NaN, never 0."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

LEVEL = 0.95
ROUNDING = 1e-13  # relative; values that differ by less are equal


@dataclass(frozen=True)
class Estimate:
    """A value, its 95 % interval, how many independent units it rests on, and its standard error (None: unknown)."""

    value: float
    lo: float
    hi: float
    n: int
    standard_error: float | None = None

    @property
    def ci(self) -> tuple[float, float] | None:
        """The interval, None where it is undefined."""
        return None if np.isnan(self.lo) or np.isnan(self.hi) else (self.lo, self.hi)


def mean_interval(values: np.ndarray, low: float = -np.inf, high: float = np.inf) -> Estimate:
    """Mean of independent values with Student's t interval; NaN values are left out and not counted.

    low, high : the smallest and largest possible mean, at which the interval is cut. Without a value the mean is NaN;
    with one value the interval is NaN. Values equal to 13 digits have an interval of length 0; if their range is known,
    `bounded_mean_interval` gives a longer one.
    """
    values = np.asarray(values, dtype=float)
    values = values[~np.isnan(values)]
    if values.size == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    mean = float(values.mean())
    if values.size == 1:
        return Estimate(mean, np.nan, np.nan, 1)
    if np.ptp(values) <= ROUNDING * np.abs(values).max():  # equal, though rounding may move their mean
        middle = float(np.median(values))
        return Estimate(middle, middle, middle, int(values.size))
    return mean_interval_of_moments(mean, float(values.std(ddof=1)), int(values.size), low, high)


def mean_interval_of_moments(
    mean: float, deviation: float, n: int, low: float = -np.inf, high: float = np.inf
) -> Estimate:
    """`mean_interval` of n >= 2 values that are not all equal, from their mean and standard deviation (n - 1)."""
    error = float(deviation / np.sqrt(n))
    half = float(special.stdtrit(n - 1, (1 + LEVEL) / 2)) * error
    return Estimate(mean, max(low, mean - half), min(high, mean + half), n, error or None)


def student_p(values: np.ndarray) -> float:
    """Two-sided p-value of Student's t test that independent values (n,) have mean 0; at least two, not all equal.

    >>> round(student_p(np.array([1.0, 2.0, 3.0])), 4)
    0.0742
    """
    error = values.std(ddof=1) / np.sqrt(values.size)
    return float(2 * special.stdtr(values.size - 1, -abs(values.mean() / error)))


def bounded_mean_interval(values: np.ndarray, low: float = 0.0, high: float = 1.0) -> Estimate:
    """Mean of independent values in [low, high]: Student's t interval cut at the range; NaN values are left out.

    Cutting loses no coverage, since the mean lies in the range. Equal values do not make the mean certain: if a share
    s of all values lay at an end of the range, n values would miss it with probability (1 - s)^n. Each side of the
    interval allows the s for which this is 2.5 % (Clopper & Pearson 1934 with no event). Raises ValueError for a value
    outside the range.

    >>> [round(end, 3) for end in bounded_mean_interval(np.ones(64)).ci]
    [0.944, 1.0]
    """
    values = np.asarray(values, dtype=float)
    values = values[~np.isnan(values)]
    rounding = 1e-12 * max(abs(low), abs(high))
    if values.size and (values.min() < low - rounding or values.max() > high + rounding):
        raise ValueError(
            f"values from {values.min()} to {values.max()}: every value must lie in [{low}, {high}]"
        )
    found = mean_interval(np.clip(values, low, high))
    if found.n < 2:
        return found
    if found.standard_error is None:
        missed = 1 - ((1 - LEVEL) / 2) ** (1 / found.n)
        down, up = missed * (found.value - low), missed * (high - found.value)
        return Estimate(found.value, found.value - down, found.value + up, found.n)
    return Estimate(found.value, max(low, found.lo), min(high, found.hi), found.n, found.standard_error)


def unskewed_mean_interval(values: np.ndarray, low: float = 0.0, high: float = 1.0) -> Estimate:
    """Mean of independent values in [low, high] that are skewed over runs; NaN values are left out.

    Student's interval misses too often where few values lie far on one side: it holds the mean of 8 exponential values
    in 90 % of cases. A cubic function of Student's t, with the skewness of the sample, has no skewness to the order 1/n
    (Hall 1992, J R Stat Soc B 54:221, equation 2.4); its inverse is taken at the quantiles of Student's law. Where
    `bounded_mean_interval` does not rest on a standard error, it is returned.

    >>> [round(end, 3) for end in unskewed_mean_interval(np.array([0.1, 0.1, 0.1, 0.15, 0.1, 0.12, 0.2, 0.5])).ci]
    [0.094, 0.566]
    """
    found = bounded_mean_interval(values, low, high)
    if found.n < 3 or not found.standard_error:
        return found
    from_mean = np.asarray(values, dtype=float) - found.value
    from_mean = from_mean[~np.isnan(from_mean)]
    skewness = float((from_mean**3).mean() / (from_mean**2).mean() ** 1.5) / np.sqrt(found.n)
    t = special.stdtrit(found.n - 1, (1 + LEVEL) / 2)
    # with less skewness the root loses more digits than the skewness moves the ends
    if abs(skewness) > ROUNDING ** (1 / 3):
        root = np.cbrt(1 + skewness * (np.array([t, -t]) - skewness / 6))
        ends = found.value - found.standard_error * 3 / skewness * (root - 1)
    else:
        ends = found.value - found.standard_error * np.array([t, -t])
    lo, hi = np.clip(ends, low, high)
    return Estimate(found.value, float(lo), float(hi), found.n, found.standard_error)


def deviation_interval(values: np.ndarray) -> Estimate:
    """Standard deviation (n - 1) of independent values with the chi-square interval; NaN values are left out.

    The interval is exact for a normal law and too short for heavy tails, whatever n is. One value gives NaN. Equal
    values give 0 without an interval, since that of chi-square would have length 0.
    """
    values = np.asarray(values, dtype=float)
    values = values[~np.isnan(values)]
    freedom = values.size - 1
    if freedom < 1:
        return Estimate(np.nan, np.nan, np.nan, int(values.size))
    deviation = float(values.std(ddof=1))
    if deviation == 0:
        return Estimate(0.0, np.nan, np.nan, int(values.size))
    tails = np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    lo, hi = deviation * np.sqrt(freedom / special.chdtri(freedom, tails))
    return Estimate(
        deviation, float(lo), float(hi), int(values.size), float(deviation / np.sqrt(2 * freedom))
    )


def proportion_interval(successes: int, trials: int) -> Estimate:
    """A share with the exact interval of Clopper & Pearson 1934; NaN without a trial."""
    if trials == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    from scipy import stats  # importing it takes a second, and most jobs do not need it

    interval = stats.binomtest(int(successes), int(trials)).proportion_ci(LEVEL, method="exact")
    return Estimate(successes / trials, float(interval.low), float(interval.high), int(trials))


def quotient_interval(parts: tuple[float, float], covariance: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of a numerator over a denominator, both normal (Fieller 1954, J R Stat Soc B 16:175).

    parts : estimates of numerator and denominator. covariance : theirs, (2, 2). The interval has the quotients q for
    which numerator - q denominator is within 1.96 of its standard errors of 0. NaN where these are unbounded, since the
    denominator is not significantly different from 0: then no bounded interval covers (Gleser & Hwang 1987).

    >>> [round(end, 3) for end in quotient_interval((2.0, 1.0), np.diag([0.01, 0.04]))]
    [1.413, 3.314]
    """
    top, bottom = parts
    z = special.ndtri((1 + LEVEL) / 2) ** 2
    square = bottom**2 - z * covariance[1, 1]
    half = top * bottom - z * covariance[0, 1]
    if not square > 0:  # also if one is NaN
        return np.nan, np.nan
    root = np.sqrt(half**2 - square * (top**2 - z * covariance[0, 0]))
    return float((half - root) / square), float((half + root) / square)


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
            warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # a percentile interval follows
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
