"""Collect the diagnostics of all examples of a trajectory as {tag: table}, whatever the source is; needs no torch."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from emergent_dynamics.runtime import provenance
from emergent_dynamics import store
from emergent_dynamics.reasoning import capture_map, diagnostics, ingest, tables
from emergent_dynamics.reasoning.parameters import Capture, Parameters

FLOAT64_ROUND_OFF = 2.2e-16
DEPOSITED_FLOOR = 1e-12  # as in the original study: the precision of the files is unknown


def collect(trajectory: str, shards: Sequence[str], declared: Mapping[str, Any]) -> dict[str, xr.Dataset]:
    """Return all tables of an experiment. declared : `exponent_unit` and `halted_zero` of deposited files."""
    parameters = Parameters.from_config(provenance.parameters(store.open_complete(trajectory)))
    if parameters.source == "capture_map":
        return captured(store.open_complete(trajectory), parameters.capture)
    if parameters.source == "npz":
        return deposited(trajectory, parameters, declared)
    return joined(shards)


def captured(trajectory: xr.Dataset, p: Capture) -> dict[str, xr.Dataset]:
    """Return diagnostics of the capture map, one table per run, with exponents from the closed form."""
    about: dict[str, object] = {
        "unit": diagnostics.UNIT,
        "estimator": "closed form",
        "floor": FLOAT64_ROUND_OFF,
        "dimensions": 1,
        "source": "capture_map",
        **{
            name: getattr(p, name)
            for name in ("centre", "radius", "trap", "trap_radius", "contraction", "steps")
        },
    }
    one_per_run = {}
    for run in range(trajectory.sizes["run"]):
        x = trajectory["x"].isel(run=run).values
        one_per_run[f"run_{run}"] = diagnostics.dataset(capture_map.diagnose(x, p), {**about, "run": run})
    return one_per_run


def deposited(trajectory: str, parameters: Parameters, declared: Mapping[str, Any]) -> dict[str, xr.Dataset]:
    """Return one table per file. Members of a series have its name and their training step as attributes."""
    dropped = dict(one.split("=") for one in store.open_complete(trajectory).attrs["dropped"].split("; "))
    place = {
        f"{name}_{one['step']}": {"series": name, "step": one["step"]}
        for name, series in parameters.series.items()
        for one in series
    }
    one_per_file = {}
    for tag in parameters.paths():
        group = store.open_complete(trajectory, group=tag)
        arrays = {str(name): np.asarray(value.values) for name, value in group.variables.items()}
        about = {
            "source_file": tag,
            "dropped": int(dropped[tag]),
            "floor": DEPOSITED_FLOOR,
            **place.get(tag, {}),
        }
        one_per_file[tag] = ingest.dataset(arrays, declared["exponent_unit"], declared["halted_zero"], about)
    return one_per_file


def joined(shards: Sequence[str]) -> dict[str, xr.Dataset]:
    """Return one table per checkpoint, joined from its shards, in the order of training."""
    parts: dict[str, list[xr.Dataset]] = {}
    for path in shards:
        for tag, table in tables.read(path).items():
            parts.setdefault(tag, []).append(table)
    whole = {tag: tables.join(some) for tag, some in parts.items()}
    return dict(sorted(whole.items(), key=lambda item: int(item[1].attrs["step"])))
