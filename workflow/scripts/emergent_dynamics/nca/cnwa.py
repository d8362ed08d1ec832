"""Clusters of neural weights as published (CNWA): every frame has a basis of its own, and empty nets are among the
nets.

Weights to two decimals are standardised over the cells of the frame; K-means starts once, from the centroids of frame
0. A cluster therefore need not mean the same in two frames, and empty nets count with as many cells as they have.
`fixed_basis` has neither problem.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from emergent_dynamics.nca import genomes
from emergent_dynamics.nca.cloud import QUALITY
from emergent_dynamics.nca.fixed_basis import SAMPLE, SAMPLED, TABLE
from emergent_dynamics.nca.genomes import Living


def cluster(
    frames: xr.Dataset, log: xr.Dataset, parameters: Mapping[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return what `fixed_basis.cluster` returns: run, generation, cluster, cells (empty ones too), genomes; genomes
    of the last frame as the sample; and an empty quality.

    A run is left out when its frame 0 has fewer different nets, the empty one included, than there are clusters.
    """
    k = parameters["clusters"]
    rows: list[tuple[int, ...]] = []
    shown = []
    for run in frames["run"].values.tolist():
        start = None
        for living in genomes.follow(frames, log, 10 * parameters["channels"] ** 2, run):
            points = StandardScaler().fit_transform(cells(living))
            if start is None:
                if np.count_nonzero(living.cells) + 1 < k:
                    break
                start = KMeans(k, n_init=1, random_state=0).fit(points).cluster_centers_
            held, first = np.unique(living.row, return_index=True)
            labels = label(points, start, held.size)
            kinds = np.bincount(labels[first[held > 0]], minlength=k)
            counts = zip(range(k), np.bincount(labels, minlength=k).tolist(), kinds.tolist(), strict=True)
            rows += [(run, living.generation, *count) for count in counts]
        if start is not None:
            shown.append(_places(living, points, labels))
    sample = pd.concat(shown, ignore_index=True) if shown else pd.DataFrame(columns=SAMPLED)
    return pd.DataFrame(rows, columns=TABLE), sample, pd.DataFrame(columns=QUALITY)


def cells(living: Living) -> np.ndarray:
    """Return (cell, gene) the weights of every cell to two decimals, zero for an empty net."""
    return np.round(living.weights[living.row.reshape(-1)].astype(np.float64), 2)


def label(points: np.ndarray, start: np.ndarray, different: int) -> np.ndarray:
    """Return (cell,) the cluster of each point.

    Where fewer than K nets are `different`, K-means is not fitted, and each point gets the nearest of the centroids
    `start`.
    """
    if different < len(start):
        return ((points[:, None] - start) ** 2).sum(axis=2).argmin(axis=1)
    return KMeans(len(start), n_init=1, init=start).fit(points).labels_


def _places(living: Living, points: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    """Return up to SAMPLE genomes of a frame with their places on the two principal axes of its cells."""
    held, first = np.unique(living.row, return_index=True)
    held, first = held[held > 0], first[held > 0]
    chosen = np.unique(np.linspace(0, held.size - 1, min(SAMPLE, held.size)).astype(int))
    places = (
        PCA(2, random_state=0).fit(points).transform(points[first[chosen]]) if chosen.size else points[:0]
    )
    return pd.DataFrame(
        {
            "run": living.run,
            "generation": living.generation,
            "genome": living.genome[held[chosen]],
            "x": places[:, 0],
            "y": places[:, 1],
            "cluster": labels[first[chosen]],
        }
    )
