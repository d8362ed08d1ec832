"""Response of the driven network: the dynamic range of the last layer, and the susceptibility of the whole network."""

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import dynamic_range, exact, exponents, series, theory
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.regression import BLOCKS
from emergent_dynamics.branching.resampling import jackknife
from emergent_dynamics.branching.tables import bounds, highest, label, measured, row, shown
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate


def find(activity: np.ndarray, p: Parameters) -> dict[str, pd.DataFrame]:
    """Return the table `response`, one row per sigma: the exact dynamic range, and mean, susceptibility and silence
    of the activity.

    activity : (sigma, run, time) active neurons in a frame, A. susceptibility : Var(A) / number of all neurons, with a
    jackknife of 20 blocks per run.
    <name>_exact : the same by linear algebra.
    """
    rows = []
    for sigma, spontaneous, seen in zip(p.sigma, p.spontaneous, activity, strict=True):
        expected = exact.raster(exact.links(sigma, p.widths, p.rule, spontaneous), p.layers, p.train)
        mean = mean_activity(seen, expected, p.cells)
        silent = sum(np.count_nonzero(piece == 0) for piece in series.pieces(seen.reshape(-1)))
        rows.append(
            {
                "sigma": sigma,
                "rule": p.rule,
                "spontaneous": spontaneous,
                "dynamic_range": dynamic_range.decibels(
                    dynamic_range.DRIVES, dynamic_range.curve(sigma, p.widths, p.rule)
                ),
                **bounds("mean_activity", mean),
                "mean_activity_exact": expected.mean,
                **bounds("susceptibility", susceptibility(seen, p.cells)),
                "susceptibility_exact": expected.variance / p.cells,
                "p_silent": silent / seen.size,
                "p_silent_exact": expected.silent,
                "n": seen.size,
                "units": mean.n,
            }
        )
    return {"response": pd.DataFrame(rows), "response_curves": curves(p)}


def mean_activity(activity: np.ndarray, driven: exact.Raster, cells: int) -> Estimate:
    """Return the mean of activity (run, time), in neurons, with its interval between 0 and `cells`.

    Successive frames are correlated: 1 + 2 sum r_k frames count as one independent frame, where r_k is the exact
    autocorrelation. n is the number of independent frames. Frames of which all are alike, or which alternate, so that
    their correlations are undefined or sum to less than -1/2, count as independent.
    """
    correlated = 1.0 + 2.0 * driven.autocorrelation[1:].sum()
    correlated = correlated if correlated > 0 else 1.0
    together = activity.reshape(-1)
    error = float(np.sqrt(series.variance(together) * correlated / activity.size))
    mean = exponents.wald(series.mean(together), error, int(activity.size / correlated))
    return Estimate(mean.value, max(0.0, mean.lo), min(float(cells), mean.hi), mean.n, error)


def susceptibility(activity: np.ndarray, cells: int) -> Estimate:
    """Return Var(A) / `cells` of activity (run, time), in neurons, with a jackknife of 20 blocks of each run."""
    n, total, square = np.concatenate([_block_sums(run) for run in activity], axis=1)
    left = n.sum() - n
    without = (square.sum() - square) / left - ((total.sum() - total) / left) ** 2
    estimate = jackknife(series.variance(activity.reshape(-1)) / cells, without / cells)
    return Estimate(estimate.value, max(0.0, estimate.lo), estimate.hi, estimate.n, estimate.standard_error)


def _block_sums(activity: np.ndarray) -> np.ndarray:
    """Return (3, block): number, sum and sum of squares of each of 20 blocks of activity (time,)."""
    sums = np.zeros((3, BLOCKS))
    for block, (start, stop) in enumerate(itertools.pairwise(series.cuts(activity.size, BLOCKS))):
        for piece in series.pieces(activity, start, stop):
            values = piece.astype(float)
            sums[:, block] += piece.size, values.sum(), (values**2).sum()
    return sums


def curves(p: Parameters) -> pd.DataFrame:
    """Return a table for figures with sigma, drive and response, the exact E[k] in the last layer in neurons."""
    some = dynamic_range.DRIVES[::8]
    rows = [
        pd.DataFrame({"sigma": s, "drive": some, "response": dynamic_range.curve(s, p.widths, p.rule, some)})
        for s in p.sigma
    ]
    return pd.concat(rows, ignore_index=True)


def summarise(tables: Mapping[str, pd.DataFrame], p: Parameters) -> dict[str, Headline]:
    """Return headlines of the largest dynamic range, its closed form at sigma = 1, and the mean activity with its
    exact value.
    """
    table = tables["response"]
    best = highest(table, "dynamic_range")
    headlines = {
        "dynamic_range_max": Headline(
            best["dynamic_range"],
            None,
            1,
            "dB",
            "Largest dynamic range of the driven network over the branching ratios of the experiment",
            exact=True,
        ),
        "dynamic_range_argmax": Headline(
            best["sigma"],
            None,
            1,
            "1",
            "Branching ratio at which the driven network has its largest dynamic range",
            note="on the grid of this experiment",
            exact=True,
            rank=4,
        ),
    }
    closed_form = theory.expected_critical_range(p)
    if closed_form is not None:
        headlines["dynamic_range_sigma_1"] = Headline(
            row(table, sigma=1.0)["dynamic_range"],
            None,
            1,
            "dB",
            "Dynamic range of the driven network at σ = 1",
            expectation=closed_form,
            exact=True,
        )
    for sigma in shown(p.sigma):
        r = row(table, sigma=sigma)
        headlines[f"mean_activity_{label(sigma)}"] = measured(
            r,
            "mean_activity",
            "neuron",
            f"Mean number of active neurons of the driven network at σ = {sigma:g}",
            n="units",
            expectation=theory.expected_mean(r["mean_activity_exact"]),
        )
        headlines[f"susceptibility_{label(sigma)}"] = measured(
            r | {"blocks": BLOCKS * p.runs},
            "susceptibility",
            "neuron",
            f"Variance of the number of active neurons of the driven network, per neuron, at σ = {sigma:g}",
            n="blocks",
            expectation=theory.expected_mean(r["susceptibility_exact"]),
        )
    return headlines
