"""Avalanches from single active neurons, beside their exact law.

Sizes in neurons, root included; durations in layers (= steps). An avalanche that reaches the last layer is
censored: its duration is L, and it is left out of every exponent of durations.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special

from emergent_dynamics.branching import exact, exponents, shapes, theory
from emergent_dynamics.branching.exponents import Windows
from emergent_dynamics.branching.headlines import EXACT, headline
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tables import label, row, shown
from emergent_dynamics.branching.tally import Tally, goodness
from emergent_dynamics.statistics import proportion_interval
from emergent_dynamics.store import Headline


def find(tallies: list[Tally], laws: list[exact.Avalanches], p: Parameters) -> dict[str, pd.DataFrame]:
    """`avalanches`, one row per sigma: moments, exponents with intervals, the exact finite-size value of each, tests
    against power laws.

    p_<model> : does that model beat the truncated power law of sizes? p_size : does the exact law describe
    the sizes?
    """
    windows = Windows.of_network(p.layers, p.cells)
    rows = []
    for sigma, tally, law in zip(p.sigma, tallies, laws, strict=True):
        entry: dict[str, object] = {"sigma": sigma, "rule": p.rule, "n": tally.n} | _moments(tally)
        s, d = np.arange(law.size.size), np.arange(law.duration.size)
        entry |= {
            "mean_size_exact": law.size @ s,
            "mean_duration_exact": law.duration @ d,
            "p_reach_end_exact": law.reach,
        }
        entry |= _exponents(tally, windows)
        entry |= {f"{name}_exact": value for name, value in _exponents(law, windows).items()}
        entry |= {f"{name}_window": f"{lo}-{hi}" for name, (lo, hi) in windows._asdict().items()}
        entry |= {f"p_{c.alternative}": c.p for c in exponents.compare(tally.sizes, *windows.tau)}
        entry["p_size"] = goodness(tally.sizes, law.size)
        entry["reason"] = "" if np.isfinite(law.size).all() else "exact size law too large to compute"
        rows.append(entry)
    return {"avalanches": pd.DataFrame(rows)}


def _exponents(law: Tally | exact.Avalanches, windows: Windows) -> dict[str, float]:
    """tau, alpha, gamma, the gamma that they predict, the one that collapses the shapes, and the DCC, with
    intervals.
    """
    if isinstance(law, Tally):
        sizes, durations, error = law.sizes, law.durations, law.mean_size_error
        mean_shape = shapes.mean_profile(law.profile, law.durations)
    else:
        sizes, durations, error, mean_shape = law.size, law.duration, None, law.profile
    tau, alpha = exponents.fit(sizes, *windows.tau), exponents.fit(durations, *windows.alpha)
    gamma = exponents.size_against_duration(law.mean_size, *windows.gamma, error=error)
    predicted = theory.crackling(tau.exponent, alpha.exponent)
    found = {"tau": tau.exponent, "alpha": alpha.exponent, "gamma": gamma.value, "gamma_predicted": predicted}
    found |= {
        "gamma_collapse": shapes.collapse(mean_shape, 5, windows.alpha[1]),
        "dcc": abs(gamma.value - predicted),
    }
    if isinstance(law, Tally):
        for name, (lo, hi) in (
            ("tau", tau.interval()),
            ("alpha", alpha.interval()),
            ("gamma", gamma.interval),
        ):
            found |= {f"{name}_lo": lo, f"{name}_hi": hi}
    return found


def _moments(tally: Tally) -> dict[str, float]:
    """Mean size and duration and the share that reaches the last layer, with 95 % intervals."""
    n, half = tally.n, special.ndtri(0.975)
    found: dict[str, float] = {}
    for name, first, second in (
        ("mean_size", tally.size_sum.sum(), tally.size_square_sum.sum()),
        (
            "mean_duration",
            tally.durations @ np.arange(tally.durations.size),
            tally.durations @ np.arange(tally.durations.size) ** 2,
        ),
    ):
        mean = first / n
        error = np.sqrt(max(second / n - mean**2, 0.0) / n)
        found |= {name: float(mean), f"{name}_lo": mean - half * error, f"{name}_hi": mean + half * error}
    reach = proportion_interval(int(tally.durations[-1]), n)
    return found | {"p_reach_end": reach.value, "p_reach_end_lo": reach.lo, "p_reach_end_hi": reach.hi}


def summarise(tables: Mapping[str, pd.DataFrame], p: Parameters) -> dict[str, Headline]:
    """Means, reach and exponents beside their exact finite-size values; mean-field numbers do not apply
    here.
    """
    headlines = {}
    units = {"mean_size": "neuron", "mean_duration": "layer", "p_reach_end": "1"}
    for sigma in shown(p.sigma):
        r = row(tables["avalanches"], sigma=sigma)
        names = [*units, "tau", "alpha", "gamma"] if abs(sigma - 1.0) < 0.05 else list(units)
        for name in names:
            ci = (r[f"{name}_lo"], r[f"{name}_hi"])
            headlines[f"{name}_{label(sigma)}"] = headline(
                r[name], ci, r["n"], units.get(name, "1"), r[f"{name}_exact"], EXACT
            )
        if "tau" in names:
            headlines[f"dcc_{label(sigma)}"] = headline(r["dcc"], None, r["n"], "1", r["dcc_exact"], EXACT)
    return headlines
