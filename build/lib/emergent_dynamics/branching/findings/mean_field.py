"""Exponents of critical Galton-Watson avalanches: where 3/2, 2 and 2 must come out, and how slowly they do.

The finite windows are corrected for by the exact law, not by hope: an estimator is right when it agrees with
the exponent that it returns on the exact law in the same window.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exponents, galton_watson, theory
from emergent_dynamics.branching.headlines import headline
from emergent_dynamics.branching.tables import rows
from emergent_dynamics.store import Headline

WINDOWS = {"tau": (10, 10_000), "alpha": (30, 3000), "gamma": (30, 300)}
EXACT_LAW = "the same estimator on the exact law: Borel 1942, Dwass 1969; generating functions, Harris 1963"


def exact_exponents(neurons: float = np.inf) -> dict[str, float]:
    """tau, alpha, gamma that noiseless laws give in `WINDOWS`."""
    sizes = np.zeros(WINDOWS["tau"][1] + 1)
    s = np.arange(1, sizes.size)
    sizes[1:] = theory.borel(s, 1.0) if np.isinf(neurons) else theory.otter_dwass(s, 1.0, int(neurons))
    alive = theory.survival(WINDOWS["alpha"][1] + 1, 1.0, neurons)
    durations = np.concatenate([[0.0], -np.diff(alive)])
    mean_size = theory.size_given_duration(WINDOWS["gamma"][1], 1.0, neurons)
    return {
        "tau": exponents.fit(sizes, *WINDOWS["tau"]).exponent,
        "alpha": exponents.fit(durations, *WINDOWS["alpha"]).exponent,
        "gamma": exponents.size_against_duration(mean_size, *WINDOWS["gamma"]).value,
    }


def find(n: int, seed: int, neurons: int) -> dict[str, pd.DataFrame]:
    """`mean_field`, one row per offspring law and exponent, from n avalanches at sigma = 1 of each law.

    The laws are Poisson, and the binomial one of a network of `neurons` per layer in which no two active ones share
    a target.
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
    total, square = (
        np.bincount(died, ensemble.size[ensemble.extinct].astype(float) ** k, longest + 1) for k in (1, 2)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_size = total / durations
        error = np.sqrt(np.maximum(square / durations - mean_size**2, 0.0) / (durations - 1))
    error[durations < 2] = np.nan
    tau, alpha = exponents.fit(sizes, *WINDOWS["tau"]), exponents.fit(durations, *WINDOWS["alpha"])
    gamma = exponents.size_against_duration(mean_size, *WINDOWS["gamma"], error)
    values = {"tau": (tau.exponent, tau.interval()), "alpha": (alpha.exponent, alpha.interval())}
    values["gamma"] = (gamma.value, gamma.interval)
    exact = exact_exponents(neurons or np.inf)
    table = [
        {
            "offspring": offspring,
            "exponent": name,
            "lowest": WINDOWS[name][0],
            "highest": WINDOWS[name][1],
            "value": value,
            "lo": lo,
            "hi": hi,
        }
        | {"exact": exact[name], "mean_field": theory.MEAN_FIELD[name], "n": n}
        for name, (value, (lo, hi)) in values.items()
    ]
    return pd.DataFrame(table)


def summarise(tables: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Measured against the exact value in the window; the limit is in the note."""
    return {
        f"mean_field_{r['offspring']}_{r['exponent']}": headline(
            r["value"],
            (r["lo"], r["hi"]),
            r["n"],
            "1",
            r["exact"],
            EXACT_LAW,
            f"tends to {r['mean_field']:g} in wide windows",
        )
        for r in rows(tables["mean_field"])
    }
