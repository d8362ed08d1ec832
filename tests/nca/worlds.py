"""Small worlds that the tests share."""

import itertools

import numpy as np
import xarray as xr

from emergent_dynamics.nca import model
from emergent_dynamics.nca.model import UNBOUNDED, Birth, Parameters, World
from emergent_dynamics.nca.simulation import NcaSimulation

BASE = {
    "width": 20,
    "height": 20,
    "channels": 2,
    "seed_fraction": 0.2,
    "alive_threshold": 0.5,
    "inheritance": 0.3,
    "mutation": 0.05,
    "budget": 4,
    "generations": 25,
    "activation": "sigmoid",
    "board_activation": "sigmoid",
    "rule": "thesis2024",
    "update": "sequential",
    "alive_rounding": "1",
    "catastrophe_every": 0,
    "catastrophe_probability": 0.0,
    "catastrophe_erases": "own",
    "runs": 1,
    "seed": 1,
    "archive": "lineage",
    "engine": "cpu",
    "device": "cpu",
}


def parameters(**changes: object) -> Parameters:
    """A 20 x 20 world of 25 generations with the given changes; budget None means none."""
    if "budget" in changes and changes["budget"] is None:
        changes["budget"] = UNBOUNDED
    return Parameters(**{**BASE, **changes})  # type: ignore[arg-type]


def history(p: Parameters, run: int = 0) -> tuple[list[World], list[list[Birth]]]:
    """The reference, step by step: worlds 0..T and the births of each."""
    world, births = model.initial(p, run)
    worlds, born = [world], [births]
    for generation in range(1, p.generations + 1):
        world, births = model.step(world, model.draws(p, run, generation), generation, p)
        worlds.append(world)
        born.append(births)
    return worlds, born


def drive(p: Parameters, cuts: int = 1) -> dict[str, np.ndarray]:
    """The driver in small: frames stacked along the generation, log rows joined; each interval cut in `cuts`."""
    simulation = NcaSimulation(p)
    variables = simulation.variables()
    logs = {name: [] for name, variable in variables.items() if variable.kind == "log"}
    frames: dict[str, list[np.ndarray]] = {name: [] for name, v in variables.items() if v.kind == "frame"}
    state = simulation.initial()
    static = {name: state.pop(name) for name, v in variables.items() if v.kind == "static"}

    def collect() -> None:
        for name in logs:
            if name in state:
                logs[name].append(state.pop(name))

    collect()
    schedule = simulation.schedule
    for start, stop in zip(schedule[:1].tolist() + schedule[:-1].tolist(), schedule.tolist(), strict=True):
        edges = np.unique(np.linspace(start, stop, cuts + 1).astype(int))
        for a, b in itertools.pairwise(edges):
            state = simulation.advance(state, int(a), int(b))
            collect()
        for name, value in simulation.observe(state).items():
            frames[name].append(np.array(value))
    axis = {name: variables[name].dims.index("generation") for name in frames}
    return (
        {name: np.stack(values, axis=axis[name]) for name, values in frames.items()}
        | {name: np.concatenate(values) for name, values in logs.items()}
        | static
        | simulation.finish(state)
    )


def datasets(stored: dict[str, np.ndarray], p: Parameters) -> dict[str, xr.Dataset]:
    """What `drive` returns as the groups that a store would have: "", "genome" and "checkpoint"."""
    variables = NcaSimulation(p).variables()
    groups: dict[str, dict] = {"": {}, "genome": {}, "checkpoint": {}}
    for name, values in stored.items():
        group, _, short = name.rpartition("/")
        groups[group][short] = (variables[name].dims, values)
    return {group: xr.Dataset(columns) for group, columns in groups.items()}
