"""Trajectories of pixels in the plane: one basis for all frames, so that axes neither flip nor rotate.

A pixel at a time is the vector (cos theta_d, sin theta_d) over channels d: continuous where the angle is not.
The original study refits PCA on wrapped angles in each frame; `per_frame` does that.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from emergent_dynamics import streams
from emergent_dynamics.oscillators.frames import read, spaced
from emergent_dynamics.store import Headline, Variable, slices

METHODS = ("pca", "per_frame", "tsne")
TSNE_POINTS = 3000  # pixel-frames in one t-SNE: a minute


@dataclass(frozen=True)
class Projection:
    """position (frame, point, 2); frame: index in the trajectory; cell: flat (y, x); explained: share of variance."""

    position: np.ndarray
    frame: np.ndarray
    cell: np.ndarray
    explained: np.ndarray


def features(theta: np.ndarray) -> np.ndarray:
    """(frame, pixel, 2 channel) from (frame, channel, y, x) phases in rad."""
    flat = np.moveaxis(theta.reshape(*theta.shape[:2], -1).astype(float), 1, -1)
    return np.concatenate([np.cos(flat), np.sin(flat)], -1)


def basis(trajectory: xr.Dataset, run: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, the two leading axes (2, feature) and their shares of variance, over all pixels and frames of a run.

    Each axis points where its largest entry is positive.
    """
    total, count, square = 0.0, 0, 0.0
    for chunk in slices(trajectory[["theta"]], "time"):
        x = features(chunk["theta"].values[run]).reshape(-1, 2 * trajectory.sizes["channel"])
        total, square, count = total + x.sum(0), square + x.T @ x, count + len(x)
    mean = np.asarray(total) / count
    values, vectors = np.linalg.eigh(square / count - np.outer(mean, mean))
    axes = vectors[:, ::-1][:, :2].T
    axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(1)])[:, None]
    return mean, axes, np.maximum(values[::-1][:2], 0) / max(values.sum(), 1e-300)


def find(
    trajectory: xr.Dataset, method: str, frames: int, points: int, seed: int, run: int = 0
) -> Projection:
    """Positions of at most `points` pixels in at most `frames` frames, evenly spaced, of one run."""
    picked = spaced(trajectory.sizes["time"], frames)
    pixels = trajectory.sizes["y"] * trajectory.sizes["x"]
    if method == "tsne":
        points = min(points, max(2, TSNE_POINTS // picked.size))
    cell = np.sort(
        streams.choice_without_replacement(
            seed, "oscillators.projection", run, 0, pixels, min(points, pixels)
        )
    )
    theta = np.concatenate(list(read(trajectory, "theta", picked, run)))
    if method == "per_frame":
        return _per_frame(theta, picked, cell)
    shown = features(theta)[:, cell]
    if method == "tsne":
        return Projection(_tsne(shown, seed), picked, cell, np.full(2, np.nan))
    mean, axes, explained = basis(trajectory, run)
    return Projection((shown - mean) @ axes.T, picked, cell, explained)


def _per_frame(theta: np.ndarray, picked: np.ndarray, cell: np.ndarray) -> Projection:
    """PCA of the raw angles of each frame on its own."""
    flat = np.moveaxis(theta.reshape(*theta.shape[:2], -1).astype(float), 1, -1)
    flat = flat - flat.mean(1, keepdims=True)
    values, vectors = np.linalg.eigh(np.einsum("tni,tnj->tij", flat, flat))
    axes = vectors[:, :, ::-1][:, :, :2]
    if axes.shape[2] < 2:
        axes = np.concatenate([axes, np.zeros_like(axes)], 2)
    share = (values[:, ::-1][:, :2] / values.sum(1, keepdims=True)).mean(0)
    return Projection(flat[:, cell] @ axes, picked, cell, np.resize(share, 2))


def _tsne(shown: np.ndarray, seed: int) -> np.ndarray:
    """One t-SNE of all frames together, started from PCA (van der Maaten & Hinton 2008)."""
    from sklearn.manifold import TSNE  # half a second to import

    flat = shown.reshape(-1, shown.shape[-1])
    perplexity = min(30.0, (len(flat) - 1) / 3)
    found = TSNE(2, perplexity=perplexity, init="pca", random_state=seed % 2**32).fit_transform(flat)
    return found.reshape(*shown.shape[:2], 2).astype(float)


def variables(found: Projection) -> dict[str, Variable]:
    """The layout of projection.zarr."""
    frames, points = found.position.shape[:2]
    return {
        "position": Variable(
            ("frame", "point", "axis"), found.position.shape, "float64", "projected position", "1"
        ),
        "frame_index": Variable(("frame",), (frames,), "int64", "index in the trajectory", "1"),
        "cell": Variable(("point",), (points,), "int64", "pixel, flat (y, x)", "1", kind="static"),
        "explained": Variable(
            ("axis",), (2,), "float64", "share of variance, NaN: not defined", "1", kind="static"
        ),
    }


def summarise(found: Projection, method: str) -> dict[str, Headline]:
    """Variance that the plane shows."""
    note = "t-SNE has no explained variance" if method == "tsne" else None
    value = float(found.explained.sum())
    return {"projection_explained": Headline(value, None, found.cell.size, "share of variance", note=note)}
