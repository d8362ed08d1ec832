"""The dimension of an attractor from its Lyapunov exponents."""

from collections.abc import Sequence

import numpy as np


def kaplan_yorke(spectrum: np.ndarray | Sequence[float]) -> float:
    """Return the Kaplan-Yorke dimension of an attractor from its Lyapunov exponents: j + (l_1 + ... + l_j) / |l_{j+1}|.

    The exponents are in any order and unit; j is the largest number of leading ones whose sum is not negative (Kaplan &
    Yorke 1979, Lecture Notes in Mathematics 730, 204). The result is 0 where the largest exponent is negative (a fixed
    point), and NaN where no partial sum of the given exponents is negative: then some exponents are missing, or the
    volume does not shrink.

    >>> round(kaplan_yorke([0.9, 0.0, -14.57]), 3)  # Lorenz
    2.062
    """
    ordered = -np.sort(-np.asarray(spectrum, float))
    sums = np.cumsum(ordered)
    if not len(ordered) or not np.isfinite(sums).all() or sums[-1] >= 0.0:
        return float("nan")
    j = int(np.flatnonzero(sums >= 0.0).max()) + 1 if (sums >= 0.0).any() else 0
    return float(j + (sums[j - 1] / abs(ordered[j]) if j else 0.0))
