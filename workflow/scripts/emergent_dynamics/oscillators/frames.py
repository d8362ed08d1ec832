"""Read a few frames of a long trajectory; each stored chunk is read once."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from emergent_dynamics.store import pieces_with

PIECE = 2**19  # values returned at a time: some 8 MB as complex numbers


def spaced(frames: int, most: int) -> np.ndarray:
    """Indices of at most `most` frames, evenly spaced from the first to the last."""
    return np.unique(np.linspace(0, frames - 1, min(frames, most)).round().astype(np.int64))


def read(trajectory: xr.Dataset, name: str, wanted: np.ndarray, run: int = 0) -> Iterator[np.ndarray]:
    """The values (frame, channel, y, x) of one run at the wanted frames (ascending), a few frames at a time."""
    for piece, inside in pieces_with(trajectory[[name]], wanted):
        yield from _parts(piece[name].isel(run=run).values, inside)


def _parts(values: np.ndarray, inside: np.ndarray) -> Iterator[np.ndarray]:
    """The values at the indices, at most PIECE of them at a time; they are freed before the next chunk is decoded."""
    step = max(1, PIECE // values[0].size)
    for first in range(0, inside.size, step):
        yield values[inside[first : first + step]]


def raster(trajectory: xr.Dataset, units: int = 200, frames: int = 600) -> np.ndarray:
    """(frame, unit) spikes of run 0, at most `units` and `frames`, evenly spaced."""
    stored = trajectory.sizes["time"]
    shown = read(trajectory, "spike", np.arange(0, stored, -(-stored // frames)))
    return np.concatenate([part.reshape(len(part), -1)[:, :: -(-part[0].size // units)] for part in shown])
