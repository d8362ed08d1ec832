"""Memory and time that a job of this system needs, from the size of its experiment; imports nothing heavy, because the
Snakefile imports it.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

BASE_MB = 440  # and of a block of frames, and of compiling the kernels; 441 were measured of a small world
CARD_MB = 800  # MB of the device's context on the host, and of two blocks; 360 to 510 were measured
TABLES_MB = (
    64  # largest memory, in MiB, of the tables of living genomes of the runs that are followed together
)
TWINS_MB = 280  # largest memory, in MiB, of the worlds of twins that are followed together
START = 10  # minutes that a job may take before it computes
WORTH = 8e8  # cells times generations from which on a GPU is requested: a minute of one core
SECONDS_PER_GENE = 2e-8  # per living cell and generation on one core, cautiously
REFERENCE = 50  # factor by which the reference is slower


def simulate_mb(experiment: Mapping[str, Any]) -> int:
    """Return the memory in MB of a simulation: two rows of the genome table per cell and run, the buffers of one
    generation, and copies of these in a checkpoint.
    """
    genes = 10 * experiment["channels"] ** 2
    cells = experiment["width"] * experiment["height"]
    buffers = cells * (6 * genes + 64)
    frames = 4 * genes * cells * experiment["runs"] * (experiment["archive"] == "dense")
    card = CARD_MB * (experiment["device"] == "cuda")
    worlds = 3 * world(cells, experiment["channels"]) * experiment["runs"]
    return BASE_MB + card + int((worlds + buffers + 2 * frames) / 2**20)


def world(cells: int, channels: int) -> int:
    """Return the bytes of one world. A cell takes two rows of the genome table, its channels and 24 bytes."""
    return cells * (2 * 4 * 10 * channels**2 + 8 * channels + 24)


def sensitivity_mb(experiment: Mapping[str, Any]) -> int:
    """Return MB of the twins that live at once beside the world that lost no founder."""
    cells, channels = experiment["width"] * experiment["height"], experiment["channels"]
    worlds = 1 + min(experiment["sensitivity"]["twins"], twins_together(cells, channels))
    return max(analysis_mb(experiment), BASE_MB + int(worlds * world(cells, channels) / 2**20))


def twins_together(cells: int, channels: int) -> int:
    """Return how many twins are followed together, so that all worlds fit into `TWINS_MB`, but at least eight.

    The world that lost no founder is computed once more for each further group of twins.
    """
    return max(8, TWINS_MB * 2**20 // world(cells, channels) - 1)


def analysis_mb(experiment: Mapping[str, Any]) -> int:
    """Return the memory in MB of an analysis: tables of the living genomes of several runs, and 80 bytes per genome."""
    cells, genes = experiment["width"] * experiment["height"], 10 * experiment["channels"] ** 2
    tables = runs_together(experiment["runs"], cells, genes) * 8 * genes * cells
    return BASE_MB + 20 + int((tables + 80 * genomes(experiment)) / 2**20)


def ingest_mb(experiment: Mapping[str, Any]) -> int:
    """Return the memory in MB of reading a run from files: of a recording, all weights and files that are not .npy or
    Zarr.
    """
    own = experiment["recording"]
    if not own:
        return analysis_mb(experiment)
    from emergent_dynamics.inputs.conditions import memory, shape_of

    nets = math.prod(shape_of(own["weights"]))
    held = 5 * 4 * nets + sum(memory(own[name]) for name in ("ids", "alpha", "weights"))
    return analysis_mb(experiment) + int(held / 2**20)


def runs_together(runs: int, cells: int, genes: int) -> int:
    """Return the number of runs that are followed together, whose tables (two rows per cell) fit into `TABLES_MB`."""
    return min(runs, max(1, TABLES_MB * 2**20 // (8 * genes * cells)))


def genomes(experiment: Mapping[str, Any]) -> float:
    """Return about how many genomes are born in a run: one mutated birth per cell in a cycle of 1/IP + budget + 1
    generations.

    Nets that fail early make the cycle a little shorter. Without a budget there are far fewer births; a cycle of 14
    is assumed. A recording has as many as its weights say.
    """
    if own := experiment.get("recording"):
        from emergent_dynamics.inputs.conditions import shape_of

        return float(next(iter(shape_of(own["weights"])), 0))
    stages = [experiment, *experiment["landscape"]]
    budget = min(float(value) for stage in stages for value in values(stage, "budget", "inf"))
    mutation = max(value for stage in stages for value in values(stage, "mutation", 0))
    cycle = 14 if budget == float("inf") else 1 / max(experiment["inheritance"], 1e-9) + budget + 1
    mutated = 1 - (1 - mutation) ** (10 * experiment["channels"] ** 2)
    cells = experiment["width"] * experiment["height"]
    return cells * (experiment["seed_fraction"] + mutated * experiment["generations"] / cycle)


def findings(experiment: Mapping[str, Any]) -> list[str]:
    """Return the findings that have a summary; `regions` is among them where the landscape has strips."""
    always = ["pd", "gd", "lineage", "activity", "sensitivity", "clusters"]
    return [*always, "regions"] if has_regions(experiment) else always


def has_regions(experiment: Mapping[str, Any]) -> bool:
    """Return whether a stage of the landscape has values by strip."""
    return most_strips(experiment["landscape"]) > 1


def most_strips(stages: Sequence[Mapping[str, Any]]) -> int:
    """Return the number of strips that the stages of a landscape distinguish; 1 without lists."""
    lists = (value for stage in stages for value in stage.values() if isinstance(value, list))
    return max(map(len, lists), default=1)


def values(stage: Mapping[str, Any], name: str, missing: Any) -> list[Any]:
    """Return the values of a stage of the landscape in all strips."""
    value = stage.get(name, missing)
    return value if isinstance(value, list) else [value]


def runtime(experiment: Mapping[str, Any]) -> int:
    """Return the time limit in minutes of the simulation, or of an analysis of every frame, if every cell is alive."""
    cells = experiment["runs"] * experiment["width"] * experiment["height"] * experiment["generations"]
    slow = REFERENCE if experiment["engine"] == "reference" else 1
    return round(START + slow * cells * 10 * experiment["channels"] ** 2 * SECONDS_PER_GENE / 60)


def ingest_minutes(experiment: Mapping[str, Any]) -> int:
    """Return the time limit in minutes for reading the originals' pickles, at twice the measured 5 us per number."""
    numbers = experiment["width"] * experiment["height"] * (experiment["generations"] + 1) * 44
    return round(START + 1e-5 * numbers / 60)


def gpus(experiment: Mapping[str, Any]) -> int:
    """Return whether the simulation requests a GPU: it does where the kernels support the experiment and it is long
    enough.

    The kernels do not have the rule run2023, and storing a full archive takes longer than they do.
    """
    cells = experiment["runs"] * experiment["width"] * experiment["height"] * experiment["generations"]
    kernel = experiment["rule"] != "run2023" and experiment["archive"] == "checkpoint"
    return int(experiment["device"] == "cuda" and kernel and cells >= WORTH)
