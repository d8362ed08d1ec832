"""Avalanches from single active neurons, compared with their exact law.

Sizes are in neurons and include the root; durations are in layers (= steps). An avalanche that reaches the last layer
is censored: its duration is L, and it is left out of every exponent of durations.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exact, exponents, histograms, shapes, theory
from emergent_dynamics.branching.exponents import Windows
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tables import bounds, label, measured, nearest, row, shown
from emergent_dynamics.branching.tally import Tally
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import proportion_interval


def find(
    tallies: list[Tally], laws: list[exact.Avalanches], p: Parameters, windows: Windows | None = None
) -> dict[str, pd.DataFrame]:
    """Return the table `avalanches`, one row per sigma: moments, exponents with intervals, their exact finite-size
    values, and tests of the power law.

    p_<model> : p-value of the test whether that model fits sizes better than the truncated power law. p_size :
    p-value of the test whether the exact law describes the sizes. <exponent>_n : the number of avalanches in the
    window of the exponent.
    """
    windows = windows or Windows.of_network(p.layers, p.cells)
    rows = []
    for sigma, seen, law in zip(p.sigma, tallies, laws, strict=True):
        entry: dict[str, object] = {"sigma": sigma, "rule": p.rule, "n": seen.n} | _moments(seen, p)
        entry |= {
            "mean_size_exact": law.size @ np.arange(law.size.size),
            "mean_duration_exact": law.duration @ np.arange(law.duration.size),
            "p_reach_end_exact": law.reach,
        }
        often = seen.durations >= exponents.FEWEST
        sampled, reasons = _sampled_exponents(seen, often, windows)
        entry |= sampled
        entry |= {f"{name}_exact": value for name, value in _exact_exponents(law, often, windows).items()}
        entry |= {f"{name}_window": f"{lo}-{hi}" for name, (lo, hi) in windows._asdict().items()}
        compared = exponents.compare(seen.sizes, *windows.tau)
        entry |= {f"p_{c.alternative}": c.p for c in compared}
        entry["p_size"] = histograms.goodness(seen.sizes, law.size)
        reasons += [] if np.isfinite(law.size).all() else ["exact size law too large to compute"]
        reasons += [f"p_{c.alternative}: {c.test}" for c in compared if np.isnan(c.p)]
        rows.append(entry | {"reason": "; ".join(reasons)})
    return {"avalanches": pd.DataFrame(rows)}


def _moments(seen: Tally, p: Parameters) -> dict[str, float]:
    """Return mean size, mean duration, and the share of avalanches that reach the last layer, with 95 % intervals."""
    moments = bounds("mean_size", histograms.mean(seen.sizes, 1, p.cells))
    moments |= bounds("mean_duration", histograms.mean(seen.durations, 1, p.layers))
    return moments | bounds("p_reach_end", proportion_interval(int(seen.durations[-1]), seen.n))


def _exact_exponents(law: exact.Avalanches, often: np.ndarray, windows: Windows) -> dict[str, float]:
    """Return the exponents that the estimators give for the exact law; gamma uses the durations `often` (d,) that the
    sample uses.
    """
    tau, alpha = exponents.fit(law.size, *windows.tau), exponents.fit(law.duration, *windows.alpha)
    gamma = exponents.size_against_duration(np.where(often, law.mean_size, np.nan), *windows.gamma).value
    collapse = shapes.collapse(law.profile, 5, windows.alpha[1])
    return _related(tau.exponent, alpha.exponent, gamma, collapse)


def _sampled_exponents(
    seen: Tally, often: np.ndarray, windows: Windows
) -> tuple[dict[str, float], list[str]]:
    """Return the exponents of the sample, and reasons for those that are undefined.

    The exponents are tau, alpha and gamma, the gamma that tau and alpha predict, the gamma that collapses the mean
    shapes, and the DCC; tau, alpha, gamma and the DCC have intervals.
    """
    fits = {
        "tau": exponents.fit(seen.sizes, *windows.tau),
        "alpha": exponents.fit(seen.durations, *windows.alpha),
    }
    tau, alpha = fits["tau"].estimate, fits["alpha"].estimate
    mean_size, error = (np.where(often, x, np.nan) for x in (seen.mean_size, seen.mean_size_error))
    gamma = exponents.size_against_duration(mean_size, *windows.gamma, error=error)
    shape = shapes.mean_profile(seen.profile, seen.durations)
    columns = _related(tau.value, alpha.value, gamma.value, shapes.collapse(shape, 5, windows.alpha[1]))
    for name, estimate in (("tau", tau), ("alpha", alpha), ("gamma", gamma)):
        columns |= bounds(name, estimate)
    columns |= bounds("dcc", exponents.dcc(tau, alpha, gamma))
    lo, hi = windows.gamma
    in_window = seen.durations[lo : hi + 1]
    used = int(in_window[often[lo : hi + 1]].sum())
    reasons = [f"{name}: {fit.reason}" for name, fit in fits.items() if fit.reason]
    reasons += [f"gamma: {exponents.TOO_FEW_DURATIONS}"] if np.isnan(gamma.value) else []
    columns |= {"tau_n": tau.n, "alpha_n": alpha.n, "gamma_n": used, "dcc_n": min(tau.n, alpha.n, used)}
    return columns, reasons


def _related(tau: float, alpha: float, gamma: float, collapse: float) -> dict[str, float]:
    predicted = theory.crackling(tau, alpha)
    named = {"tau": tau, "alpha": alpha, "gamma": gamma, "gamma_predicted": predicted}
    return named | {"gamma_collapse": collapse, "dcc": abs(gamma - predicted)}


MOMENTS = {
    "mean_size": ("neuron", "Mean size of an avalanche"),
    "mean_duration": ("layer", "Mean duration of an avalanche"),
    "p_reach_end": ("probability", "Probability that an avalanche reaches the last layer"),
}
EXPONENTS = {
    "tau": "Exponent of avalanche sizes",
    "alpha": "Exponent of avalanche durations",
    "gamma": "Exponent of mean size against duration",
}


def summarise(tables: Mapping[str, pd.DataFrame], p: Parameters) -> dict[str, Headline]:
    """Return headlines of means, the probability of reaching the end, and exponents, with their exact finite-size
    values.

    Mean-field exponents are not expected of a network of this size.
    """
    headlines = {}
    for sigma in shown(p.sigma):
        r = row(tables["avalanches"], sigma=sigma)
        for name, (unit, sentence) in MOMENTS.items():
            expected = theory.expected_probability if unit == "probability" else theory.expected_mean
            headlines[f"{name}_{label(sigma)}"] = measured(
                r, name, unit, f"{sentence} at σ = {sigma:g}", expectation=expected(r[f"{name}_exact"])
            )
        if theory.near_critical(sigma):
            headlines |= _critical(r, 1 if sigma == nearest(p.sigma) else None)
    return headlines


def _critical(r: dict[str, Any], rank: int | None) -> dict[str, Headline]:
    """Return headlines of the exponents and the DCC of a network near criticality; `rank` is the rank of tau."""
    sigma = r["sigma"]
    headlines = {
        f"{name}_{label(sigma)}": measured(
            r,
            name,
            "1",
            f"{sentence} at σ = {sigma:g}, sampled from {r[f'{name}_window'].replace('-', ' to ')}",
            n=f"{name}_n",
            expectation=theory.expected_exponent(r[f"{name}_exact"]),
            rank=rank if name == "tau" else None,
        )
        for name, sentence in EXPONENTS.items()
    }
    headlines[f"dcc_{label(sigma)}"] = measured(
        r,
        "dcc",
        "1",
        f"Distance of the measured gamma from (alpha - 1)/(tau - 1) at σ = {sigma:g}",
        n="dcc_n",
        expectation=theory.expected_dcc(r["dcc_exact"]),
        note="the errors of the three exponents are added: an upper bound",
    )
    return headlines
