"""Whether weights form clusters: K-means on the nets compared with K-means on a single Gaussian of equal covariance.

K-means divides any cloud of points. The silhouette of a point is (b - a) / max(a, b), where a is its mean distance to
its own cluster and b that to the nearest other one (Rousseeuw 1987). The mean over points is compared with that of
clouds without clusters.
"""

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from emergent_dynamics import streams

POINTS = 1000  # largest number of genomes for which silhouettes are computed
CLOUDS = 8  # number of Gaussian clouds
QUALITY = ["cloud", "silhouette", "variance_explained"]


def compare(scaled: np.ndarray, k: int, seed: int) -> pd.DataFrame:
    """Return the table clusters_quality: cloud 0 are the nets, 1 to CLOUDS are Gaussian clouds of the same mean and
    covariance.

    scaled : (net, gene), standardised. silhouette : mean over at most POINTS points, by K-means on these.
    variance_explained : share of the variance of the points on their two principal axes.
    """
    n, genes = scaled.shape
    points = scaled
    if n > POINTS:
        points = scaled[streams.choice_without_replacement(seed, "nca.quality", 0, 0, n, POINTS)]
    values, axes = np.linalg.eigh(np.atleast_2d(np.cov(scaled, rowvar=False)))
    root = axes * np.sqrt(np.clip(values, 0, None))
    clouds = [points]
    for cloud in range(1, CLOUDS + 1):
        draws = streams.normal(seed, "nca.gaussian", 0, cloud, len(points) * genes)
        clouds.append(scaled.mean(axis=0) + draws.reshape(-1, genes) @ root.T)
    rows = [(i, silhouette(cloud, k, seed), explained(cloud)) for i, cloud in enumerate(clouds)]
    return pd.DataFrame(rows, columns=QUALITY)


def silhouette(points: np.ndarray, k: int, seed: int) -> float:
    """Mean silhouette of K-means with k clusters; NaN with fewer than k + 1 different points."""
    if len(np.unique(points, axis=0)) <= k:
        return float("nan")
    labels = KMeans(k, n_init=4, random_state=seed % 2**32).fit(points).labels_
    return float(silhouette_score(points, labels))


def explained(points: np.ndarray) -> float:
    """Share of the variance on the two principal axes; NaN where all points are equal."""
    values = np.linalg.svd(points - points.mean(axis=0), compute_uv=False) ** 2
    return float(values[:2].sum() / values.sum()) if values.sum() > 0 else float("nan")
