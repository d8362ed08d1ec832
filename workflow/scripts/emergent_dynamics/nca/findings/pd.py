"""Phenotypic diversity of every generation: CTFP (counts of alpha), GEP (entropy), GCVP (share of cells off the
median), CLOGV (local organisation).

The measures are in `phenotype`, with corrected forms beside the original ones. Source: Jain & Nichele 2024.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.findings import Headline
from emergent_dynamics.nca import theory
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.phenotype import VALUES, alpha_sd, complexity, entropy, gcvp, gep, measure
from emergent_dynamics.nca.window import late, mean_over_runs, with_drift

# {column: (unit, largest possible value, rank, sentence)}
MEASURES: dict[str, tuple[str, float, int | None, str]] = {
    "gep": ("1", 1, 3, "Global entropy of alpha (GEP) in the second half of the run"),
    "gcvp": ("1", 1, None, "Gross cell variance of alpha (GCVP) in the second half of the run"),
    "clogv": (
        "1",
        theory.CLOGV_MAX,
        None,
        "Local organisation of alpha (CLOGV) in the second half of the run",
    ),
    "zlib": ("bit", math.inf, None, "Bits per cell of the deflated board in the second half of the run"),
}


def find(trajectory: Trajectory) -> dict[str, pd.DataFrame]:
    """Return the table pd, per run and generation: gep, gcvp, clogv, their variants, then the counts n_0.0 ... n_1.0,
    n_above.

    Alpha is read in blocks of generations. gep_possible : entropy over ln 11 instead of ln of the number of values
    present, so that it is comparable over time. alpha_sd : population standard deviation of alpha over cells. zlib :
    bits per cell of the compressed frame. n_above : cells with alpha above 1.0 (unbounded boards only).
    """
    table = pd.concat(_blocks(trajectory.frames), ignore_index=True)
    return {"pd": table.sort_values(["run", "generation"], ignore_index=True)}


def _blocks(frames: xr.Dataset) -> Iterator[pd.DataFrame]:
    for block in store.slices(frames[["alpha"]], "generation"):
        alpha = block["alpha"].transpose("run", "generation", "y", "x").values
        counts, clogv = measure(alpha.reshape(-1, *alpha.shape[2:]))
        runs, generations = np.meshgrid(block["run"], block["generation"], indexing="ij")
        columns = {"run": runs.reshape(-1), "generation": generations.reshape(-1)}
        columns |= {"gep": gep(counts), "gcvp": gcvp(counts), "clogv": clogv}
        columns |= {"gep_possible": entropy(counts) / np.log(11), "alpha_sd": alpha_sd(counts)}
        columns["zlib"] = complexity(alpha.reshape(-1, *alpha.shape[2:]))
        columns |= {name: counts[:, k] for k, name in enumerate(VALUES)}
        yield pd.DataFrame(columns | {"n_above": counts[:, 11:].sum(axis=1)})


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Return headlines of means over the second half of each run, with the interval over runs and the known values.

    table : pd.
    """
    known = theory.stationary_values(parameters)
    window = late(table, parameters)
    per_run = window.groupby("run")[list(MEASURES)].mean()
    rows = {
        name: mean_over_runs(per_run[name], unit, sentence, (0, most), rank=rank, expectation=known.get(name))
        for name, (unit, most, rank, sentence) in MEASURES.items()
    }
    return with_drift(rows, window)
