"""A discrete power law without an upper end, P(x) = x^-a / zeta(a, lowest), and the choice of its lowest value.

Source: Clauset, Shalizi & Newman 2009, SIAM Rev 51:661, for maximum likelihood (eq. 3.5) and for the lowest value
with the smallest Kolmogorov-Smirnov distance (section 3.3). A law with an upper end is fitted by `exponents.fit`.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from emergent_dynamics.branching import exponents
from emergent_dynamics.statistics import Estimate

MOST_STARTS = 400  # most values that are tried as the lowest; more are thinned out evenly in rank
FEWEST_ABOVE = 10  # fewest values from the lowest one on; any law would fit fewer
STEEPEST = 20.0
LARGEST = 1_000_000  # largest number of values that a truncated fit or a comparison evaluates one by one
NOTHING = "fewer than two distinct values in the window"


@dataclass(frozen=True)
class Sample:
    """A sample of positive whole numbers: the distinct values (x,) in ascending order and how often each occurs
    (x,).
    """

    values: np.ndarray
    counts: np.ndarray

    @classmethod
    def from_numbers(cls, numbers: np.ndarray) -> "Sample":
        """Count the values of numbers (n,); those below 1 are left out."""
        numbers = np.asarray(numbers)
        return cls(*np.unique(numbers[numbers >= 1].astype(np.int64), return_counts=True))

    def histogram(self, largest: int) -> np.ndarray:
        """Return (largest + 1,) the counts of 0, 1, ...; larger values are left out."""
        found = np.zeros(largest + 1, np.int64)
        kept = self.values <= largest
        found[self.values[kept]] = self.counts[kept]
        return found


@dataclass(frozen=True)
class Tail:
    """An exponent with its interval, its window (highest None: no upper end), and the reason why it is NaN, or "".

    The interval takes the window as given; it does not include the uncertainty of a lowest value that was searched.
    """

    estimate: Estimate
    lowest: int
    highest: int | None
    reason: str = ""


def fit(sample: Sample, lowest: int | None, highest: int | None) -> Tail:
    """Fit the exponent from `lowest` (None: searched) to `highest` (None: no upper end)."""
    start = lowest_value(sample) if lowest is None else lowest
    if highest is not None:
        bounded = exponents.fit(sample.histogram(highest), start, highest)
        return Tail(bounded.estimate, start, highest, bounded.reason)
    inside = sample.values >= start
    n = int(sample.counts[inside].sum())
    if np.count_nonzero(inside) < 2:
        return Tail(Estimate(np.nan, np.nan, np.nan, n), start, None, NOTHING)
    exponent = _exponent(float(np.log(sample.values[inside]) @ sample.counts[inside]) / n, start)
    return Tail(exponents.wald(exponent, _error(exponent, start, n), n), start, None)


def lowest_value(sample: Sample) -> int:
    """Return the lowest value for which the fitted law is closest to the distribution of the sample above it.

    The result is 1 where no value can be tried, because too few values lie above it.
    """
    above = sample.counts[::-1].cumsum()[::-1]
    starts = np.flatnonzero(above >= FEWEST_ABOVE)
    starts = starts[starts < sample.values.size - 1]
    if not starts.size:
        return 1
    if starts.size > MOST_STARTS:
        starts = starts[np.linspace(0, starts.size - 1, MOST_STARTS).round().astype(int)]
    distances = [distance(sample, int(i)) for i in starts]
    return int(sample.values[starts[int(np.argmin(distances))]])


def distance(sample: Sample, start: int) -> float:
    """Return the largest distance between the distribution function of the values from number `start` on and that of
    the law fitted to them.
    """
    x, counts = sample.values[start:], sample.counts[start:]
    n, lowest = counts.sum(), int(x[0])
    exponent = _exponent(float(np.log(x) @ counts) / n, lowest)
    law = 1.0 - special.zeta(exponent, x + 1.0) / special.zeta(exponent, lowest)
    return float(np.abs(counts.cumsum() / n - law).max())


def _exponent(mean_log: float, lowest: int) -> float:
    """Return the most likely exponent, to ten digits: the one for which the law has the mean logarithm of the
    sample.
    """

    def excess(a: float) -> float:
        return mean_log - _mean_log(a, lowest)

    return (
        float(optimize.brentq(excess, 1.0 + 1e-6, STEEPEST, xtol=1e-11)) if excess(STEEPEST) > 0 else STEEPEST
    )


def _mean_log(a: float, lowest: int) -> float:
    """E[ln x] = -d ln zeta(a, lowest) / da, by a central difference of fourth order (error below 1e-10)."""
    step = 1e-3 * min(1.0, a - 1.0)
    near, far = (
        np.log(special.zeta(a - k * step, lowest)) - np.log(special.zeta(a + k * step, lowest))
        for k in (1, 2)
    )
    return float((8.0 * near - far) / (12.0 * step))


def _error(a: float, lowest: int, n: int) -> float:
    """Return the standard error of the exponent, 1 / sqrt(n Var[ln x])."""
    step = 1e-3 * min(1.0, a - 1.0)
    variance = (_mean_log(a - step, lowest) - _mean_log(a + step, lowest)) / (2 * step)
    return float(1.0 / np.sqrt(n * variance))
