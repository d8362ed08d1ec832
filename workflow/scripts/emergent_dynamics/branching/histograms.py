"""Histograms: their mean, logarithmic bins, and a test how well a law describes them."""

import numpy as np
from scipy import special

from emergent_dynamics.statistics import Estimate, bounded_mean_interval


def mean(histogram: np.ndarray, lowest: int, highest: int) -> Estimate:
    """Return the mean of independent values 0, 1, ... given as counts (x,), with Student's t interval cut at [lowest,
    highest].

    The result is that of `statistics.bounded_mean_interval` for the single values.
    """
    n, x = int(histogram.sum()), np.arange(histogram.size)
    value = float(histogram @ x) / n if n else np.nan
    square = float(histogram @ (x - value) ** 2) if n > 1 else 0.0
    if square == 0.0:
        return bounded_mean_interval(np.full(n, value), lowest, highest)
    error = float(np.sqrt(square / (n - 1) / n))
    half = float(special.stdtrit(n - 1, 0.975)) * error
    return Estimate(value, max(lowest, value - half), min(highest, value + half), n, error)


def goodness(sizes: np.ndarray, law: np.ndarray) -> float:
    """Return p of the chi-squared test of a histogram (s,) against probabilities (s,).

    Neighbouring classes are joined until at least 10 events are expected in each.
    """
    observed, wanted = [0.0], [0.0]
    for o, w in zip(sizes, sizes.sum() * law, strict=True):
        if wanted[-1] >= 10:
            observed.append(0.0)
            wanted.append(0.0)
        observed[-1] += o
        wanted[-1] += w
    if len(wanted) < 3:
        return np.nan
    observed[-2:], wanted[-2:] = [sum(observed[-2:])], [sum(wanted[-2:])]  # the last class may be too small
    wanted_array = np.array(wanted) * sum(observed) / sum(wanted)  # the law sums to 1 within rounding only
    chi_squared = ((np.asarray(observed) - wanted_array) ** 2 / wanted_array).sum()
    return float(special.chdtrc(wanted_array.size - 1, chi_squared))


def log_bins(histogram: np.ndarray, per_decade: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Return the geometric middle and the mean probability per integer of logarithmic bins of probabilities (x,) from
    1 on.

    Empty bins are left out.
    """
    edges = _edges(histogram.size, per_decade)
    total = np.add.reduceat(histogram, edges[:-1])
    density = total / np.diff(edges)
    middle = np.sqrt(edges[:-1] * (edges[1:] - 1.0))
    return middle[total > 0], density[total > 0]


def log_bin_counts(histogram: np.ndarray, per_decade: int = 8) -> np.ndarray:
    """Return the number of events in each of the bins that `log_bins` keeps."""
    total = np.add.reduceat(histogram, _edges(histogram.size, per_decade)[:-1])
    return total[total > 0]


def _edges(size: int, per_decade: int) -> np.ndarray:
    edges = np.rint(np.geomspace(1, size, round(per_decade * np.log10(size)) + 1))
    return np.unique(edges).astype(np.int64)
