"""Clusters of neural weights over time, in one fixed basis or, as published, in one basis per frame."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from emergent_dynamics.findings import Headline
from emergent_dynamics.nca import cnwa, fixed_basis
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.window import mean_over_runs

ALIKE = "not more different nets than clusters"
METHODS = {"fixed": fixed_basis.cluster, "per_frame": cnwa.cluster}


def find(trajectory: Trajectory, parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the tables clusters, clusters_sample and clusters_quality.

    clusters : run, generation, cluster, cells, genomes. clusters_sample : genomes on two axes. clusters_quality :
    silhouettes of the nets and of Gaussian clouds, see `cloud.compare`. All are empty when there are fewer living
    genomes than clusters, and clusters_quality is empty where `cluster_basis` is per_frame.
    """
    found = METHODS[parameters["cluster_basis"]](trajectory.frames, trajectory.log, parameters)
    return dict(zip(("clusters", "clusters_sample", "clusters_quality"), found, strict=True))


def summarise(table: pd.DataFrame, quality: pd.DataFrame) -> dict[str, Headline]:
    """Return headlines of the share of the largest cluster over runs, and of the silhouettes of the nets and of
    Gaussian clouds without clusters.

    table : clusters. quality : clusters_quality. With K equally frequent clusters the share is 1 / K.
    """
    last = table[table["generation"] == table["generation"].max()]
    cells = last.groupby("run")["cells"]
    share = cells.max() / cells.sum().where(cells.sum() > 0)
    sentence = "Share of the clustered cells that the largest cluster of weights holds in the last generation"
    few = "no cell has a net in the last generation"
    headline = mean_over_runs(
        share, "share", sentence, (0, 1), few if len(share) else "fewer genomes than clusters"
    )
    return {"largest_cluster": headline} | ({} if quality.empty else _silhouettes(quality))


def _silhouettes(quality: pd.DataFrame) -> dict[str, Headline]:
    nets, clouds = quality.iloc[0], quality.iloc[1:]
    one = "one clustering of the genomes of all runs together"
    gaussian = mean_over_runs(
        clouds["silhouette"],
        "1",
        "Mean silhouette of equally large Gaussian clouds of the same covariance, which have no clusters",
        (-1, 1),
        ALIKE,
    )
    sentences = {
        "silhouette": ("1", "Mean silhouette of the clusters of weights"),
        "variance_explained": (
            "share",
            "Share of the variance of weights on the two principal axes that are drawn",
        ),
    }
    alone = {
        name: Headline(nets[name], None, 1, unit, sentence, note=one if math.isfinite(nets[name]) else ALIKE)
        for name, (unit, sentence) in sentences.items()
    }
    return alone | {"silhouette_gaussian": gaussian}
