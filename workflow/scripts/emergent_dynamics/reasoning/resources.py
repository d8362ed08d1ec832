"""Memory and time that a job of this system needs, from the size of its experiment; imports nothing heavy, because
the Snakefile imports it.
"""

from collections.abc import Mapping
from typing import Any

from emergent_dynamics.reasoning.official import cost
from emergent_dynamics.reasoning.parameters import hidden_size
from emergent_dynamics.reasoning.plan import shard_size

LIBRARIES = 310  # MB of NumPy, pandas, scikit-learn, xarray, Zarr, and matplotlib for figures
TORCH = 300  # MB in addition
CARD = 2300  # MB of torch with CUDA; 2,040 were measured
START = 10  # minutes that a job may take before it computes
STATE_DICT_COPIES = 4  # the mapped file, the float32 arrays, the frame, and the block that is written
CAUTION = 3  # factor by which a loaded core may be slower than the rate that decides the size of jobs
WORTH = 500  # examples with 8 exponents from which on a GPU is requested: about a minute of one core
GRADIENT = 1.8  # memory of a training by that of its graph: gradients and optimiser beside it
CHUNK = 16  # examples diagnosed at a time
FLOPS_PER_SECOND = 1e9  # a cautious rate of small float32 products on one core


def mem_mb(experiment: Mapping[str, Any]) -> int:
    """Memory in MB for an analysis: a few copies of the diagnostics, which have exponents and other columns per
    (example, step).
    """
    columns = experiment["exponents"] + 6 + experiment["starts"] * (1 + experiment["starts"] // 4)
    if experiment["positions"]:
        columns += _cells(experiment)
    table = 8 * experiment["examples"] * _steps(experiment) * columns * max(1, experiment["runs"])
    return round(LIBRARIES + 6 * table / 1e6)


def simulate_mb(experiment: Mapping[str, Any]) -> int:
    """Memory in MB for the capture map (a few numbers per example) or for training (the graph of a batch)."""
    if experiment["source"] == "checkpoint":
        a, _ = _official(experiment)
        return round(mem_mb(experiment) + TORCH + STATE_DICT_COPIES * 4 * cost.weights_count(a) / 1e6)
    if experiment["source"] != "train":
        return mem_mb(experiment)
    graph = experiment["training"]["batch"] * _graph(experiment)
    return round(mem_mb(experiment) + TORCH + GRADIENT * graph / 1e6)


def simulate_minutes(experiment: Mapping[str, Any]) -> int:
    """Time limit in minutes for the capture map (seconds) or for training: three forward passes per step."""
    if experiment["source"] != "train":
        return START
    passes, flossing = 3 * experiment["training"]["batch"], experiment["training"]["flossing"]
    if flossing["weight"]:
        passes += (
            6 * flossing["examples"] * (flossing["steps"] + flossing["warm_up"]) * (1 + flossing["exponents"])
        )
    flops = passes * _step_flops(experiment)
    return round(START + experiment["checkpoints"][-1] * flops / FLOPS_PER_SECOND / 60)


def diagnose_mb(experiment: Mapping[str, Any]) -> int:
    """Memory in MB to diagnose a chunk of examples: the states of all steps in float32, in float64 too for what lies
    around a trajectory, eight states and what a step holds in float64, five copies of k + 4 tangents, and for SVD the
    graph of a step.
    """
    torch = TORCH + CARD * (experiment["device"] != "cpu")
    if experiment["source"] == "checkpoint":
        return round(LIBRARIES + torch + cost.job_mb(*_official(experiment)))
    network, k = experiment["network"], experiment["exponents"]
    state = 2 * _positions(experiment) * network["width"]
    k = max(k, cost.AT_ONCE) if experiment["positions"] else k
    around = 8 * (experiment["starts"] > 0 or experiment["positions"])
    tangents = 5 * 4 * CHUNK * state * (k + 4)
    states = CHUNK * state * ((4 + around) * (_steps(experiment) + 1) + 16 * experiment["starts"] + 96)
    graph = CHUNK * _graph(experiment) * ("svd" in experiment["estimator"])
    return round(LIBRARIES + torch + (tangents + states + graph) / 1e6)


def diagnose_minutes(experiment: Mapping[str, Any]) -> int:
    """Time limit of one shard in minutes: each step, and its product with k tangents."""
    if experiment["source"] == "checkpoint":
        a, work = _official(experiment)
        examples = cost.shard(a, work, experiment["examples"])
        return round(START + CAUTION * examples * cost.example_seconds(a, work) / 60)
    examples = min(experiment["examples"], shard_size(experiment["device"]))
    tangents = experiment["exponents"] + (_cells(experiment) if experiment["positions"] else 0)
    others = 4 * experiment["starts"] + 2 if experiment["starts"] else 0  # computed in float64
    passes = 1 + 2 * tangents + others
    flops = examples * _steps(experiment) * passes * _step_flops(experiment)
    return round(START + flops / FLOPS_PER_SECOND / 60)


def gpus(experiment: Mapping[str, Any]) -> int:
    """Return whether the diagnosis requests a GPU: not for a few examples. Training always runs on the CPU."""
    few = experiment["source"] == "train" and experiment["examples"] < WORTH
    return int(experiment["device"] == "cuda" and not few)


def _official(experiment: Mapping[str, Any]) -> tuple[cost.Architecture, cost.Work]:
    """The sizes of the model of a checkpoint experiment, and the work per example."""
    from emergent_dynamics.reasoning.official import inspection

    sizes = inspection.bring(experiment).sizes
    return sizes, inspection.work(experiment, sizes)


def _steps(experiment: Mapping[str, Any]) -> int:
    if experiment["source"] == "checkpoint":
        return _official(experiment)[1].steps
    return max(experiment["act_steps"], experiment["roll_out"])


def _cells(experiment: Mapping[str, Any]) -> int:
    """The number of cells of a puzzle."""
    return (
        _official(experiment)[0].positions
        if experiment["source"] == "checkpoint"
        else experiment["task"]["size"] ** 2
    )


def _positions(experiment: Mapping[str, Any]) -> int:
    return experiment["network"]["prefix"] + experiment["task"]["size"] ** 2


def _expansion(experiment: Mapping[str, Any]) -> float:
    """The expansion of gated layers that their hidden size amounts to."""
    network = experiment["network"]
    rounded = hidden_size(network["width"], network["expansion"], network["form"])
    return max(float(network["expansion"]), 1.5 * rounded / network["width"])


def _graph(experiment: Mapping[str, Any]) -> float:
    """Bytes that torch holds for the gradient of one ACT step of one example."""
    layer = _positions(experiment) * experiment["network"]["width"] * (4 + 2 * _expansion(experiment))
    return 4 * layer * _layers(experiment)


def _layers(experiment: Mapping[str, Any]) -> int:
    network = experiment["network"]
    return network["h_cycles"] * (network["l_cycles"] + 1) * network["layers"]


def _step_flops(experiment: Mapping[str, Any]) -> float:
    """Operations of one ACT step of one example: two per weight and position."""
    network = experiment["network"]
    weights = network["width"] ** 2 * (4 + 3 * _expansion(experiment))
    return 2.0 * _positions(experiment) * weights * _layers(experiment)
