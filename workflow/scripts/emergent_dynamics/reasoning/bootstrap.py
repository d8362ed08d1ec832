"""Bootstrap intervals that resample whole symmetry classes and fit the threshold again in every replicate.

To the network the puzzles of one symmetry class are copies of each other, so the class is the unit that is drawn
(cluster bootstrap, Davison & Hinkley 1997, section 3.8). Intervals are percentile intervals at 95 %.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from emergent_dynamics.reasoning import clustered, contrasts, two_by_two
from emergent_dynamics.reasoning.contrasts import generator

LEVEL = (2.5, 97.5)


class Sample(NamedTuple):
    """The examples of a table, (example,) each: log10 late drift, leading exponent, correctness, and class 0..m-1."""

    log_drift: np.ndarray
    exponent: np.ndarray
    correct: np.ndarray
    cluster: np.ndarray


def statistics(
    log_drift: np.ndarray, exponent: np.ndarray, correct: np.ndarray, rule: str | float
) -> dict[str, float]:
    """Return every scalar of the 2x2 for one sample: those of `two_by_two.describe`, `contrast_*`, `auc_*`, and
    accuracy.
    """
    tau = two_by_two.threshold(log_drift, rule)
    cell = two_by_two.assign(log_drift, correct, tau)
    scalars = two_by_two.describe(log_drift, exponent, correct, tau)
    scalars |= {f"contrast_{k}": v for k, v in contrasts.median_differences(cell, exponent).items()}
    scalars |= {f"auc_{k}": v for k, v in contrasts.aucs(log_drift, exponent, correct, tau).items()}
    scalars["accuracy"] = float(np.mean(correct))
    return scalars


def resample(cluster: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Indices of the examples of m classes that are drawn with replacement out of the m classes. cluster : labels
    0..m-1.
    """
    order = np.argsort(cluster, kind="stable")
    edges = np.searchsorted(cluster[order], np.arange(cluster.max() + 2))
    drawn = rng.integers(0, len(edges) - 1, len(edges) - 1)
    if len(edges) - 1 == len(cluster):  # every class has one example
        return order[drawn]
    return np.concatenate([order[edges[c] : edges[c + 1]] for c in drawn])


def estimates(
    sample: Sample, rule: str | float, resamples: int, seed: int
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Return the `statistics` of the sample and their intervals.

    A share that is equal in all resamples (that of an empty cell, for example) has the exact interval of
    `clustered.share` with the threshold held fixed; any other statistic that is equal in all of them has no interval
    (NaN).
    """
    values = statistics(sample.log_drift, sample.exponent, sample.correct, rule)
    ends = intervals(replicates(sample, rule, resamples, seed), values)
    for name, (hit, among) in _shares(sample, values["tau"]).items():
        if np.isnan(ends[name][0]):
            exact = clustered.share(hit[among], sample.cluster[among])
            ends[name] = (exact.lo, exact.hi)
    return values, ends


def _shares(sample: Sample, tau: float) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return two masks for every share: the examples that count as hits, and those among which hits are counted."""
    converged, right = sample.log_drift < tau, np.asarray(sample.correct, bool)
    cell = two_by_two.assign(sample.log_drift, right, tau)
    every = np.ones(len(right), bool)
    shares = {f"fraction_{name}": (cell == i, every) for i, name in enumerate("ABCD")}
    return {
        **shares,
        "converged": (converged, every),
        "accuracy": (right, every),
        "mixture_wrong_converged": (converged, ~right),
        "mixture_correct_nonconverged": (~converged, right),
    }


def replicates(sample: Sample, rule: str | float, resamples: int, seed: int) -> pd.DataFrame:
    """Return (replicate, statistic): the `statistics` of every resample, with the threshold fitted again where the
    rule fits one.
    """
    rng = generator(seed, "bootstrap")
    rows = []
    for _ in range(resamples):
        take = resample(sample.cluster, rng)
        rows.append(statistics(sample.log_drift[take], sample.exponent[take], sample.correct[take], rule))
    return pd.DataFrame(rows)


def spectra(
    spectrum: np.ndarray, cell: np.ndarray, cluster: np.ndarray, resamples: int, seed: int
) -> np.ndarray:
    """Bootstrap intervals of the median exponents in each cell, (cell, exponent, 2): lower and upper end.

    spectrum : (example, exponent). Whole symmetry classes are resampled; each example keeps its cell.
    NaN where `intervals` gives NaN.
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


def intervals(
    drawn: pd.DataFrame, values: Mapping[str, float] | None = None, most_missing: float = 0.05
) -> dict[str, tuple[float, float]]:
    """Return the percentile interval of each statistic (column), extended to include its own value if that lies
    outside.

    The interval is (NaN, NaN) where more than `most_missing` of the replicates could not compute the statistic
    (because a cell was too small in them), since an interval of the other replicates would be biased. It is also
    (NaN, NaN) where all replicates are equal, since this does not mean that the statistic has no error.
    """
    ends = {}
    for column in drawn:
        name, sample = str(column), drawn[column].to_numpy(float)
        defined = sample[np.isfinite(sample)]
        ends[name] = (np.nan, np.nan)
        if len(defined) and len(defined) >= (1.0 - most_missing) * len(sample) and np.ptp(defined) > 0.0:
            low, high = np.percentile(defined, LEVEL)
            value = np.nan if values is None else values[name]
            ends[name] = (float(np.fmin(low, value)), float(np.fmax(high, value)))
    return ends
