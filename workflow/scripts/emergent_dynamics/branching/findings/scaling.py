"""Finite-size scaling of the recurrent graph: how the cut-off of avalanche sizes and the peak of the fluctuations of
its activity grow with the number of nodes.

The cut-off is measured as <S^2> / <S> at sigma = 1, which is proportional to it for every exponent of sizes below 2.
The peak of Var(k) / E[k] over sigma is the maximum of a parabola in ln sigma through the logarithms of the largest
value and its two neighbours. The exponents are slopes on logarithmic axes over all sizes; their intervals, from a
jackknife over the runs, do not include corrections to scaling.
"""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import finite_size, theory
from emergent_dynamics.branching.finite_size import Sizes
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.resampling import jackknife
from emergent_dynamics.branching.tables import bounds, measured, row
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate, mean_interval

AT_AN_END = "for at least one size the peak lies at an end of `scaling.sigma`"
ALONE = "one run has no interval: raise `runs`"
SENTENCES = {
    "cutoff": "Exponent with which the cut-off of avalanche sizes at σ = 1 grows with the nodes of the recurrent graph",
    "peak": "Exponent with which the peak of the fluctuations over σ grows with the nodes of the recurrent graph",
}


def find(p: Parameters, sizes: Sizes) -> dict[str, pd.DataFrame]:
    """Return the tables `scaling`, a row per number of nodes; `scaling_curves`, a row per number of nodes and sigma;
    `scaling_exponents`, a row per quantity.

    cutoff : <S^2> / <S> in spikes. peak : largest Var(k) / E[k], in nodes. place : the sigma of the peak.
    """
    drawn = [
        [finite_size.sample(p.graph, sizes, nodes, p.seed, run) for run in range(p.runs)]
        for nodes in sizes.nodes
    ]
    size, square = (
        np.array([[getattr(s, name) for s in runs] for runs in drawn]) for name in ("size", "square")
    )
    fluctuation = np.array([[s.fluctuation for s in runs] for runs in drawn])  # (nodes, run, sigma)
    sigma, nodes = np.array(sizes.sigma), np.array(sizes.nodes)
    table, curves = [], []
    for i, n in enumerate(sizes.nodes):
        peaks = np.array(
            [_peak(sigma, one) for one in _means(fluctuation[i])]
        )  # of all runs together, then of all but one
        columns: dict[str, float] = {"nodes": n, "runs": p.runs, "avalanches": p.runs * sizes.avalanches}
        columns |= bounds("mean_size", mean_interval(size[i], low=1.0))
        columns |= bounds("cutoff", _over_runs(_means(square[i]) / _means(size[i])))
        table.append(
            columns | bounds("peak", _over_runs(peaks[:, 0])) | bounds("place", _over_runs(peaks[:, 1]))
        )
        for s, values in zip(sizes.sigma, fluctuation[i].T, strict=True):
            curves.append({"nodes": n, "sigma": s} | bounds("fluctuation", mean_interval(values, low=0.0)))
    cutoffs = np.array([_means(b) / _means(a) for a, b in zip(size, square, strict=True)])
    peaks = np.array([[_peak(sigma, one)[0] for one in _means(runs)] for runs in fluctuation])
    exponents = [
        {"quantity": name, "mean_field": theory.FINITE_SIZE[name], "runs": p.runs}
        | bounds("value", _over_runs(np.array([_slope(nodes, one) for one in values.T])))
        | {"reason": AT_AN_END if np.isnan(values[:, 0]).any() else ""}
        for name, values in (("cutoff", cutoffs), ("peak", peaks))
    ]
    return {
        "scaling": pd.DataFrame(table),
        "scaling_curves": pd.DataFrame(curves),
        "scaling_exponents": pd.DataFrame(exponents),
    }


def _means(runs: np.ndarray) -> np.ndarray:
    """Return the mean over the first axis, runs, and below it the means that leave out one run each (if several)."""
    total, n = runs.sum(0), len(runs)
    left_out = [(total - one) / (n - 1) for one in runs] if n > 1 else []
    return np.array([total / n, *left_out])


def _over_runs(values: np.ndarray) -> Estimate:
    """Return the jackknife estimate from the value of all runs, values[0], and those without one run, values[1:]."""
    return jackknife(float(values[0]), values[1:])


def _peak(sigma: np.ndarray, curve: np.ndarray) -> tuple[float, float]:
    """Return the height and the sigma of the peak of a curve (sigma,); NaN if its largest value is at an end."""
    i = int(np.nanargmax(curve)) if np.isfinite(curve).any() else 0
    if not 0 < i < sigma.size - 1 or not (curve[i - 1 : i + 2] > 0).all():
        return np.nan, np.nan
    bend, slope, level = np.polyfit(np.log(sigma[i - 1 : i + 2] / sigma[i]), np.log(curve[i - 1 : i + 2]), 2)
    if bend >= 0:
        return float(curve[i]), float(sigma[i])
    return math.exp(level - slope**2 / (4 * bend)), float(sigma[i] * math.exp(-slope / (2 * bend)))


def _slope(nodes: np.ndarray, values: np.ndarray) -> float:
    """Return the slope of ln values on ln nodes, NaN if any is undefined."""
    if np.isnan(values).any():
        return np.nan
    return float(np.polyfit(np.log(nodes), np.log(values), 1)[0])


def summarise(tables: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Return the headlines of the two exponents, with their mean-field values in the notes."""
    headlines = {}
    for name, sentence in SENTENCES.items():
        r = row(tables["scaling_exponents"], quantity=name)
        grown = tables["scaling"]["nodes"]
        note = f"mean-field theory gives {r['mean_field']:g}; {grown.min()} to {grown.max()} nodes"
        note += f"; {ALONE}" if r["runs"] == 1 else "; the interval does not include corrections to scaling"
        headlines[f"scaling_{name}_exponent"] = measured(
            r, "value", "1", sentence, n="runs", ends=("value_lo", "value_hi"), note=note
        )
    return headlines
