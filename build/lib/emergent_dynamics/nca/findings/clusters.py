"""Clusters of neural weights over time, in one fixed basis or, as published, in one basis per frame."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from emergent_dynamics.nca import cnwa, fixed_basis
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.store import Headline

METHODS = {"fixed": fixed_basis.cluster, "per_frame": cnwa.cluster}


def find(trajectory: Trajectory, parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The tables clusters (run, generation, cluster, cells, genomes) and clusters_sample (genomes on two axes).

    Both are empty when there are fewer living genomes than clusters. `cluster_basis` names the method.
    """
    table, sample = METHODS[parameters["cluster_basis"]](trajectory.frames, trajectory.log, parameters)
    return {"clusters": table, "clusters_sample": sample}


def summarise(table: pd.DataFrame, sample: pd.DataFrame) -> dict[str, Headline]:
    """Nothing yet: clusters are drawn."""
    return {}
