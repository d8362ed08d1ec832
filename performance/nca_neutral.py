"""Is a neutral world called neutral at full size? The shadow of every run of a finished experiment, taken as a run.

    snakemake --cores 2 --configfile config/seeds.yaml nca
    PYTHONPATH=workflow/scripts:. python performance/nca_neutral.py results/nca/<sweep>/<member>/trajectory.zarr ...

The lattice shadow of a run is a strictly neutral world with its births, deaths and crowding. It is analysed as a run
is, with a shadow of its own from other draws. Printed for each store: the differences with their intervals, and the
verdict.
"""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.runtime import provenance
from emergent_dynamics.findings.digits import write
from emergent_dynamics.nca import archive, shadow
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.findings import activity

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
    columns = {"run": np.full(parent.size - 1, run), "parent": parent[1:], "birth": np.zeros(parent.size - 1)}
    log = xr.Dataset({name: ("genome", values) for name, values in columns.items()})
    return Trajectory(frames.assign(gid=(DIMS, labels)), log, xr.Dataset())


def table(trajectory: Trajectory, parameters: Mapping[str, Any], seed: int) -> pd.DataFrame:
    """The table activity of the shadows of all runs; `seed` of the draws of their own shadows."""
    again = {**parameters, "seed": seed}
    runs = trajectory.frames["run"].values.tolist()
    parts = [activity.find(own_shadow(trajectory, parameters, run), again)["activity"] for run in runs]
    return pd.concat(parts, ignore_index=True)


def main(path: str) -> None:
    """Print the differences and the verdict for one store."""
    trajectory = archive.read(path)
    parameters = provenance.parameters(trajectory.frames) | {"shadow": "lattice"}
    found = activity.summarise(table(trajectory, parameters, parameters["seed"] + 1), parameters)
    told = []
    for name in activity.SIGNS:
        value, *ends = write(found[name].value, found[name].ci)
        told.append(f"{name} {value} [{', '.join(ends)}]")
    print(f"{path}: {'; '.join(told)}; selection {found['selection'].value:.0f}", flush=True)


if __name__ == "__main__":
    for store in sys.argv[1:]:
        main(store)
