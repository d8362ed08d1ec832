"""Computes all findings of one trajectory in the current process; the rules of the workflow compute the same in a few
jobs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas

from emergent_dynamics.findings import Analysis
from emergent_dynamics.nca import archive, bands
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.findings import activity, clusters, gd, lineage, pd, regions, sensitivity
from emergent_dynamics.nca.resources import has_regions


def analyse(trajectory: str | Path, parameters: Mapping[str, Any]) -> Analysis:
    """Tables and headlines of a finished trajectory store.

    parameters : the complete experiment, as the schema resolves it. The twins of `sensitivity` are simulated here.
    """
    found = tables(archive.read(trajectory), parameters)
    headlines: Any = (
        pd.summarise(found["pd"], parameters)
        | gd.summarise(found["gd"], parameters)
        | lineage.summarise(found["lineage"], parameters)
        | activity.summarise(found["activity"], parameters)
        | sensitivity.summarise(found["sensitivity"])
        | clusters.summarise(found["clusters"], found["clusters_quality"])
        | (regions.summarise(found["regions"], parameters) if "regions" in found else {})
    )
    return Analysis(found, headlines)


def tables(trajectory: Trajectory, parameters: Mapping[str, Any]) -> dict[str, pandas.DataFrame]:
    """Return {name: table} with the tables of every finding."""
    joined = (
        pd.find(trajectory)
        | gd.find(trajectory, parameters)
        | lineage.find(trajectory)
        | activity.find(trajectory, parameters)
        | sensitivity.find(parameters)
        | clusters.find(trajectory, parameters)
        | (regions.find(trajectory, parameters) if has_regions(parameters) else {})
    )
    return joined | {"bands": bands.over_runs(joined["pd"], joined["gd"])}
