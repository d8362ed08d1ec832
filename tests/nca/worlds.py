"""Small worlds that the tests share."""

import itertools
from typing import Any

import numpy as np
import xarray as xr

from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.nca import model
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.model import Birth, World
from emergent_dynamics.nca.parameters import UNBOUNDED, Parameters, Stage
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
    "landscape": (),
    "catastrophe_every": 0,
    "catastrophe_probability": 0.0,
    "catastrophe_erases": "own",
    "runs": 1,
    "seed": 1,
    "archive": "lineage",
    "engine": "cpu",
    "device": "cpu",
}


EMPTY = xr.Dataset()

# The world of config/config.yaml, as an experiment.
GARDEN = {
    "width": 60, "height": 60, "seed_fraction": 0.08, "mutation": 0.02, "inheritance": 0.5, "generations": 300,
}  # fmt: skip

# What the engines are compared on, as changes of `BASE`.
CONFIGURATIONS = {
    "thesis": {},
    "tanh, threshold 0": {"alive_threshold": 0.0, "board_activation": "as_run_tanh", "inheritance": 0.5},
    "no budget, synchronous": {"budget": None, "update": "synchronous"},
    "three channels, rectangle": {"channels": 3, "width": 17, "height": 11, "activation": "tanh"},
    "april2024": {"rule": "april2024", "alive_threshold": 0.5},
    "run2023": {"rule": "run2023", "alive_threshold": 0.6, "mutation": 0.3},
    "catastrophe": {"catastrophe_every": 3, "catastrophe_probability": 0.2},
    "catastrophe, as once": {
        "catastrophe_every": 2,
        "catastrophe_probability": 0.2,
        "catastrophe_erases": "following",
    },
    "changing landscape": {
        "landscape": (
            Stage(4, None, 0.5, None),
            Stage(9, 0.6, None, 2),
            Stage(15, 0.5, 0.0, UNBOUNDED),
        )
    },
    "a landscape in space": {
        "landscape": (
            Stage(0, (0.5, 0.6), (0.0, 0.5), (UNBOUNDED, 3)),
            Stage(9, None, (0.3, 0.0, 0.1, 0.2, 0.02), None),
            Stage(15, 0.5, None, (2, 4, 3)),
        ),
        "width": 21,
        "inheritance": 0.5,
    },
    "thresholds in space, without rounding": {
        "alive_rounding": "none",
        "rule": "april2024",
        "alive_threshold": 0.5,
        "landscape": (Stage(0, (0.7, 0.5, 0.55), None, None), Stage(4, (0.5, 0.65), None, None)),
    },
    "relu, unrounded": {"activation": "relu", "board_activation": "tanh", "alive_rounding": "none"},
    "leaky, certain": {"activation": "leakyrelu", "inheritance": 1.0, "mutation": 1.0, "seed": 2**63 + 5},
    "noact board": {"activation": "noact", "board_activation": "noact", "generations": 8},
}


def parameters(**changes: object) -> Parameters:
    """A 20 x 20 world of 25 generations with the given changes; budget None means none."""
    if "budget" in changes and changes["budget"] is None:
        changes["budget"] = UNBOUNDED
    return Parameters(**{**BASE, **changes})  # type: ignore[arg-type]


def experiment(**changes: object) -> dict[str, Any]:
    """The complete experiment of the same 20 x 20 world, as a configuration gives it."""
    small = {
        "width": 20,
        "height": 20,
        "seed_fraction": 0.2,
        "mutation": 0.05,
        "inheritance": 0.3,
        "generations": 25,
    }
    return resolve(read_schemas()[1]["nca"], {**small, **changes})


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


def datasets(stored: dict[str, np.ndarray], p: Parameters) -> Trajectory:
    """What `drive` returns as the trajectory that the driver would have published."""
    variables = NcaSimulation(p).variables()
    groups: dict[str, dict] = {"": {}, "genome": {}, "checkpoint": {}}
    for name, values in stored.items():
        group, _, short = name.rpartition("/")
        groups[group][short] = (variables[name].dims, values)
    return Trajectory(*(xr.Dataset(columns) for columns in groups.values()))


def board(*rows: list[int]) -> Trajectory:
    """Frames of one run with a row of cells each, by the genomes of the cells: all alive, all founders; no states."""
    gid = np.array(rows, np.int32)[None, :, None, :]
    coordinates = {"run": [0], "generation": np.arange(gid.shape[1])}
    dims = ("run", "generation", "y", "x")
    frames = xr.Dataset({"gid": (dims, gid), "alpha": (dims, 10 * (gid > 0))}, coordinates)
    founders = np.zeros(gid.max(), np.int32)
    log = xr.Dataset(dict.fromkeys(("run", "parent", "birth"), ("genome", founders)))
    return Trajectory(frames, log, EMPTY)
