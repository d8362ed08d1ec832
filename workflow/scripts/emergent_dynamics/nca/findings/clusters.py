"""Clusters of neural weights over time, in one fixed basis or, as published, in one basis per frame."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from emergent_dynamics.findings import Headline
from emergent_dynamics.nca import cnwa, fixed_basis
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.window import mean_over_runs

METHODS = {"fixed": fixed_basis.cluster, "per_frame": cnwa.cluster}


def find(trajectory: Trajectory, parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The tables clusters (run, generation, cluster, cells, genomes) and clusters_sample (genomes on two axes).

    Both are empty when there are fewer living genomes than clusters. `cluster_basis` names the method.
    """
    table, sample = METHODS[parameters["cluster_basis"]](trajectory.frames, trajectory.log, parameters)
    return {"clusters": table, "clusters_sample": sample}


def summarise(table: pd.DataFrame) -> dict[str, Headline]:
    """The share of the clustered cells that the largest cluster of the last frame holds, over runs.

    table : clusters. With K equally frequent clusters it is 1 / K.
    """
    last = table[table["generation"] == table["generation"].max()]
    cells = last.groupby("run")["cells"]
    share = cells.max() / cells.sum().where(cells.sum() > 0)
    sentence = "Share of the clustered cells that the largest cluster of weights holds in the last generation"
    few = "no cell has a net in the last generation"
    headline = mean_over_runs(
        share, "share", sentence, (0, 1), few if len(share) else "fewer genomes than clusters"
    )
    return {"largest_cluster": headline}
