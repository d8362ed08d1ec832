"""The multistep estimator on the driven branching process for which it was derived, with 5 % of its units observed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import galton_watson, regression, theory
from emergent_dynamics.branching.tables import measured, row
from emergent_dynamics.findings import Headline

M, DRIVE, STEPS = 0.98, 10.0, 200_000  # m, h and length of the process A' ~ Poisson(m A + h)
SEEN = 0.05  # share of its units that is observed
LAGS = 300


def find(seed: int) -> dict[str, pd.DataFrame]:
    """Return the table `ratio_process` for A' ~ Poisson(m A + h), in the columns of the table `ratio`.

    For this process the multistep estimator must return m from 5 % of the units.
    """
    watched = galton_watson.subsample(galton_watson.driven(M, DRIVE, STEPS, seed), SEEN, seed)
    table = regression.lagged(watched, LAGS)
    rows = [
        {"sigma": M, "estimator": name, "seen": SEEN} | estimate.columns(expected, STEPS)
        for name, estimate, expected in (
            ("mr", regression.multistep(table), M),
            ("one_step", regression.one_step(table), np.nan),
        )
    ]
    return {"ratio_process": pd.DataFrame(rows)}


def summarise(tables: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Return the headline of the multistep estimate on the process."""
    r = row(tables["ratio_process"], estimator="mr")
    return {
        f"mr_process_m_{M:g}": measured(
            r,
            "value",
            "1",
            f"Multistep estimate of the branching ratio of a driven process, from {100 * SEEN:g} % of its units",
            n="units",
            ends=("lo", "hi"),
            expectation=theory.expected_multistep(r["expected"]),
            rank=3,
        )
    }
