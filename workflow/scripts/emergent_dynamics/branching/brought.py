"""What the file of a user's recording holds: its columns, the number of its events and the time they span.

Imported before the graph of jobs is built, so it imports nothing heavy.
"""

import functools

import numpy as np

from emergent_dynamics.inputs.array import Array
from emergent_dynamics.inputs.conditions import version
from emergent_dynamics.inputs.files import opened

COLUMNS = {"spikes": ("time", "unit"), "sizes": ("size", "duration"), "stimuli": ("time", "label")}


def column(array: Array, source: str, number: int) -> int | None:
    """Return the index of column `number`, found by its name where the table has names; None where it is missing."""
    names = [name.lower() for name in array.columns]
    if names:
        name = COLUMNS[source][number]
        return names.index(name) if name in names else None
    width = 1 if len(array.shape) == 1 else array.shape[1]
    return number if number < width else None


def events(source: str, path: str) -> int:
    """Return the number of events in memory: all counts of a raster, else the rows of the file."""
    return round(_total(path, version(path))) if source == "raster" else opened(path).shape[0]


def span(path: str) -> float:
    """Return the time between the first and the last spike."""
    return _span(path, version(path))


@functools.lru_cache(maxsize=16)
def _total(path: str, version: tuple[int, int]) -> float:
    return sum(float(piece.sum(dtype=np.float64)) for _, piece in opened(path).pieces())


@functools.lru_cache(maxsize=16)
def _span(path: str, version: tuple[int, int]) -> float:
    array = opened(path)
    place = column(array, "spikes", 0)
    pieces = (piece.reshape(len(piece), -1)[:, place] for _, piece in array.pieces())
    ends = np.array([(piece.min(), piece.max()) for piece in pieces], np.float64)
    return float(ends[:, 1].max() - ends[:, 0].min())
