"""Use the library without Snakemake: simulate a system and analyse its trajectory."""

import atexit
import importlib
import importlib.util
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver, store
from emergent_dynamics.config import ConfigError, code_sha256, load
from emergent_dynamics.config.schema import read_schemas
from emergent_dynamics.findings import Analysis

NAME = "run"  # name of the experiment in the attributes of its store


def systems() -> list[str]:
    """The names of all systems.

    >>> "causal" in systems()
    True
    """
    return sorted(read_schemas()[1])


def simulate(system: str, path: str | Path | None = None, **parameters: Any) -> xr.Dataset:
    """Simulate one experiment of a system to its end, or read it from your own files, and open its trajectory.

    system : one of `systems()`. parameters : as in a configuration; config/README.md lists them with units and
    defaults. path : the store to be written, ending in .zarr; an interrupted run is continued there. Without a path
    the store lies in a temporary directory, which is removed when Python ends.

    Returns the trajectory as an xarray Dataset whose arrays are read when they are used; its groups, where a system has
    some, are opened by `open_store(ds, group=...)`.
    Raises ConfigError, in one line, for an unknown key, a value that is not allowed, or a sweep; FileExistsError where
    there is a store already.

    >>> simulate("causal", tokens=8, runs=2, steps=20)["x"].dims
    ('run', 'time', 'token', 'coord')
    """
    experiments = load({"experiments": {system: {NAME: parameters}}}, ["simulate"])
    if experiments.groups(system):
        raise ConfigError("simulate: sweep and seeds must be absent; call simulate once for each value")
    experiment = experiments.simulation(system, NAME)
    destination = Path(path) if path is not None else _temporary() / "trajectory.zarr"
    if destination.exists():
        raise FileExistsError(f"{destination}: there is a store already; choose another path or delete it")
    if convert := _converter(system, experiment):
        attributes = provenance.attributes(system, NAME, experiment, code_sha256(_sources(system)))
        convert(destination, experiment, attributes | {"engine": "ingested"})
        return open_store(destination)
    module = f"emergent_dynamics.{system}.simulation"
    simulation = importlib.import_module(module).build(experiment)
    attributes = provenance.attributes(system, NAME, experiment, code_sha256(module))
    driver.run(simulation, destination.parent / f".{destination.name}.checkpoint", destination, attributes)
    return open_store(destination)


def open_store(source: xr.Dataset | str | Path, group: str | None = None) -> xr.Dataset:
    """Open a store of this project, or a group of one; its arrays are read when they are used.

    source : a path, or a Dataset that `simulate` or `open_store` returned.
    Raises DamagedStore where the store is not complete.
    """
    return store.open_complete(_path(source), group=group)


def analyse(source: xr.Dataset | str | Path, **parameters: Any) -> Analysis:
    """Every table and every headline of a trajectory: `Analysis(tables, headlines)`, both by name.

    source : a trajectory of any system, by path or as `simulate` returned it. parameters : those of the analyses, as
    in a configuration; those of the simulation are in the store.

    >>> analysis = analyse(simulate("causal", tokens=8, runs=2, steps=20))
    >>> sorted(analysis.tables)[:2]
    ['capture', 'centres']
    """
    trajectory = open_store(source)
    system = trajectory.attrs["system"]
    known = {k: v for k, v in provenance.parameters(trajectory).items() if k != "inputs_sha256"} | parameters
    experiment = load({"experiments": {system: {NAME: known}}}, ["analyse"]).parameters(system, NAME)
    findings = importlib.import_module(f"emergent_dynamics.{system}.findings")
    analysis: Analysis = findings.analyse(_path(source), experiment)
    return analysis


def _sources(system: str) -> str:
    """The module of a system that tells where a run comes from; few have one."""
    return f"emergent_dynamics.{system}.sources"


def _converter(system: str, experiment: Mapping[str, Any]) -> Callable[..., None] | None:
    """The function that writes a user's files as a store; None where the experiment is simulated."""
    if importlib.util.find_spec(_sources(system)) is None:
        return None
    found: Callable[..., None] | None = importlib.import_module(_sources(system)).converter(experiment)
    return found


def _path(source: xr.Dataset | str | Path) -> Path:
    return Path(source.encoding["source"] if isinstance(source, xr.Dataset) else source)


def _temporary() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="emergent-dynamics-")
    atexit.register(folder.cleanup)
    return Path(folder.name)
