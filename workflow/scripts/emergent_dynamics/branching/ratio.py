"""Branching ratio from activity, by the estimators in use, and what each of them should return.

A is the number of active units per step. One-step estimators are wrong under subsampling and, in a network of
finite depth, even under full sampling; the multistep (MR) regression is not. Wilting & Priesemann 2018, Nat
Commun 9:2325.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from scipy import fft, stats
from scipy.optimize import minimize_scalar

BLOCKS = 20  # of the jackknife behind every interval


@dataclass(frozen=True)
class Estimate:
    """A branching ratio (per step) with its 95 % interval by the block jackknife; NaN with a reason if
    undefined.
    """

    value: float
    lo: float
    hi: float
    reason: str = ""


@dataclass(frozen=True)
class Lagged:
    """Sums over pairs (t, t + lag), by block of t: products (block, lag) of deviations from the mean, and
    pairs (block, lag).
    """

    products: np.ndarray
    pairs: np.ndarray

    def slopes(self, without: int | None = None) -> np.ndarray:
        """(lag,) r_k, the slope of A_{t+k} on A_t, optionally leaving out one block; r_0 = 1."""
        keep = np.arange(len(self.products)) != (-1 if without is None else without)
        covariance = self.products[keep].sum(0) / self.pairs[keep].sum(0)
        return covariance / covariance[0]


def pooled(tables: list[Lagged]) -> Lagged:
    """The blocks of several runs together."""
    return Lagged(np.concatenate([t.products for t in tables]), np.concatenate([t.pairs for t in tables]))


def lagged(activity: np.ndarray, lags: int, blocks: int = BLOCKS) -> Lagged:
    """Lagged products of A by Fourier transform, lags 0 to `lags`: a stationary series, one mean for all.

    Each block is correlated with itself and what follows it, so the blocks add up to the whole series.
    """
    deviation = activity - activity.mean()
    edges = np.linspace(0, deviation.size, blocks + 1).astype(np.int64)
    products, pairs = np.empty((blocks, lags + 1)), np.empty((blocks, lags + 1))
    for b, (start, stop) in enumerate(itertools.pairwise(edges)):
        after = deviation[start : stop + lags]
        size = fft.next_fast_len(after.size + lags, real=True)
        spectrum = np.conj(fft.rfft(deviation[start:stop], size)) * fft.rfft(after, size)
        products[b] = fft.irfft(spectrum, size)[: lags + 1]
        pairs[b] = np.clip(deviation.size - start - np.arange(lags + 1), 0, stop - start)
    return Lagged(products, pairs)


def fit_decay(slopes: np.ndarray, first: int = 1) -> tuple[float, float]:
    """m and b of r_k = b m^k, least squares over k >= first; b is eliminated, m = exp(-1 / tau) found between
    tau = 0.05 and 1e6.
    """
    k = np.arange(first, slopes.size)
    seen = slopes[first:]

    def amplitude(log_time: float) -> tuple[np.ndarray, float]:
        decay = np.exp(-k * np.exp(-log_time))
        return decay, float(seen @ decay / (decay @ decay))

    def misfit(log_time: float) -> float:
        decay, b = amplitude(log_time)
        return float(((seen - b * decay) ** 2).sum())

    grid = np.linspace(np.log(0.05), np.log(1e6), 60)
    best = int(np.argmin([misfit(x) for x in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    log_time = float(
        minimize_scalar(misfit, bounds=(low, high), method="bounded", options={"xatol": 1e-10}).x
    )
    return float(np.exp(-np.exp(-log_time))), amplitude(log_time)[1]


def _jackknife(value: float, left_out: np.ndarray) -> Estimate:
    n = left_out.size
    error = np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
    half = stats.t.ppf(0.975, n - 1) * error
    return Estimate(value, value - half, value + half)


def one_step(table: Lagged) -> Estimate:
    """Slope of A_{t+1} on A_t."""
    return _jackknife(table.slopes()[1], np.array([table.slopes(b)[1] for b in range(len(table.products))]))


def multistep(table: Lagged) -> Estimate:
    """MR estimator: m of r_k = b m^k; b takes up what subsampling loses."""
    left_out = [fit_decay(table.slopes(b))[0] for b in range(len(table.products))]
    return _jackknife(fit_decay(table.slopes())[0], np.array(left_out))


def descendants(activity: np.ndarray, blocks: int = BLOCKS) -> Estimate:
    """Mean of A_{t+1} / A_t over steps with A_t > 0: descendants per ancestor as in Beggs & Plenz 2003."""
    before, after = activity[:-1], activity[1:]
    active = before > 0
    if active.sum() < 2 * blocks:
        return Estimate(np.nan, np.nan, np.nan, "too few active steps")
    quotient = after[active] / before[active]
    groups = np.array_split(quotient, blocks)
    total, n = quotient.sum(), quotient.size
    return _jackknife(total / n, np.array([(total - g.sum()) / (n - g.size) for g in groups]))


def causal(profile: np.ndarray) -> np.ndarray:
    """(...,) offspring per active neuron that could have some, from summed counts by layer (..., layer):
    sum_{l>0} k / sum_{l<L-1} k.
    """
    return profile[..., 1:].sum(-1) / profile[..., :-1].sum(-1)
