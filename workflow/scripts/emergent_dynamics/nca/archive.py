"""A finished trajectory as the findings read it: frames, the genome log and the stored states, all opened lazily."""

from pathlib import Path
from typing import NamedTuple

import xarray as xr

from emergent_dynamics import store


class Trajectory(NamedTuple):
    """The groups of a store. frames : gid and alpha (run, generation, y, x). log : the group "genome". states : the
    group "checkpoint".
    """

    frames: xr.Dataset
    log: xr.Dataset
    states: xr.Dataset


def read(path: Path | str) -> Trajectory:
    """Open the groups of a published store. Raises `store.DamagedStore` where a chunk is missing."""
    return Trajectory(*(store.open_complete(path, group=group) for group in (None, "genome", "checkpoint")))
