"""The multistep estimator on the recurrent process that it is made for, 5 % of whose units are seen."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import galton_watson, regression
from emergent_dynamics.branching.findings.ratio import as_row
from emergent_dynamics.branching.headlines import headline
from emergent_dynamics.branching.tables import row
from emergent_dynamics.store import Headline

PROCESS = {
    "m": 0.98,
    "drive": 10.0,
    "steps": 200_000,
    "seen": 0.05,
    "lags": 300,
}  # of the check on a recurrent process


def find(seed: int) -> dict[str, pd.DataFrame]:
    """`ratio_process`, as the table `ratio`, for A' ~ Poisson(m A + h): there the multistep estimator must return
    m from 5 % of the units.
    """
    m, seen, steps = PROCESS["m"], PROCESS["seen"], int(PROCESS["steps"])
    watched = galton_watson.subsample(galton_watson.driven(m, PROCESS["drive"], steps, seed), seen, seed)
    table = regression.lagged(watched, int(PROCESS["lags"]))
    found = [
        as_row(m, "mr", seen, regression.multistep(table), m, steps),
        as_row(m, "one_step", seen, regression.one_step(table), np.nan, steps),
    ]
    return {"ratio_process": pd.DataFrame(found)}


def summarise(tables: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """MR on the process."""
    mr = row(tables["ratio_process"], estimator="mr")
    source = "r_k = m^k times a constant under subsampling: Wilting & Priesemann 2018, Nat Commun 9:2325"
    return {
        "mr_process_m_0.98": headline(
            mr["value"], (mr["lo"], mr["hi"]), mr["n"], "1", mr["expected"], source, "5 % of the units seen"
        )
    }
