"""Estimators of the branching ratio from activity, and the value that each of them should return.

A is the number of active units per step. One-step estimators are wrong under subsampling and, in a network of finite
depth, even under full sampling; the multistep (MR) regression is not affected by subsampling. Source: Wilting &
Priesemann 2018, Nat Commun 9:2325.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import fft, special

from emergent_dynamics.branching import series
from emergent_dynamics.branching.resampling import jackknife
from emergent_dynamics.branching.tally import Tally
from emergent_dynamics.statistics import Estimate

BLOCKS = 20  # number of blocks of the jackknife that gives every interval


@dataclass(frozen=True)
class Ratio(Estimate):
    """A branching ratio (per step) with its 95 % interval; NaN with a reason if it is undefined.

    n : the number of blocks of the jackknife, or of avalanches.
    """

    reason: str = ""

    def columns(self, expected: float, n: int) -> dict[str, object]:
        """Return this ratio as a row of a table. n : frames or avalanches; `units` of them count as independent."""
        interval = {"value": self.value, "lo": self.lo, "hi": self.hi}
        return interval | {"expected": expected, "n": n, "units": self.n, "reason": self.reason}


def undefined(reason: str) -> Ratio:
    """Return an undefined branching ratio."""
    return Ratio(np.nan, np.nan, np.nan, 0, reason=reason)


@dataclass(frozen=True)
class Lagged:
    """Sums over pairs (t, t + lag), by block of t: products (block, lag) of deviations from the mean, and the number
    of pairs (block, lag).
    """

    products: np.ndarray
    pairs: np.ndarray

    def slopes(self) -> np.ndarray:
        """Return (lag,) the slopes r_k of A_{t+k} on A_t; r_0 = 1."""
        return _normalised(self.products.sum(0) / self.pairs.sum(0))

    def slopes_without(self) -> np.ndarray:
        """Return (block, lag) the same slopes with each block left out in turn."""
        kept = self.products.sum(0) - self.products, self.pairs.sum(0) - self.pairs
        return _normalised(kept[0] / kept[1])


def _normalised(covariance: np.ndarray) -> np.ndarray:
    return covariance / covariance[..., :1]


def pooled(tables: list[Lagged]) -> Lagged:
    """Return the blocks of several runs together."""
    return Lagged(np.concatenate([t.products for t in tables]), np.concatenate([t.pairs for t in tables]))


def lagged(activity: np.ndarray, lags: int, blocks: int = BLOCKS) -> Lagged:
    """Return sums of lagged products of a stationary activity (time,) about its mean, for lags 0 to `lags`.

    The sums are computed by Fourier transforms of segments, and separately for `blocks` stretches of the series,
    which the jackknife leaves out in turn. Stretches differ in length by at most one segment. A pair of times belongs
    to the stretch of the earlier one, so that the sum over stretches is that of the whole series. A series of fewer
    segments than `blocks` has one stretch per segment. Source of the method: Rader 1970, IEEE Trans Audio
    Electroacoust 18:439.
    """
    # There is one transform per segment, of twice its length: that of a segment with its successor is x_i +
    # (-1)^f x_{i+1}. This is 2.5 times as fast as one long transform (1e5 steps, 300 lags), since a block
    # stays in the second-level cache.
    segment = 1 << max((max(lags, 2) - 1).bit_length(), min(9, (activity.size // blocks).bit_length() - 1))
    count, mean = -(-activity.size // segment), series.mean(activity)
    cuts = series.cuts(count, min(blocks, count)) * segment
    spectra, pairs = (
        np.empty((cuts.size - 1, segment + 1), np.complex128),
        np.empty((cuts.size - 1, lags + 1)),
    )
    for b, (start, end) in enumerate(itertools.pairwise(cuts.tolist())):
        stop = min(end, activity.size)
        spectra[b] = _spectrum(activity, (start, stop), segment, mean)
        pairs[b] = np.clip(activity.size - start - np.arange(lags + 1), 0, stop - start)
    return Lagged(fft.irfft(spectra, 2 * segment)[:, : lags + 1], pairs)


def _spectrum(activity: np.ndarray, stretch: tuple[int, int], segment: int, mean: float) -> np.ndarray:
    """Return (frequency,) the sum over the segments of a stretch of their spectra with themselves and their successors.

    Segments are added one by one, so that the bits do not depend on how many of them are in memory; `einsum` forms
    their products, since NumPy's product of complex numbers rounds differently where the processor can fuse.
    """
    start, stop = stretch
    sign = 1.0 - 2.0 * (np.arange(segment + 1) % 2)
    cross, power = np.zeros(segment + 1, np.complex128), np.zeros(2 * segment + 2)
    length = max(1, series.PIECE // segment) * segment
    for first in range(start, stop, length):
        last = min(first + length, stop)
        deviation = np.zeros((-(-(last - first) // segment) + 1, segment))
        seen = activity[first : last + segment]
        deviation.reshape(-1)[: seen.size] = seen - mean
        series.release(activity)
        x = fft.rfft(deviation, 2 * segment)
        parts = x[:-1].view(np.float64)
        products = np.einsum("sf,sf->sf", x[:-1].conj(), x[1:]), np.einsum("sf,sf->sf", parts, parts)
        for between, within in zip(*products, strict=True):
            cross += between
            power += within
    return cross * sign + power.reshape(-1, 2).sum(1)


def fit_decay(slopes: np.ndarray) -> tuple[float, float]:
    """Return m and b of r_k = b m^k for slopes (lag,), by least squares over k >= 1; NaN and 0 if all these slopes
    are 0.
    """
    if not slopes[1:].any():
        return np.nan, 0.0
    m, b = decays(slopes[None])
    return float(m[0]), float(b[0])


def decays(slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return m (row,) and b (row,) of r_k = b m^k for slopes (row, lag), each by least squares over k >= 1.

    For a given m the best b is s.e / e.e with e_k = m^k = exp(-k / time), so that (s.e)^2 / e.e has to be maximised
    over the time: on a grid of times from 0.05 to 1e6 steps, then by Newton's method on the rate 1 / time, or by
    bisection where Newton's step leaves the cell of the grid.
    """
    seen = slopes[:, 1:]
    k = np.arange(1.0, slopes.shape[1])
    powers = k[:, None] ** np.arange(3)
    grid = np.geomspace(1e-6, 20.0, 60)  # rates, per step
    decay = np.exp(-np.outer(grid, k))
    best = ((seen @ decay.T) ** 2 / (decay**2).sum(1)).argmax(1)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, grid.size - 1)]
    rate = grid[best]
    for _ in range(60):
        decay = np.exp(-np.outer(rate, k))
        weighted, power = seen * decay, decay**2
        p0, p1, p2 = (weighted @ powers).T
        q0, q1, q2 = (power @ powers * [1.0, 2.0, 4.0]).T
        slope = q1 / q0 - 2.0 * p1 / p0  # derivative of log (s.e)^2 / e.e
        bend = 2.0 * (p2 / p0 - (p1 / p0) ** 2) - (q2 / q0 - (q1 / q0) ** 2)
        low, high = np.where(slope > 0, rate, low), np.where(slope > 0, high, rate)
        newton = rate - slope / np.where(bend < 0, bend, -np.inf)
        after = np.where((newton > low) & (newton < high), newton, np.sqrt(low * high))
        settled = np.abs(after - rate) <= 1e-9 * rate
        rate = after
        if settled.all():
            break
    decay = np.exp(-np.outer(rate, k))
    return np.exp(-rate), (seen * decay).sum(1) / (decay**2).sum(1)


def _jackknife(value: float, left_out: np.ndarray) -> Ratio:
    estimate = jackknife(value, left_out)
    return Ratio(estimate.value, estimate.lo, estimate.hi, estimate.n, estimate.standard_error)


def one_step(table: Lagged) -> Ratio:
    """Return the slope of A_{t+1} on A_t."""
    return _jackknife(table.slopes()[1], table.slopes_without()[:, 1])


def multistep(table: Lagged) -> Ratio:
    """Return the MR estimate: m of r_k = b m^k, where b absorbs the effect of subsampling."""
    m, _ = decays(np.vstack([table.slopes(), table.slopes_without()]))
    return _jackknife(float(m[0]), m[1:])


def descendants(activity: np.ndarray, blocks: int = BLOCKS) -> Ratio:
    """Return the mean of A_{t+1} / A_t over steps with A_t > 0: descendants per ancestor as in Beggs & Plenz 2003."""
    n = sum(int(np.count_nonzero(before > 0)) for before in series.pieces(activity, 0, activity.size - 1))
    if n < 2 * blocks:
        return undefined("too few active steps")
    total = series.Sums(_quotients(activity)).add(n)
    sizes, parts = np.diff(series.cuts(n, blocks)), series.Sums(_quotients(activity))
    return _jackknife(
        total / n, np.array([(total - parts.add(size)) / (n - size) for size in sizes.tolist()])
    )


def _quotients(activity: np.ndarray) -> Iterator[np.ndarray]:
    """Iterate over A_{t+1} / A_t of the steps with A_t > 0, a piece at a time."""
    for first in range(0, activity.size - 1, series.PIECE):
        seen = activity[first : first + series.PIECE + 1]
        active = seen[:-1] > 0
        yield seen[1:][active] / seen[:-1][active]
        series.release(activity)


def causal(profile: np.ndarray) -> np.ndarray:
    """Return (...,) the offspring per active neuron, of those neurons that could have offspring, from summed counts by
    layer (..., layer): sum_{l>0} k / sum_{l<L-1} k.
    """
    return profile[..., 1:].sum(-1) / profile[..., :-1].sum(-1)


def causal_in(tally: Tally, neurons: int) -> Ratio:
    """Return `causal` of avalanches from one root in a network whose last layer has `neurons`, with its interval.

    The error is that of a ratio of means over avalanches: the standard deviation of (offspring - R ancestors) over
    the mean number of ancestors. An avalanche that dies inside the network has S - 1 offspring of S ancestors, so the
    sums of S and S^2 give it. In one that reaches the last layer, the k neurons active there have no layer to
    activate, and only the mean m of k is stored; with Var k <= m (N - m) (Bhatia & Davis 2000, Am Math Monthly
    107:353) and Minkowski's inequality the error is an upper bound.
    """
    ancestors, n = float(tally.profile[:, :-1].sum()), tally.n
    if ancestors == 0:
        return undefined("no avalanches")
    value = float(causal(tally.profile.sum(0)))
    inside = slice(None, -1)
    deviation = (
        (1 - value) ** 2 * tally.size_square_sum[inside]
        - 2 * (1 - value) * tally.size_sum[inside]
        + tally.durations[inside]
    ).sum()
    reached = int(tally.durations[-1])
    if reached:
        size, last = tally.size_sum[-1] / reached, tally.profile[-1, -1] / reached
        spread = np.sqrt(max(tally.size_square_sum[-1] / reached - size**2, 0.0))
        spread = abs(1 - value) * spread + value * np.sqrt(max(last * (neurons - last), 0.0))
        deviation += reached * (((1 - value) * size - 1 + value * last) ** 2 + spread**2)
    error = float(np.sqrt(deviation)) / ancestors
    half = special.ndtri(0.975) * error
    return Ratio(value, max(0.0, value - half), value + half, n, error)
