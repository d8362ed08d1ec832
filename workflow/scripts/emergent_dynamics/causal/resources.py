"""Memory and time that a job of this system needs, from the size of its experiment; imports nothing heavy."""

from collections.abc import Mapping
from math import prod
from typing import Any

LIBRARIES = 400  # MB of NumPy, SciPy, Numba, pandas, xarray, Zarr; 200 to 330 were measured
BLOCKS = 64  # MB of a block of 16 MB that is gathered, joined, compressed and read back
SQUARES = 10  # arrays (coord, coord) of V, Q, K, their products and the decomposition; 9.6 were measured at d = 2,048
PAIRS_PER_SECOND = 2e8  # attention weights per second of one core by the direct kernel, cautiously
WORTH = 4e10  # pairs times steps from which on a GPU is requested: a minute or more of one core
WORTH_CIRCLE = 2e11  # the same if a core can use the Fourier kernel
FLOW_HOLDS = 4500  # largest tokens times (2 d + 1) of a run of the flow that fits a block on a GPU
CARD = 450  # MB of the device's context on the host and two pinned blocks of frames; 320 were measured
CARD_TORCH = 2000  # MB of torch with CUDA, for more than 8 dimensions; 1,700 were measured
START = 10  # minutes that a job may take before it computes


def findings(experiment: Mapping[str, Any]) -> list[str]:
    """Names of the findings of an experiment: `limits` is among them if there is a single matrix V, and `heads` if
    there are several heads or layers.
    """
    from emergent_dynamics.causal.presets import layers

    every = [
        "leaders",
        "centres",
        "thresholds",
        "counts",
        "capture",
        "lineage",
        "plateaus",
        "lifetime",
        "order",
    ]
    if experiment["source"] != "model":
        return every
    one_value = not layers(experiment["value"]) and experiment["heads"] == 1
    several = experiment["heads"] > 1 or _layered(experiment)
    return [*every, *["limits"] * one_value, *["heads"] * several]


def mem_mb(experiment: Mapping[str, Any]) -> int:
    """Memory in MB for any job: a block of the trajectory, and five arrays (run, token, coord) of the state."""
    state = 8 * experiment["runs"] * experiment["tokens"] * experiment["dimension"] / 1e6
    if experiment["source"] == "states":
        return round(LIBRARIES + BLOCKS + 5 * state + _brought(experiment))
    card = (CARD if experiment["dimension"] <= 8 else CARD_TORCH) * (experiment["device"] == "cuda")
    return round(LIBRARIES + BLOCKS + 5 * state + _matrices(experiment) + card)


def _matrices(experiment: Mapping[str, Any]) -> float:
    """Memory in MB for V, Q and K with what is computed of them, and for files as they are read and as float64."""
    from emergent_dynamics.causal.presets import MATRICES, file_of
    from emergent_dynamics.inputs.conditions import memory, shape_of

    paths = [path for name in MATRICES if (path := file_of(experiment[name]))]
    files = sum(memory(path) + 16 * prod(shape_of(path)) for path in paths)
    return (8 * SQUARES * experiment["dimension"] ** 2 + files) / 1e6


def _layered(experiment: Mapping[str, Any]) -> bool:
    """Whether V, Q or K differs between layers."""
    from emergent_dynamics.causal.presets import MATRICES, layers

    return any(layers(experiment[name]) for name in MATRICES)


def _brought(experiment: Mapping[str, Any]) -> float:
    """Memory in MB for a user's states: the file if it cannot be read in parts, and run 0 three times for figures."""
    from emergent_dynamics.inputs.conditions import memory, shape_of

    path = experiment["states"]["path"]
    shape = shape_of(path)
    frames = shape[-3] if len(shape) >= 3 else 1
    run = 8 * frames * experiment["tokens"] * experiment["dimension"]
    return (memory(path) + 3 * run) / 1e6


def runtime(experiment: Mapping[str, Any]) -> int:
    """Time limit of the simulation in minutes, if every pair is computed; the Fourier kernel needs much less."""
    if experiment["source"] == "states":
        return START
    return round(START + _pairs(experiment) / PAIRS_PER_SECOND / 60)


def _varied(experiment: Mapping[str, Any]) -> bool:
    """Whether a step has several heads, noise or another normalisation."""
    return experiment["heads"] > 1 or experiment["noise"] > 0 or experiment["normalisation"] != "post"


def _pairs(experiment: Mapping[str, Any]) -> float:
    """Number of attention weights of all runs, in all steps of the map or in an upper estimate of the flow's
    evaluations.
    """
    if experiment["integrator"] == "map":
        evaluations = experiment["steps"]
    else:
        evaluations = 20 * experiment["end_time"] * max(1.0, (1e-6 / experiment["tolerance"]) ** 0.5)
    return float(experiment["runs"] * experiment["tokens"] ** 2 / 2 * evaluations * experiment["heads"])


def gpus(experiment: Mapping[str, Any]) -> int:
    """Number of GPUs to request: 1 if a GPU can compute it and one core would take more than about a minute, else 0."""
    if experiment["device"] != "cuda" or experiment["source"] == "states" or _varied(experiment):
        return 0
    d = experiment["dimension"]
    large = d > 8 or experiment["tokens"] * (2 * d + 1) > FLOW_HOLDS
    if _layered(experiment) or (experiment["integrator"] == "ode" and large):
        return 0
    circle = d == 2 and (experiment["runs"] == 1 or experiment["tokens"] > 2000)
    return int(
        not circle and _pairs(experiment) >= (WORTH_CIRCLE if d == 2 else WORTH if d <= 8 else WORTH / 10)
    )
