"""The cost of a diagnosis of an official model: operations, memory, examples per job and per batch (light imports).

Each multiply-add counts as two operations; norms and activations are left out. u is the number of blocks applied in
one ACT step, and k the number of tangents:

    mlp        u (1 + k) [6 L D I(D) + 6 D L I(L)]
    attention  u { (1 + k) [6 L D I(D) + 8 L D^2] + (1 + 2k) 4 L^2 D }
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emergent_dynamics.reasoning.official.architecture import Architecture

# Operations per second of one core with tangents: 63 to 102 and 31 to 54 Gflop/s were measured on a busy Xeon with
# AVX-512 (performance/reasoning_official.py); on another processor jobs only take longer or shorter.
RATE = {"float32": 70e9, "float64": 35e9}
ROUNDED_RATE = 70e9  # operations per second in bfloat16; more on processors with instructions for it
SPLIT_SECONDS = 120.0  # longer work is divided into at least two jobs, to use two cores
JOB_SECONDS = 660.0  # longest time of one shard on one core
LARGEST_SHARD = 256
LARGEST_BATCH = 64
CPU_BYTES = 160e6  # largest size of the arrays of one batch on a CPU: two examples of a full-size TRM
SCORES = 64e6  # bytes of attention scores that are differentiated together
AT_ONCE = 8  # tangents of positions that are computed together
EXTRA = 4  # additional columns of the subspace iteration
PASSES = 2  # passes of the subspace iteration after the first


@dataclass(frozen=True)
class Work:
    """The work per example: the number of exponents, whether they are computed by SVD too, the ACT
    steps, the dtype of the tangents, the number of other starts, and whether there is a tangent for every position.
    """

    exponents: int
    svd: bool
    steps: int
    dtype: str
    starts: int = 0
    positions: bool = False


def planned(asked: Mapping[str, Any], act_steps: int) -> Work:
    """Return the work per example, by which examples are divided among jobs; asked : keys of the experiment.

    A dtype of `auto` counts as float32, since the device is not known before the job runs.
    """
    return Work(
        asked["exponents"],
        "svd" in asked["estimator"],
        asked["roll_out"] or act_steps,
        "float32" if asked["dtype"] == "auto" else asked["dtype"],
        asked["starts"],
        asked["positions"],
    )


def step_flops(a: Architecture, tangents: int = 0) -> float:
    """Return the operations of one ACT step of one example with its tangents."""
    length, d = a.length, a.width
    thinking = 6.0 * length * d * a.hidden(d)
    if a.mixer == "mlp":
        mixing = 6.0 * d * length * a.hidden(length)
        return a.layer_updates * (1 + tangents) * (thinking + mixing)
    scores = (1 + 2 * tangents) * 4.0 * length**2 * d
    return a.layer_updates * ((1 + tangents) * (thinking + 8.0 * length * d**2) + scores)


def example_flops(a: Architecture, work: Work) -> float:
    """Return the operations of one example: its tangents and, for `svd`, three forward and two backward passes with
    EXTRA more columns.
    """
    tangents = step_flops(a, work.exponents)
    if work.svd:
        columns = work.exponents + EXTRA
        tangents += (PASSES + 1) * step_flops(a, columns) + PASSES * 2 * step_flops(a, columns)
    if work.positions:
        tangents += step_flops(a, a.positions)
    return work.steps * tangents


def example_seconds(a: Architecture, work: Work) -> float:
    """Return the seconds of one example on one core, with a float64 trajectory and one in bfloat16 beside the
    tangents, and those of other starts and disturbances.
    """
    trajectories = 1 + (2 * work.starts + 1 if work.starts else 0)
    beside = work.steps * step_flops(a) * (trajectories / RATE["float64"] + 1 / ROUNDED_RATE)
    return example_flops(a, work) / RATE[work.dtype] + beside


def shard(a: Architecture, work: Work, examples: int) -> int:
    """Return the number of examples per job, so that jobs last about JOB_SECONDS at most and are of nearly equal
    length; their number is even where they take more than SPLIT_SECONDS in all, so that two cores end together.
    """
    seconds = example_seconds(a, work)
    most = int(min(LARGEST_SHARD, max(1, JOB_SECONDS // seconds)))
    jobs = -(-examples // most)
    if examples * seconds > SPLIT_SECONDS:
        jobs += jobs % 2
    return -(-examples // jobs)


def example_bytes(a: Architecture, work: Work) -> float:
    """Bytes of one example while its tangents move: five of the widest product, the attention's weights and one set of
    differentiated scores, three states with tangents, and the trajectory in float64."""
    size = 8 if work.dtype == "float64" else 4
    columns = 1 + max(work.exponents + (EXTRA if work.svd else 0), AT_ONCE if work.positions else 0)
    widest = max(a.length * a.hidden(a.width), a.width * a.hidden(a.length) if a.mixer == "mlp" else 0)
    total = size * columns * (5.0 * widest + 3.0 * a.state_size) + 8.0 * a.state_size * (work.steps + 1)
    total += 8.0 * a.state_size * 2 * work.starts  # ends, and their copies for the distances
    if a.mixer == "attention":
        total += 6 * 8.0 * a.heads * a.length**2
    if work.svd:  # the graph of one ACT step, and the tangents' basis
        layer = 6.0 * a.length * a.width + 4.0 * widest
        if a.mixer == "attention":
            layer += 3.0 * a.heads * a.length**2
        total += size * a.layer_updates * layer
    return total


def batch(a: Architecture, work: Work, available: float = CPU_BYTES) -> int:
    """Return the number of examples computed together: as many as fit into `available` bytes, from one to
    LARGEST_BATCH.
    """
    return int(min(LARGEST_BATCH, max(1, available // example_bytes(a, work))))


def weights_count(a: Architecture) -> int:
    """Return the number of trained weights of the nets and heads, without the buffers (initial states, puzzle
    embedding).
    """
    buffers = ("H_init", "L_init", "puzzle_emb.weights")
    return sum(math.prod(shape) for name, shape in a.shapes().items() if name not in buffers)


def job_mb(a: Architecture, work: Work) -> float:
    """MB of a diagnosis on top of the libraries: a batch, two sets of attention scores that are differentiated
    together, and the weights as stored, in float64, float32 and bfloat16."""
    scores = 2 * SCORES if a.mixer == "attention" else 0.0
    return (batch(a, work) * example_bytes(a, work) + scores + 18.0 * weights_count(a)) / 1e6


def describe(a: Architecture, work: Work, examples: int, steps: int) -> str:
    """Return one line for the log: what will be computed, and its cost on one core."""
    seconds = example_seconds(a, work)
    jobs = -(-examples // shard(a, work, examples)) * steps
    minutes = seconds * examples * steps / 60
    return (
        f"{a.kind} with {weights_count(a):,} weights, {a.mixer}, {a.prefix} + {a.positions} tokens of {a.width}, "
        f"n = {a.state_size:,}: {example_flops(a, work) / 1e12:.3g} TFLOP per example, about {minutes:.3g} minutes of "
        f"one core for {examples} examples at {steps} step{'s' * (steps != 1)} in {jobs} job{'s' * (jobs != 1)} of "
        f"{job_mb(a, work):.0f} MB beside the libraries"
    )
