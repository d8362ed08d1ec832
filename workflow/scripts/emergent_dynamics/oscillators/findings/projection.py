"""Trajectories of pixels in the plane: one basis for all frames, so that axes neither flip nor rotate.

A pixel at a time is the vector (cos theta_d, sin theta_d) over channels d: continuous where the angle is not.
The original study refits PCA on wrapped angles in each frame; `per_frame` does that.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from emergent_dynamics import streams
from emergent_dynamics.findings import Headline
from emergent_dynamics.oscillators.frames import read, spaced
from emergent_dynamics.statistics import bounded_mean_interval
from emergent_dynamics.store import Variable, slices

METHODS = ("pca", "per_frame", "tsne")
Tables = dict[str, np.ndarray]
TSNE_POINTS = 3000  # number of pixels times frames in one t-SNE, which takes a minute


def features(theta: np.ndarray) -> np.ndarray:
    """(frame, pixel, 2 channel) from (frame, channel, y, x) phases in rad."""
    flat = np.moveaxis(theta.reshape(*theta.shape[:2], -1).astype(float, copy=False), 1, -1)
    channels = flat.shape[-1]
    x = np.empty((*flat.shape[:-1], 2 * channels))
    np.cos(flat, out=x[..., :channels])
    np.sin(flat, out=x[..., channels:])
    return x


def basis(trajectory: xr.Dataset, run: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, the two leading axes (2, feature) and their shares of variance, over all pixels and frames of a run.

    Each axis points where its largest entry is positive.
    """
    total, count, square = 0.0, 0, 0.0
    for chunk in slices(trajectory[["theta"]], "time"):
        x = features(chunk["theta"].isel(run=run).values).reshape(-1, 2 * trajectory.sizes["channel"])
        total, square, count = total + x.sum(0), square + x.T @ x, count + len(x)
    mean = np.asarray(total) / count
    values, vectors = np.linalg.eigh(square / count - np.outer(mean, mean))
    axes = vectors[:, ::-1][:, :2].T
    axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(1)])[:, None]
    return mean, axes, np.maximum(values[::-1][:2], 0) / max(values.sum(), 1e-300)


def find(trajectory: xr.Dataset, config: Mapping[str, Any], run: int = 0) -> Tables:
    """Positions of at most `points` pixels in at most `frames` frames, evenly spaced, of one run.

    position : (frame, point, 2). frame_index : in the trajectory. cell : (point,) flat (y, x).
    explained : (2,) share of variance on each axis, NaN for t-SNE. explained_by_run : (run,) their sum, for the joint
    basis of every run; of run 0 alone for other methods.
    """
    method, frames, points = (config["projection"][key] for key in ("method", "frames", "points"))
    seed = config["seed"]
    picked = spaced(trajectory.sizes["time"], frames)
    pixels = trajectory.sizes["y"] * trajectory.sizes["x"]
    if method == "tsne":
        points = min(points, max(2, TSNE_POINTS // picked.size))
    cell = np.sort(
        streams.choice_without_replacement(
            seed, "oscillators.projection", run, 0, pixels, min(points, pixels)
        )
    )
    chunks = read(trajectory, "theta", picked, run)
    if method == "per_frame":
        return _per_frame(np.concatenate(list(chunks)), picked, cell)
    held = [theta.reshape(*theta.shape[:2], -1)[..., cell] for theta in chunks]
    shown = features(np.concatenate(held))
    if method == "tsne":
        return _tables(_tsne(shown, seed), picked, cell, np.full(2, np.nan))
    bases = [basis(trajectory, one) for one in range(trajectory.sizes["run"])]
    mean, axes, explained = bases[run]
    shares = np.array([float(share.sum()) for _, _, share in bases])
    return _tables((shown - mean) @ axes.T, picked, cell, explained) | {"explained_by_run": shares}


def _tables(position: np.ndarray, frame: np.ndarray, cell: np.ndarray, explained: np.ndarray) -> Tables:
    shares = np.array([float(explained.sum())])
    return {
        "position": position,
        "frame_index": frame,
        "cell": cell,
        "explained": explained,
        "explained_by_run": shares,
    }


def _per_frame(theta: np.ndarray, picked: np.ndarray, cell: np.ndarray) -> Tables:
    """PCA of the raw angles of each frame on its own."""
    flat = np.moveaxis(theta.reshape(*theta.shape[:2], -1).astype(float), 1, -1)
    flat = flat - flat.mean(1, keepdims=True)
    values, vectors = np.linalg.eigh(np.einsum("tni,tnj->tij", flat, flat))
    axes = vectors[:, :, ::-1][:, :, :2]
    if axes.shape[2] < 2:
        axes = np.concatenate([axes, np.zeros_like(axes)], 2)
    share = (values[:, ::-1][:, :2] / values.sum(1, keepdims=True)).mean(0)
    return _tables(flat[:, cell] @ axes, picked, cell, np.resize(share, 2))


def _tsne(shown: np.ndarray, seed: int) -> np.ndarray:
    """One t-SNE of all frames together, started from PCA (van der Maaten & Hinton 2008)."""
    from sklearn.manifold import TSNE  # its import takes half a second

    flat = shown.reshape(-1, shown.shape[-1])
    perplexity = min(30.0, (len(flat) - 1) / 3)
    flat = TSNE(2, perplexity=perplexity, init="pca", random_state=seed % 2**32).fit_transform(flat)
    return flat.reshape(*shown.shape[:2], 2).astype(float)


def variables(tables: Tables) -> dict[str, Variable]:
    """The layout of projection.zarr."""
    frames, points = tables["position"].shape[:2]
    return {
        "position": Variable(
            ("frame", "point", "axis"), tables["position"].shape, "float64", "projected position", "1"
        ),
        "frame_index": Variable(("frame",), (frames,), "int64", "index in the trajectory", "1"),
        "cell": Variable(("point",), (points,), "int64", "pixel, flat (y, x)", "1", kind="static"),
        "explained": Variable(
            ("axis",), (2,), "float64", "share of variance, NaN: not defined", "1", kind="static"
        ),
    }


def summarise(tables: Tables, config: Mapping[str, Any]) -> dict[str, Headline]:
    """Headline of the variance that the plane shows: the mean over runs, or of run 0 with a basis per frame."""
    method, shares = config["projection"]["method"], tables["explained_by_run"]
    e = bounded_mean_interval(shares)
    note = {0: "t-SNE has no explained variance", 1: "no interval: one run"}.get(e.n)
    if method == "per_frame":
        note = "mean over the frames of run 0; no interval: one run"
    sentence = "Share of the variance that the plane shows"
    return {"projection_explained": Headline.from_estimate(e, "share", sentence, note=note)}
