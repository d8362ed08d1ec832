"""Comparisons between groups of examples: medians, ranks, permutation tests, areas under the ROC curve.

Every function takes plain arrays; an undefined result (a group is too small, or there is one class only) is NaN.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy

from emergent_dynamics.reasoning import two_by_two
from emergent_dynamics.streams import key

CONTRASTS = {
    "correct_minus_wrong": ("AC", "BD"),
    "within_converged": ("A", "B"),
    "within_nonconverged": ("C", "D"),
    "wrong_converged_minus_nonconverged": ("B", "D"),
}


def groups(cell: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The two groups of examples that each contrast compares, as masks (example,), from the cell of every example."""
    member = {name: cell == i for i, name in enumerate("ABCD")}
    union = {
        names: np.logical_or.reduce([member[c] for c in names])
        for pair in CONTRASTS.values()
        for names in pair
    }
    return {name: (union[first], union[second]) for name, (first, second) in CONTRASTS.items()}


def median_differences(cell: np.ndarray, exponent: np.ndarray) -> dict[str, float]:
    """median(first) - median(second) of the exponent for each contrast."""
    return {
        name: two_by_two.median(exponent[first]) - two_by_two.median(exponent[second])
        for name, (first, second) in groups(cell).items()
    }


def auc(score: np.ndarray, label: np.ndarray) -> float:
    """Probability that a positive scores above a negative, ties counting half (Mann & Whitney 1947); equals
    scikit-learn's roc_auc_score to 1e-15. NaN with one class only."""
    positive = np.asarray(label, bool)
    above, below = score[positive], np.sort(score[~positive])
    pairs = len(above) * len(below)
    if pairs == 0 or np.isnan(score).any():
        return np.nan  # ranking would place NaN highest
    twice = sum(np.searchsorted(below, above, side).sum() for side in ("left", "right"))
    return float(twice / 2 / pairs)


def aucs(log_drift: np.ndarray, exponent: np.ndarray, correct: np.ndarray, tau: float) -> dict[str, float]:
    """Return the five areas of the original study. One of them is that of drift alone, because the exponent mostly
    restates convergence.
    """
    converged = log_drift < tau
    right = np.asarray(correct, bool)
    return {
        "neg_lambda1_correct": auc(-exponent, right),
        "neg_lambda1_correct_within_converged": auc(-exponent[converged], right[converged]),
        "neg_lambda1_correct_within_nonconverged": auc(-exponent[~converged], right[~converged]),
        "neg_log_drift_correct": auc(-log_drift, right),
        "neg_lambda1_converged": auc(-exponent, converged),
    }


@dataclass(frozen=True)
class Area:
    """An AUC with DeLong's standard error and a 95 % interval that stays inside (0, 1)."""

    value: float
    low: float
    high: float
    n_positive: int
    n_negative: int


def delong(score: np.ndarray, label: np.ndarray, cluster: np.ndarray) -> Area:
    """Return the area under the ROC curve with its 95 % interval on the logit scale.

    score, label, cluster : (example,). The variance is that of DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44,
    837, by ranks (Sun & Xu 2014), in the form of Obuchowski (1997, Biometrics 53, 567) for examples that come in
    classes; where every example is a class of its own it is DeLong's.

    With complete separation the variance is 0; the interval is then the exact binomial one for the label with fewer
    classes. NaN below FEWEST examples of either label.
    """
    label = np.asarray(label, bool)
    n1, n0 = int(label.sum()), int((~label).sum())
    if n1 < two_by_two.FEWEST or n0 < two_by_two.FEWEST or np.isnan(score).any():
        return Area(np.nan, np.nan, np.nan, n1, n0)
    positive, negative = score[label], score[~label]
    everywhere = scipy.stats.rankdata(np.concatenate([positive, negative]))
    above = (everywhere[:n1] - scipy.stats.rankdata(positive)) / n0  # share of negatives below each positive
    below = 1.0 - (everywhere[n1:] - scipy.stats.rankdata(negative)) / n1
    area = float(above.mean())
    classes, member = np.unique(cluster, return_inverse=True)
    m1, m0 = (len(np.unique(member[which])) for which in (label, ~label))
    residual1 = np.bincount(member[label], above - area, len(classes)) / n1
    residual0 = np.bincount(member[~label], below - area, len(classes)) / n0
    variance = _unbiased(m1) * (residual1 @ residual1) + _unbiased(m0) * (residual0 @ residual0)
    variance += 2.0 * _unbiased(len(classes)) * (residual1 @ residual0)
    if not variance > 0.0 or area in (0.0, 1.0):
        n = min(m1, m0)
        exact = scipy.stats.binomtest(round(area * n), n).proportion_ci(method="exact")
        return Area(area, min(float(exact.low), area), max(float(exact.high), area), n1, n0)
    logit = np.log(area / (1.0 - area))
    half = scipy.stats.norm.ppf(0.975) * np.sqrt(variance) / (area * (1.0 - area))
    low, high = 1.0 / (1.0 + np.exp(-(logit + np.array([-half, half]))))
    return Area(area, float(low), float(high), n1, n0)


def _unbiased(classes: int) -> float:
    """Return m / (m - 1) for m classes; infinite for one class, which gives no information about the variance between
    classes.
    """
    return classes / (classes - 1) if classes > 1 else np.inf


def cliff(first: np.ndarray, second: np.ndarray) -> float:
    """Cliff's delta, P(first > second) - P(first < second), in [-1, 1] (Cliff 1993, Psych. Bull. 114,
    494).
    """
    return 2.0 * auc(np.concatenate([first, second]), np.arange(len(first) + len(second)) < len(first)) - 1.0


def shift(first: np.ndarray, second: np.ndarray) -> float:
    """Return the shift of Hodges and Lehmann, the median of all differences first_i - second_j (1963, Ann. Math.
    Stat. 34, 598).

    It is found by bisection on the number of differences below m, in O((n1 + n2) log n) per iteration and without an
    n1 x n2 array.
    """
    if len(first) == 0 or len(second) == 0 or np.isnan(first).any() or np.isnan(second).any():
        return np.nan
    x, y = np.sort(first), np.sort(second)
    pairs = len(x) * len(y)
    return 0.5 * (_difference(x, y, (pairs - 1) // 2) + _difference(x, y, pairs // 2))


def _difference(x: np.ndarray, y: np.ndarray, rank: int) -> float:
    """The rank-th smallest (from 0) of x_i - y_j, to the last bit or two."""
    low, high = x[0] - y[-1], x[-1] - y[0]
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        # x_i - y_j <= middle
        if np.searchsorted(x, y + middle, side="right").sum() > rank:
            high = middle
        else:
            low = middle
    return float(high)


def permutation(first: np.ndarray, second: np.ndarray, resamples: int, seed: int) -> float:
    """Return the two-sided p of the difference of medians under random labels: 2 (1 + k) / (1 + resamples), where k
    counts the more extreme resamples on the rarer side; never 0.
    """
    if len(first) < two_by_two.FEWEST or len(second) < two_by_two.FEWEST:
        return np.nan
    if np.isnan(first).any() or np.isnan(second).any():
        return np.nan

    def difference(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
        return np.median(x, axis=axis) - np.median(y, axis=axis)

    test = scipy.stats.permutation_test(
        (first, second),
        difference,
        vectorized=True,
        n_resamples=resamples,
        batch=64,
        rng=generator(seed, "permutation"),
    )
    return float(test.pvalue)


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return NumPy's Philox generator for the draws of resampling, keyed by seed and purpose, so that every run draws
    the same.
    """
    low, high = key(seed, f"reasoning.{purpose}")
    return np.random.Generator(np.random.Philox(key=int(low) | int(high) << 32))


def table(
    cell: np.ndarray,
    exponent: np.ndarray,
    resamples: int,
    seed: int,
    intervals: Mapping[str, tuple[float, float]],
) -> pd.DataFrame:
    """One row per contrast: n of both groups, difference of medians with its bootstrap interval (`contrast_<name>` of
    `intervals`), shift, Cliff's delta, p of the permutation test, and a note.
    """
    rows = []
    for name, (first, second) in groups(cell).items():
        a, b = exponent[first], exponent[second]
        enough = min(len(a), len(b)) >= two_by_two.FEWEST
        low, high = intervals.get(f"contrast_{name}", (np.nan, np.nan))
        rows.append(
            {
                "contrast": name,
                "n_first": len(a),
                "n_second": len(b),
                "note": "" if enough else two_by_two.INSUFFICIENT,
                "median_difference": two_by_two.median(a) - two_by_two.median(b),
                "ci_low": low if enough else np.nan,
                "ci_high": high if enough else np.nan,
                "shift": shift(a, b) if enough else np.nan,
                "cliffs_delta": cliff(a, b) if enough else np.nan,
                "p": permutation(a, b, resamples, seed),
            }
        )
    return pd.DataFrame(rows)


def adjust(rows: pd.DataFrame) -> None:
    """Add the column q (Benjamini and Hochberg) to the contrasts of one or more tables, adjusted over all of them."""
    rows["q"] = adjusted(rows["p"].to_numpy(float))


def adjusted(p: np.ndarray) -> np.ndarray:
    """Benjamini and Hochberg's q of the p that are defined (1995, JRSS B 57, 289); NaN stays NaN."""
    q = np.full(len(p), np.nan)
    defined = np.isfinite(p)
    if defined.any():
        q[defined] = scipy.stats.false_discovery_control(p[defined])
    return q
