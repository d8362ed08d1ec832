"""A page of the pixels of every run, which move in the plane of that run and are coloured by their input."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import xarray as xr

from emergent_dynamics.oscillators import frames
from emergent_dynamics.oscillators.findings.projection import positions
from emergent_dynamics.plotting.page import Quantised, pack, page_of_runs, room
from emergent_dynamics.plotting.viewers import points, points_script

AXES = {"pca": ("first component", "second component"), "per_frame": ("first of the frame", "second of the frame"),
        "tsne": ("first t-SNE axis", "second t-SNE axis")}  # fmt: skip
LEVELS = 5  # number of classes of input phase in the legend
MOST = 2_000_000  # largest number of pixels times frames of a run: 16 MB
BITS = (
    10,
    8,
    8,
    8,
)  # of a coordinate, on some 500 screen pixels; with 8 frames are thinned, up to three times


def page(projection: xr.Dataset, trajectory: xr.Dataset, method: str, title: str) -> str:
    """The page of every run, with as many frames as it holds; for t-SNE, that of the frames in projection.zarr."""
    stored, count, shown = trajectory.sizes["time"], trajectory.sizes["run"], projection.sizes["point"]
    picked = frames.spaced(stored, MOST // shown)
    if method == "tsne":
        picked, count = projection["frame_index"].values, 1
    level, names = _levels(trajectory["input_phase"].isel(channel=0).values, projection["cell"].values)

    def data(run: int, picked: np.ndarray, bits: int) -> dict[str, object]:
        moving = projection["position"].values
        if method != "tsne":
            moving = positions(trajectory, projection, method, run, picked)
        axes = _axes(AXES[method], projection["explained"].values[run])
        time = trajectory["time"].values[picked]
        made = points(moving, "pixels in the plane", time=time, clock="t =", category=level[run], names=names,
                      axes=axes, what="pixel", radius=3.0, bits=bits)  # fmt: skip
        return made | {"position": pack(Quantised(moving, bits))}  # once, though `room` and the page both ask

    for bits in BITS:
        first = data(0, picked, bits)
        measured, held = picked.size, room(first, picked.size, count)
        if held >= picked.size:
            break
        if bits == min(BITS):
            picked = picked[frames.spaced(picked.size, held)]

    def runs() -> Iterator[dict[str, object]]:
        for run in range(count):
            yield first if run == 0 and measured == picked.size else data(run, picked, bits)

    caption = f"{shown} pixels, the same in all frames{' and runs' if count > 1 else ''}; "
    caption += f"{picked.size} of {stored} frames{' of run 0' if method == 'tsne' else ''}."
    return page_of_runs(title, runs(), count, points_script(), caption)


def _levels(phase: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Classes (run, point) of input phases (run, y, x) in rad at some pixels, and the names of the classes."""
    seen = phase.reshape(len(phase), -1)[:, cell]
    lo, hi = float(seen.min()), float(seen.max())
    if lo == hi:
        return np.zeros(seen.shape, int), [f"input {lo:.2f} rad"]
    edges = np.linspace(lo, hi, LEVELS + 1)
    names = [f"input {a:.2f} to {b:.2f} rad" for a, b in pairwise(edges)]
    return np.searchsorted(edges[1:-1], seen, side="right"), names


def _axes(names: tuple[str, str], shares: np.ndarray) -> tuple[str, str]:
    """Names of both axes with their shares of variance, where there are any."""
    if np.isnan(shares).any():
        return names
    first, second = (
        f"{name}, {share:.0%} of the variance" for name, share in zip(names, shares, strict=True)
    )
    return first, second
