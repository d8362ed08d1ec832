"""Intervals by resampling whole symmetry classes, with the threshold fitted anew inside every replicate.

Puzzles of one symmetry class are copies of each other to the network, so the class is the unit that is drawn
(cluster bootstrap, Davison & Hinkley 1997, section 3.8). Percentile intervals, 95 %.
"""

import numpy as np
import pandas as pd

from emergent_dynamics.reasoning import contrasts, two_by_two
from emergent_dynamics.reasoning.contrasts import generator

LEVEL = (2.5, 97.5)


def statistics(
    log_drift: np.ndarray, exponent: np.ndarray, correct: np.ndarray, rule: str | float
) -> dict[str, float]:
    """Every scalar of the 2x2 on one sample: `two_by_two.describe`, `contrast_*`, `auc_*`, accuracy."""
    tau = two_by_two.threshold(log_drift, rule)
    cell = two_by_two.assign(log_drift, correct, tau)
    scalars = two_by_two.describe(log_drift, exponent, correct, tau)
    scalars |= {f"contrast_{k}": v for k, v in contrasts.median_differences(cell, exponent).items()}
    scalars |= {f"auc_{k}": v for k, v in contrasts.aucs(log_drift, exponent, correct, tau).items()}
    scalars["accuracy"] = float(np.mean(correct))
    return scalars


def resample(cluster: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Indices of the examples of as many classes as there are, drawn with replacement. cluster: labels
    0..m-1.
    """
    order = np.argsort(cluster, kind="stable")
    edges = np.searchsorted(cluster[order], np.arange(cluster.max() + 2))
    drawn = rng.integers(0, len(edges) - 1, len(edges) - 1)
    if len(edges) - 1 == len(cluster):  # every example its own class
        return order[drawn]
    return np.concatenate([order[edges[c] : edges[c + 1]] for c in drawn])


def replicates(
    log_drift: np.ndarray,
    exponent: np.ndarray,
    correct: np.ndarray,
    cluster: np.ndarray,
    rule: str | float,
    resamples: int,
    seed: int,
) -> pd.DataFrame:
    """(replicate, statistic): `statistics` of every resample; the threshold is refitted when the rule fits
    one.
    """
    rng = generator(seed, "bootstrap")
    rows = []
    for _ in range(resamples):
        take = resample(cluster, rng)
        rows.append(statistics(log_drift[take], exponent[take], correct[take], rule))
    return pd.DataFrame(rows)


def spectra(
    spectrum: np.ndarray, cell: np.ndarray, cluster: np.ndarray, resamples: int, seed: int
) -> np.ndarray:
    """(cell, exponent, 2): interval of each cell's median exponents, classes drawn whole, the cells held.
    spectrum (example, exponent). NaN as in `intervals`.
    """
    rng = generator(seed, "spectra")
    drawn = np.full((resamples, 4, spectrum.shape[1]), np.nan)
    for one in drawn:
        take = resample(cluster, rng)
        values, where = spectrum[take], cell[take]
        for i in range(4):
            here = values[where == i]
            if len(here) >= two_by_two.FEWEST:
                one[i] = np.median(here, axis=0)
    ends = intervals(pd.DataFrame(drawn.reshape(resamples, -1)))
    return np.array(list(ends.values())).reshape(4, -1, 2)


def intervals(drawn: pd.DataFrame, most_missing: float = 0.05) -> dict[str, tuple[float, float]]:
    """Percentile interval of each statistic; (NaN, NaN) where more than `most_missing` of the replicates
    could not compute it (a cell that was too small in them): an interval of the lucky ones would be
    biased."""
    ends = {}
    for name in drawn:
        values = drawn[name].to_numpy(float)
        defined = values[np.isfinite(values)]
        if len(defined) < (1.0 - most_missing) * len(values):
            ends[str(name)] = (np.nan, np.nan)
        else:
            low, high = np.percentile(defined, LEVEL)
            ends[str(name)] = (float(low), float(high))
    return ends
