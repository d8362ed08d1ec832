"""The jobs that an experiment needs; imports neither torch nor Numba, since the Snakefile imports it."""

from collections.abc import Mapping
from typing import Any

DIAGNOSED_HERE = ("train", "checkpoint")  # sources whose networks are diagnosed by jobs of this workflow
SHARD = 256  # examples per job, which takes about 25 s for 4x4 and 70 s for 6x6
WHOLE = 2**20


def shards(parameters: Mapping[str, Any]) -> list[str]:
    """`<checkpoint>-<shard>` of every diagnosis job; none when nothing is trained."""
    if parameters["source"] == "checkpoint":
        from emergent_dynamics.reasoning.official import inspection

        return inspection.shards(parameters)
    if parameters["source"] != "train":
        return []
    n = -(-parameters["examples"] // shard_size(parameters["device"]))
    return [f"{checkpoint}-{shard}" for checkpoint in parameters["checkpoints"] for shard in range(n)]


def shard_size(device: str) -> int:
    """Return the examples of a job. On a GPU one job takes a whole checkpoint, because 256 examples would be a very
    short job.
    """
    return WHOLE if device == "cuda" else SHARD


def rows(shard: str, examples: int, device: str = "auto") -> tuple[int, range]:
    """Return the checkpoint of a shard, and the range of its test examples."""
    checkpoint, number = map(int, shard.split("-"))
    size = shard_size(device)
    return checkpoint, range(number * size, min((number + 1) * size, examples))


def shard_paths(parameters: Mapping[str, Any], experiment: str) -> list[str]:
    """Return the paths of the stores that `reasoning_diagnostics` joins."""
    folder = f"results/reasoning/{experiment}/analysis/shards"
    return [f"{folder}/{shard}.zarr" for shard in shards(parameters)]


def findings(parameters: Mapping[str, Any]) -> list[str]:
    """Return the findings of an experiment. The validation of the estimator, which all experiments share, is among
    them if exponents are computed.
    """
    names = ["cells", "controls"]
    if evolves(parameters):
        names.append("evolution")
    if parameters["source"] in DIAGNOSED_HERE:
        names.append("precision")
    if parameters["starts"]:
        names.append("attractors")
    if parameters["positions"]:
        names.append("positions")
    if parameters["compatibility"] == "seed":
        names.append("compatibility")
    if parameters["source"] in DIAGNOSED_HERE:
        names.append("results/reasoning/validation.summary.json")
    return names


def unit(parameters: Mapping[str, Any]) -> str:
    """Return the unit of the exponents, as `diagnostics` states it."""
    return str(parameters["exponent_unit"]) if parameters["source"] == "npz" else "nat per ACT step"


def evolves(parameters: Mapping[str, Any]) -> bool:
    """Return whether there is a series of checkpoints."""
    if parameters["source"] == "checkpoint":
        from emergent_dynamics.reasoning.official import inspection

        return len(inspection.bring(parameters).files) > 1
    return parameters["source"] == "train" or bool(parameters["source"] == "npz" and parameters["series"])
