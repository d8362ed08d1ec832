"""Zarr v3 stores that survive kill -9: write, publish, open, verify.

A store is written with whole chunks into a preallocated layout, every chunk ends in a crc32c, and it appears
under its name by one rename, complete, with the sha256 of each array's decoded values.
"""

from emergent_dynamics.store.layout import Variable, frames_per_block
from emergent_dynamics.store.publication import publish, writing
from emergent_dynamics.store.reader import (
    DamagedStore,
    find_damage,
    misplaced,
    open_complete,
    pieces_with,
    slices,
)
from emergent_dynamics.store.stream import Stream
from emergent_dynamics.store.writer import Writer

FORMAT = 1  # raised when the bytes written to disk change; dependent results are then computed again

__all__ = [
    "DamagedStore",
    "Stream",
    "Variable",
    "Writer",
    "find_damage",
    "frames_per_block",
    "misplaced",
    "open_complete",
    "pieces_with",
    "publish",
    "slices",
    "writing",
]
