"""A neutral world as large and as crowded as a real one: the lattice shadow of a run, taken as a run of its own."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from emergent_dynamics.nca import shadow
from emergent_dynamics.nca.archive import Trajectory

DIMS = ("run", "generation", "y", "x")


def own_shadow(trajectory: Trajectory, parameters: Mapping[str, Any], run: int) -> Trajectory:
    """One run's shadow as a trajectory: its labels as gid, the run's alpha, every label a child of its founder."""
    frames = trajectory.frames.sel(run=[run])
    labels = np.zeros(frames["gid"].shape, np.int32)
    parent = np.zeros(int(frames["gid"].max()) + 1, np.int32)
    for i, frame in enumerate(shadow.lattice(frames, parameters, run)):
        labels[0, i] = frame.labels.reshape(labels.shape[2:])
        parent[frame.labels] = frame.clades
    parent[parent == np.arange(parent.size)] = 0
    log = xr.Dataset({"run": ("genome", np.full(parent.size - 1, run)), "parent": ("genome", parent[1:])})
    return Trajectory(frames.assign(gid=(DIMS, labels)), log, xr.Dataset())
