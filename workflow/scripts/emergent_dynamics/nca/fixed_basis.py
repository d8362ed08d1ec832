"""Clusters of neural weights over time in one fixed basis, so that a colour means the same in every frame and run.

The authors scaled and refitted every frame, so that the basis changed and dead cells dominated. Here the scale, two
principal axes and K centroids are fitted once, on living genomes sampled over the whole experiment; each genome keeps
its label.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from emergent_dynamics import streams
from emergent_dynamics.nca import cloud, genomes, replay
from emergent_dynamics.nca.cloud import QUALITY

FRAMES = 16  # frames from which genomes are sampled, evenly spaced
SAMPLE = 2000  # largest number of genomes per run
DECODED = 16  # runs whose genomes are decoded together
TABLE = ["run", "generation", "cluster", "cells", "genomes"]
SAMPLED = ["run", "generation", "genome", "x", "y", "cluster"]


@dataclass(frozen=True)
class Basis:
    """The fitted basis; clusters are numbered from the most to the least frequent in the sample."""

    scale: StandardScaler
    axes: PCA
    centroids: np.ndarray  # (cluster, gene) of scaled weights
    sample: pd.DataFrame  # run, generation, genome, x, y (principal axes), cluster
    quality: pd.DataFrame  # see `cloud.compare`


def cluster(
    frames: xr.Dataset, log: xr.Dataset, parameters: Mapping[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the table of clusters, the sample and the quality of `fit`; all empty with fewer living genomes than
    clusters.
    """
    genes = 10 * parameters["channels"] ** 2
    basis = fit(frames, log, genes, parameters["clusters"], parameters["seed"])
    if basis is None:
        return pd.DataFrame(columns=TABLE), pd.DataFrame(columns=SAMPLED), pd.DataFrame(columns=QUALITY)
    return table(frames, log, genes, basis), basis.sample, basis.quality


def fit(frames: xr.Dataset, log: xr.Dataset, genes: int, k: int, seed: int) -> Basis | None:
    """Fit the basis to living genomes, each sampled once; None where fewer than k genomes were sampled."""
    picked = [sample(frames, run, seed) for run in frames["run"].values.tolist()]
    wanted = {int(ids["run"].iloc[0]): ids["genome"].to_numpy() for ids in picked if len(ids)}
    if sum(map(len, wanted.values())) < k:
        return None
    runs = list(wanted)
    weights: list[np.ndarray] = []
    for start in range(0, len(runs), DECODED):
        some = {run: wanted[run] for run in runs[start : start + DECODED]}
        weights += replay.weights_of_runs(log, some, genes).values()
    scale = StandardScaler()
    scaled = scale.fit_transform(np.concatenate(weights).astype(np.float64))
    axes = PCA(2, random_state=0).fit(scaled)
    means = KMeans(k, n_init=4, random_state=seed % 2**32).fit(scaled)
    order = np.argsort(-np.bincount(means.labels_, minlength=k), kind="stable")
    places = axes.transform(scaled)
    chosen = pd.concat([ids for ids in picked if len(ids)], ignore_index=True)
    chosen = chosen.assign(x=places[:, 0], y=places[:, 1], cluster=np.argsort(order)[means.labels_])
    return Basis(scale, axes, means.cluster_centers_[order], chosen, cloud.compare(scaled, k, seed))


def sample(frames: xr.Dataset, run: int, seed: int) -> pd.DataFrame:
    """Return up to SAMPLE living genomes of FRAMES frames in ascending order; `generation` is the first of these
    frames with the genome.
    """
    at = np.unique(np.linspace(0, frames.sizes["generation"] - 1, FRAMES).astype(int))
    seen = frames["gid"].sel(run=run)[at].load()
    held = [np.unique(frame) for frame in seen.values]
    shown = np.repeat(seen["generation"].values, list(map(len, held)))
    ids, first = np.unique(np.concatenate(held), return_index=True)
    ids, shown = ids[ids > 0], shown[first][ids > 0]
    keep = np.arange(ids.size)
    if ids.size > SAMPLE:
        keep = np.sort(streams.choice_without_replacement(seed, "nca.clusters", run, 0, ids.size, SAMPLE))
    return pd.DataFrame({"run": run, "generation": shown[keep], "genome": ids[keep]})


def label(weights: np.ndarray, basis: Basis) -> np.ndarray:
    """Return (net,) the nearest centroid in the scaled space of weights (net, gene)."""
    slope = (basis.centroids / basis.scale.scale_).T  # faster than to scale the weights
    distance = (basis.centroids**2).sum(axis=1) - 2 * (weights @ slope - basis.scale.mean_ @ slope)
    return distance.argmin(axis=1)


def table(frames: xr.Dataset, log: xr.Dataset, genes: int, basis: Basis) -> pd.DataFrame:
    """Return run, generation, cluster, cells, genomes: living nets by cluster, without empty cells."""
    rows = pd.DataFrame(_rows(frames, log, genes, basis), columns=TABLE)
    return rows.sort_values(["run", "generation"], kind="stable", ignore_index=True)


def _rows(frames: xr.Dataset, log: xr.Dataset, genes: int, basis: Basis) -> Iterator[tuple[int, ...]]:
    k = len(basis.centroids)
    labels: dict[int, np.ndarray] = {}  # {run: cluster of each row of its table}
    for living in genomes.follow_all(frames, log, genes):
        held = labels.get(living.run, np.zeros(1, np.int64))
        if grown := living.genome.size - held.size:
            held = np.concatenate([held, np.zeros(grown, np.int64)])
        labels[living.run] = held
        if living.fresh.size:
            held[living.fresh] = label(living.weights[living.fresh], basis)
        rows = np.flatnonzero(living.cells)
        kinds = np.bincount(held[rows], minlength=k)
        cells = np.bincount(held[rows], weights=living.cells[rows], minlength=k)
        for cluster in range(k):
            yield living.run, living.generation, cluster, int(cells[cluster]), int(kinds[cluster])
