"""Trajectories of pixels in the plane: one basis for all frames of a run, so that axes neither flip nor rotate.

A pixel at a time is the vector (cos theta_d, sin theta_d) over channels d: continuous where the angle is not.
The original study refits PCA on wrapped angles in each frame; `per_frame` does that.
"""

from collections.abc import Iterator, Mapping
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
    """Cosines, then sines, of phases (frame, channel, ...) in rad as features of pixels (frame, pixel, 2 channel)."""
    flat = _flat(theta)
    channels = flat.shape[-1]
    x = np.empty((*flat.shape[:-1], 2 * channels))
    np.cos(flat, out=x[..., :channels])
    np.sin(flat, out=x[..., channels:])
    return x


def basis(trajectory: xr.Dataset, run: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean (feature,), the two leading axes (2, feature) and their shares of variance, over all pixels and frames.

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


def find(trajectory: xr.Dataset, config: Mapping[str, Any]) -> Tables:
    """The plane of every run, and positions of at most `points` pixels of run 0 in at most `frames` frames.

    Frames are evenly spaced. mean : (run, feature), axes : (run, axis, feature), of the joint basis, NaN for
    other methods. explained : (run, axis) share of variance, NaN for t-SNE. position : (frame, point, axis).
    frame_index : in the trajectory. cell : (point,) flat (y, x).
    """
    method, most, points = (config["projection"][key] for key in ("method", "frames", "points"))
    picked = spaced(trajectory.sizes["time"], most)
    pixels = trajectory.sizes["y"] * trajectory.sizes["x"]
    if method == "tsne":
        points = min(points, max(2, TSNE_POINTS // picked.size))
    named = (config["seed"], "oscillators.projection", 0, 0)
    cell = np.sort(streams.choice_without_replacement(*named, pixels, min(points, pixels)))
    tables = {"frame_index": picked, "cell": cell} | _planes(trajectory, method)
    if method == "tsne":
        shown = (features(theta) for theta in _pixels(trajectory, 0, picked, cell))
        return tables | {"position": _tsne(np.concatenate(list(shown)), config["seed"])}
    return tables | {"position": positions(trajectory, tables, method, 0, picked)}


def _planes(trajectory: xr.Dataset, method: str) -> Tables:
    """`mean`, `axes` and `explained` of every run."""
    runs, size = trajectory.sizes["run"], 2 * trajectory.sizes["channel"]
    mean, axes, explained = (np.full((runs, *shape), np.nan) for shape in ((size,), (2, size), (2,)))
    for run in range(runs):
        if method == "pca":
            mean[run], axes[run], explained[run] = basis(trajectory, run)
        elif method == "per_frame":
            explained[run] = _shares(trajectory, run)
    return {"mean": mean, "axes": axes, "explained": explained}


def positions(
    trajectory: xr.Dataset, plane: Tables | xr.Dataset, method: str, run: int, picked: np.ndarray
) -> np.ndarray:
    """Positions (frame, point, axis) float32 of the pixels `cell` of a run at the picked frames, by `pca` or
    `per_frame`.

    plane : `cell`, and for `pca` `mean` and `axes`, of `find` or of its store.
    """
    cell, mean, axes = (np.asarray(plane[name]) for name in ("cell", "mean", "axes"))
    if method == "per_frame":
        frames = (_per_frame(theta)[0][:, cell] for theta in read(trajectory, "theta", picked, run))
    else:
        seen = _pixels(trajectory, run, picked, cell)
        frames = (features(theta) @ axes[run].T - axes[run] @ mean[run] for theta in seen)
    return np.concatenate([part.astype(np.float32) for part in frames])


def _pixels(trajectory: xr.Dataset, run: int, picked: np.ndarray, cell: np.ndarray) -> Iterator[np.ndarray]:
    """Phases (frame, channel, point) of some pixels."""
    for theta in read(trajectory, "theta", picked, run):
        yield theta.reshape(*theta.shape[:2], -1)[..., cell]


def _flat(theta: np.ndarray) -> np.ndarray:
    """Rearrange values (frame, channel, ...) of pixels to (frame, pixel, channel)."""
    return np.moveaxis(theta.reshape(*theta.shape[:2], -1).astype(float, copy=False), 1, -1)


def _per_frame(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """PCA of the raw angles of each frame on its own: positions (frame, pixel, 2) and shares of variance (frame, 2).

    Each axis points where its largest entry is positive.
    """
    flat = _flat(theta)
    flat = flat - flat.mean(1, keepdims=True)
    values, vectors = np.linalg.eigh(np.einsum("tni,tnj->tij", flat, flat))
    axes, values = vectors[:, :, ::-1][:, :, :2], values[:, ::-1]
    if axes.shape[2] < 2:
        axes, values = np.concatenate([axes, np.zeros_like(axes)], 2), np.concatenate([values, 0 * values], 1)
    largest = np.take_along_axis(axes, np.abs(axes).argmax(1)[:, None], 1)
    axes = axes * np.sign(largest)
    return flat @ axes, values[:, :2] / np.maximum(values.sum(1, keepdims=True), 1e-300)


def _shares(trajectory: xr.Dataset, run: int) -> np.ndarray:
    """Shares of variance on both axes, mean over all frames of a run, each with its own basis."""
    every = np.arange(trajectory.sizes["time"])
    return np.concatenate([_per_frame(theta)[1] for theta in read(trajectory, "theta", every, run)]).mean(0)


def _tsne(shown: np.ndarray, seed: int) -> np.ndarray:
    """One t-SNE of all frames together, started from PCA (van der Maaten & Hinton 2008)."""
    from sklearn.manifold import TSNE  # its import takes half a second

    flat = shown.reshape(-1, shown.shape[-1])
    perplexity = min(30.0, (len(flat) - 1) / 3)
    flat = TSNE(2, perplexity=perplexity, init="pca", random_state=seed % 2**32).fit_transform(flat)
    return flat.reshape(*shown.shape[:2], 2).astype(np.float32)


def variables(tables: Tables) -> dict[str, Variable]:
    """The layout of projection.zarr."""
    layout = {
        "position": (("frame", "point", "axis"), "float32", "projected position of a pixel of run 0"),
        "frame_index": (("frame",), "int64", "index in the trajectory"),
        "cell": (("point",), "int64", "pixel, flat (y, x)"),
        "explained": (("run", "axis"), "float64", "share of variance, NaN: not defined"),
        "mean": (("run", "feature"), "float64", "mean of the cosines, then of the sines, of all channels"),
        "axes": (("run", "axis", "feature"), "float64", "joint basis, NaN for other methods"),
    }
    frames = ("position", "frame_index")
    return {
        name: Variable(
            dims, tables[name].shape, kind, label, "1", kind="frame" if name in frames else "static"
        )
        for name, (dims, kind, label) in layout.items()
    }


def summarise(tables: Tables, config: Mapping[str, Any]) -> dict[str, Headline]:
    """Headline of the variance that the plane shows: the mean over runs."""
    method = config["projection"]["method"]
    sentence = "Share of the variance that the plane shows"
    if method != "tsne" and tables["mean"].shape[1] == 2:
        runs, alone = len(tables["mean"]), "one channel: the plane shows all there is"
        return {"projection_explained": Headline(1.0, None, runs, "share", sentence, note=alone, exact=True)}
    e = bounded_mean_interval(tables["explained"].sum(1))
    note = {0: "t-SNE has no explained variance", 1: "no interval: one run"}.get(e.n)
    if method == "per_frame":
        note = "; ".join(filter(None, ["mean over the frames", note]))
    return {"projection_explained": Headline.from_estimate(e, "share", sentence, note=note)}
