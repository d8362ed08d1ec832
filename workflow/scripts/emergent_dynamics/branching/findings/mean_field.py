"""Exponents of critical Galton-Watson avalanches, whose limits are 3/2, 2 and 2, and how slowly estimates approach
them.

The effect of finite windows is accounted for exactly: an estimator is correct when it agrees with the exponent that
it gives for the exact law in the same window.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exponents, galton_watson, theory
from emergent_dynamics.branching.tables import measured, rows
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate

WINDOWS = {"tau": (10, 10_000), "alpha": (30, 3000), "gamma": (30, 300)}


def exact_exponents(neurons: float = np.inf, often: np.ndarray | None = None) -> dict[str, float]:
    """Return the tau, alpha and gamma that the estimators give for the exact laws in `WINDOWS`; gamma uses only the
    durations `often` (d,), if given.
    """
    sizes = np.zeros(WINDOWS["tau"][1] + 1)
    s = np.arange(1, sizes.size)
    sizes[1:] = theory.borel(s, 1.0) if np.isinf(neurons) else theory.otter_dwass(s, 1.0, int(neurons))
    alive = theory.survival(WINDOWS["alpha"][1] + 1, 1.0, neurons)
    durations = np.concatenate([[0.0], -np.diff(alive)])
    mean_size = theory.size_given_duration(WINDOWS["gamma"][1], 1.0, neurons)
    if often is not None:
        mean_size = np.where(often[: mean_size.size], mean_size, np.nan)
    return {
        "tau": exponents.fit(sizes, *WINDOWS["tau"]).exponent,
        "alpha": exponents.fit(durations, *WINDOWS["alpha"]).exponent,
        "gamma": exponents.size_against_duration(mean_size, *WINDOWS["gamma"]).value,
    }


def find(n: int, seed: int, neurons: int) -> dict[str, pd.DataFrame]:
    """Return the table `mean_field`, one row per offspring law and exponent, from n avalanches at sigma = 1 of each
    law.

    The laws are Poisson, and the binomial law of a network of `neurons` per layer in which no two active neurons
    share a target.
    """
    laws = [("poisson", 0), ("binomial", neurons)] if neurons >= 2 else [("poisson", 0)]
    tables = [_one_law(n, seed, name, each) for name, each in laws]
    return {"mean_field": pd.concat(tables, ignore_index=True)}


def _one_law(n: int, seed: int, offspring: str, neurons: int) -> pd.DataFrame:
    longest = WINDOWS["alpha"][1]
    ensemble = galton_watson.simulate(1.0, n, seed, 2**62, longest + 1, neurons)
    sizes = np.bincount(np.minimum(ensemble.size, WINDOWS["tau"][1] + 1))[: WINDOWS["tau"][1] + 1]
    died = ensemble.duration[ensemble.extinct]
    durations = np.bincount(died, minlength=longest + 1)
    often = durations >= exponents.FEWEST
    gamma = _gamma(died, ensemble.size[ensemble.extinct], often)
    estimates = {
        "tau": exponents.fit(sizes, *WINDOWS["tau"]).estimate,
        "alpha": exponents.fit(durations, *WINDOWS["alpha"]).estimate,
        "gamma": gamma,
    }
    exact = exact_exponents(neurons or np.inf, often)
    table = [
        {
            "offspring": offspring,
            "exponent": name,
            "lowest": WINDOWS[name][0],
            "highest": WINDOWS[name][1],
            "value": estimate.value,
            "lo": estimate.lo,
            "hi": estimate.hi,
            "exact": exact[name],
            "mean_field": theory.MEAN_FIELD[name],
            "n": estimate.n,
            "reason": exponents.TOO_FEW_DURATIONS if np.isnan(estimate.value) else "",
        }
        for name, estimate in estimates.items()
    ]
    return pd.DataFrame(table)


def _gamma(duration: np.ndarray, size: np.ndarray, often: np.ndarray) -> Estimate:
    """Estimate gamma from avalanches (avalanche,) that died out, on the durations `often` (d,); n is the number of
    avalanches used.
    """
    count, total, square = (np.bincount(duration, size.astype(float) ** k, often.size) for k in range(3))
    count = np.where(often, count, np.nan)
    mean_size = total / count
    error = np.sqrt(np.maximum(square / count - mean_size**2, 0.0) / (count - 1))
    slope = exponents.size_against_duration(mean_size, *WINDOWS["gamma"], error)
    lo, hi = WINDOWS["gamma"]
    return replace(slope, n=int(np.nansum(count[lo : hi + 1])))


NAMES = {"tau": "sizes", "alpha": "durations", "gamma": "mean size against duration"}


def summarise(tables: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Return headlines of each exponent with its exact value in the window; the mean-field limit is in the note."""
    return {
        f"mean_field_{r['offspring']}_{r['exponent']}": measured(
            r,
            "value",
            "1",
            f"Exponent of {NAMES[r['exponent']]} of critical trees with {r['offspring']} offspring, "
            f"from {r['lowest']} to {r['highest']}",
            ends=("lo", "hi"),
            expectation=theory.expected_tree_exponent(r["exact"]),
            note=f"tends to {r['mean_field']:g} in wide windows",
        )
        for r in rows(tables["mean_field"])
    }
