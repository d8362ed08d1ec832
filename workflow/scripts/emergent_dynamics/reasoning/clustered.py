"""Intervals for means and shares of examples that come in classes, where the classes are the independent units.

If every example is a class of its own, these are the usual intervals of Student and of Clopper and Pearson.
"""

import numpy as np
from scipy import special

from emergent_dynamics.statistics import Estimate

TAIL = 0.025


def mean(values: np.ndarray, cluster: np.ndarray) -> Estimate:
    """Return the mean of values (example,) with Student's interval at 95 %; n is the number of clusters.

    cluster : (example,), the cluster of each example; examples of one cluster need not be independent. The variance is
    that of a ratio of sums over m clusters: m / (m - 1) times the sum over clusters of the squared sum of their
    residuals, over N^2 for N examples (Cochran 1977, section 6.3). Without a cluster the mean is NaN; with a single
    one there is no interval.
    """
    classes, member = np.unique(cluster, return_inverse=True)
    m = len(classes)
    if m == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    centre = float(np.mean(values))
    if m == 1:
        return Estimate(centre, np.nan, np.nan, 1)
    residual = np.bincount(member, weights=values - centre)
    error = float(np.sqrt(m / (m - 1) * np.sum(residual**2)) / len(values))
    half = float(special.stdtrit(m - 1, 1 - TAIL)) * error
    return Estimate(centre, centre - half, centre + half, m, error or None)


def share(hit: np.ndarray, cluster: np.ndarray) -> Estimate:
    """Return the share of examples for which `hit` (example,) is true, with a 95 % interval inside [0, 1]; n is the
    number of classes.

    The interval is that of Clopper and Pearson for an effective number of independent examples: the number that gives
    the variance found between classes (Korn & Graubard 1998, Survey Methodology 24, 193). If all or none hit, it is
    the number of classes.
    """
    hit = np.asarray(hit, bool)
    if not len(hit):
        return Estimate(np.nan, np.nan, np.nan, 0)
    estimate = mean(hit.astype(float), cluster)
    p, m, n = estimate.value, estimate.n, len(hit)
    if estimate.standard_error is None:
        effective = float(m)
    elif m == n:
        effective = float(n)
    else:
        effective = min(1.0 + p * (1.0 - p) / estimate.standard_error**2, float(n))
    x = p * effective
    low = float(special.betaincinv(x, effective - x + 1.0, TAIL)) if p > 0.0 else 0.0
    high = float(special.betaincinv(x + 1.0, effective - x, 1.0 - TAIL)) if p < 1.0 else 1.0
    return Estimate(p, low, high, m, estimate.standard_error)
