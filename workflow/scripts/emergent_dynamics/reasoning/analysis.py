"""Computes all findings of one trajectory in the current process; the rules of the workflow compute them in separate
jobs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from emergent_dynamics.findings import Analysis, Headline
from emergent_dynamics.reasoning import assemble, plan, tables
from emergent_dynamics.reasoning.findings import (
    attractors,
    cells,
    compatibility,
    controls,
    evolution,
    positions,
    precision,
)
from emergent_dynamics.reasoning.parameters import Diagnosis, Parameters, Settings


def analyse(trajectory: str | Path, parameters: Mapping[str, Any]) -> Analysis:
    """Return the tables, by the names of their files (`cells` of cells.csv), and the headlines of a finished
    trajectory.

    parameters : of the experiment, completed by the schema. Trained networks are diagnosed here, which takes as long
    as the separate jobs would; the validation of the estimator is included then.
    """
    diagnosed = diagnose(str(trajectory), parameters)
    settings = Settings.from_config(parameters)
    joined: dict[str, Any] = {}
    headlines: dict[str, Headline] = {}
    chosen = [
        cells,
        controls,
        evolution,
        *([precision] if parameters["source"] in plan.DIAGNOSED_HERE else []),
        *([attractors] if parameters["starts"] else []),
        *([positions] if parameters["positions"] else []),
    ]
    for finding in chosen:
        rows = finding.find(diagnosed, settings)
        joined |= rows
        headlines |= finding.summarise(diagnosed, rows)
    if parameters["source"] in plan.DIAGNOSED_HERE:
        from emergent_dynamics.reasoning.findings import validation  # imports torch

        rows = validation.find(validation.SEED)
        joined |= rows
        headlines |= validation.summarise(rows)
    if parameters["compatibility"] == "seed":
        experiment = Parameters.from_config(parameters)
        deposits = compatibility.deposits(str(trajectory), experiment)
        rows = compatibility.find(deposits, experiment)
        joined |= rows
        headlines |= compatibility.summarise(rows)
    return Analysis(joined, headlines)


def diagnose(trajectory: str, parameters: Mapping[str, Any]) -> dict[str, xr.Dataset]:
    """Return the diagnostics of a trajectory from any source, by table name."""
    if parameters["source"] not in plan.DIAGNOSED_HERE:
        return assemble.collect(trajectory, [], parameters)
    from emergent_dynamics.reasoning.shards import diagnose_shard  # imports torch

    wanted = Diagnosis.from_config(parameters)
    shards: dict[str, list[xr.Dataset]] = {}
    for shard in plan.shards(parameters):
        for name, table in diagnose_shard(trajectory, wanted, shard).items():
            shards.setdefault(name, []).append(table)
    return {name: tables.join(some) for name, some in shards.items()}
