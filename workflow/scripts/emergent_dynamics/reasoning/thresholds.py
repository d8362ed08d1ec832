"""Robustness of the 2x2: the same numbers at thresholds from the 5th to the 95th percentile of log drift."""

import numpy as np
import pandas as pd
import scipy

from emergent_dynamics.reasoning import contrasts, two_by_two

PERCENTILES = tuple(range(5, 96, 5))


def table(log_drift: np.ndarray, exponent: np.ndarray, correct: np.ndarray) -> pd.DataFrame:
    """Return one row per percentile: tau, the number of examples whose drift equals it (such ties can empty a cell), n
    and median exponent of all four cells, the contrasts with their Mann-Whitney p, and the areas.
    """
    rows = []
    for percent in PERCENTILES:
        tau = float(np.percentile(log_drift, percent))
        cell = two_by_two.assign(log_drift, correct, tau)
        row: dict[str, float] = {
            "pct": percent,
            "tau": tau,
            "ties": float(np.count_nonzero(log_drift == tau)),
        }
        for i, name in enumerate("ABCD"):
            row[f"n{name}"] = int(np.count_nonzero(cell == i))
            row[f"lambda1_{name}"] = two_by_two.median(exponent[cell == i])
        for name, (first, second) in contrasts.groups(cell).items():
            row[f"contrast_{name}"] = two_by_two.median(exponent[first]) - two_by_two.median(exponent[second])
            row[f"p_{name}"] = rank_sum_p(exponent[first], exponent[second])
        row |= {f"auc_{k}": v for k, v in contrasts.aucs(log_drift, exponent, correct, tau).items()}
        rows.append(row)
    return pd.DataFrame(rows)


def adjust(rows: pd.DataFrame) -> None:
    """Add q of every contrast: Benjamini-Hochberg over thresholds, contrasts and tables (checkpoints)."""
    columns = [f"p_{name}" for name in contrasts.CONTRASTS]
    q = contrasts.adjusted(rows[columns].to_numpy(float).ravel()).reshape(len(rows), len(columns))
    rows[[f"q_{name}" for name in contrasts.CONTRASTS]] = q


def rank_sum_p(first: np.ndarray, second: np.ndarray) -> float:
    """Two-sided p of Mann and Whitney's test, normal approximation with ties; NaN below FEWEST on either
    side.
    """
    if min(len(first), len(second)) < two_by_two.FEWEST:
        return np.nan
    return float(scipy.stats.mannwhitneyu(first, second, method="asymptotic").pvalue)
