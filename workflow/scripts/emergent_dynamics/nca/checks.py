"""Find combinations of keys that no world can have.

Imported before the graph of jobs is built, so it imports neither torch nor Numba.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emergent_dynamics.inputs.conditions import Wanted, faults, shape_of
from emergent_dynamics.inputs.content import exists
from emergent_dynamics.nca.resources import most_strips, values

LARGEST_WEIGHT = 1e30  # far below what float32 holds
GZIP, STOP = b"\x1f\x8b", b"."  # first bytes of a gzip file, last byte of a pickle


def check(experiment: Mapping[str, Any]) -> Iterator[tuple[str, object, str]]:
    """Yield (key, value, what is allowed) for every fault that the schema cannot express."""
    threshold, cells = experiment["alive_threshold"], experiment["width"] * experiment["height"]
    if experiment["board_activation"] == "sigmoid" and threshold < 0.5:
        yield (
            "alive_threshold",
            threshold,
            "at least 0.5 with board_activation sigmoid (an empty net puts out 0.5)",
        )
    yield from _landscape(experiment)
    if int(cells * experiment["seed_fraction"]) == 0:
        yield "seed_fraction", experiment["seed_fraction"], f"at least one founder: 1 / {cells} cells or more"
    if cells * -(-10 * experiment["channels"] ** 2 // 2) > 2**32:
        yield (
            "width",
            experiment["width"],
            f"such that width * height * 5 channels^2 is at most 2^32 ({cells} cells)",
        )
    for key in ("pickles", "recording"):
        if experiment[key] and experiment["runs"] != 1:
            yield "runs", experiment["runs"], f"1 with {key}, which holds one run"
        if experiment[key] and experiment["landscape"]:
            yield "landscape", experiment["landscape"], f"[] with {key}"
    yield from _pickles(experiment)
    yield from _recording(experiment)
    parameters = 10 * experiment["channels"] ** 2 + 2 * experiment["channels"]
    if experiment["rwsp"] and max(experiment["rwsp"]) >= parameters:
        yield "rwsp", experiment["rwsp"], f"three parameters of a net, 0 to {parameters - 1}"
    if experiment["device"] == "cuda" and experiment["engine"] in ("cpu", "reference"):
        yield "device", "cuda", f"auto or cpu (engine is {experiment['engine']})"
    if experiment["rule"] == "run2023" and experiment["budget"] != "inf":
        yield "budget", experiment["budget"], "inf with rule run2023, which has no budget"


def _landscape(experiment: Mapping[str, Any]) -> Iterator[tuple[str, object, str]]:
    """Check the stages: their order and times, the number of their strips, and that no stage lets an empty world
    live.
    """
    stages = experiment["landscape"]
    before = -1
    for i, stage in enumerate(stages):
        key, start = f"landscape[{i}]", stage["from"]
        if not before < start <= experiment["generations"]:
            after = f"after {before}" if i else "from 0 on"
            limits = f"{after} and at most the {experiment['generations']} generations of the run"
            yield f"{key}.from", start, limits
        before = start
        if experiment["board_activation"] == "sigmoid" and min(values(stage, "alive_threshold", 1)) < 0.5:
            allowed = "at least 0.5 with board_activation sigmoid (an empty net puts out 0.5)"
            yield f"{key}.alive_threshold", stage["alive_threshold"], allowed
        if experiment["rule"] == "run2023" and set(values(stage, "budget", "inf")) != {"inf"}:
            yield f"{key}.budget", stage["budget"], "inf with rule run2023, which has no budget"
        for name, value in stage.items():
            if isinstance(value, list) and len(value) != most_strips(stages):
                yield (
                    f"{key}.{name}",
                    value,
                    f"{most_strips(stages)} values, as another list of the landscape has",
                )
            if isinstance(value, list) and len(value) > experiment["width"]:
                yield f"{key}.{name}", value, f"at most a value per column, {experiment['width']}"


def _pickles(experiment: Mapping[str, Any]) -> Iterator[tuple[str, object, str]]:
    for name, path in (experiment["pickles"] or {}).items():
        if path and Path(path).is_dir():
            yield f"pickles.{name}", path, "a pickle; it is a folder"
        if not path or not Path(path).is_file():  # a missing file is reported elsewhere
            continue
        if _cut_short(Path(path)):
            yield f"pickles.{name}", path, "a complete pickle, plain or gzip (its end is missing)"
            continue
        from emergent_dynamics.nca import originals
        from emergent_dynamics.nca.parameters import Parameters

        if fault := originals.fault(name, Path(path), Parameters.from_config(experiment)):
            yield f"pickles.{name}", path, f"a pickle of the original study; {fault}"


def _recording(experiment: Mapping[str, Any]) -> Iterator[tuple[str, object, str]]:
    """Check that the arrays have the size of the world, and hold nets, values of alpha and finite weights."""
    own = experiment["recording"]
    if not own:
        return
    if experiment["pickles"]:
        yield "recording", own, "null with pickles"
    frames = (experiment["generations"] + 1, experiment["height"], experiment["width"])
    genes = 10 * experiment["channels"] ** 2
    shape = shape_of(own["weights"])
    nets = shape[0] if len(shape) == 2 else 0
    wanted = {
        "weights": Wanted({"(net, weight)": (None, genes)}, -LARGEST_WEIGHT, LARGEST_WEIGHT),
        "ids": Wanted({"(generation, y, x)": frames}, 0, max(nets - 1, 0), integers=True),
        "alpha": Wanted({"(generation, y, x)": frames}, 0, 1),
    }
    found = [fault for name, kind in wanted.items() for fault in faults(f"recording.{name}", own[name], kind)]
    yield from found
    if not found and own["phylogeny"] and exists(own["phylogeny"]):
        from emergent_dynamics.nca import recording

        if fault := recording.fault(own["phylogeny"], nets):
            yield "recording.phylogeny", own["phylogeny"], f"a phylogeny in the alife standard; {fault}"


def _cut_short(path: Path) -> bool:
    """Return whether an uncompressed file does not end as every pickle does."""
    with path.open("rb") as file:
        if file.read(2) == GZIP:
            return False
        file.seek(max(0, path.stat().st_size - 1))
        return file.read() != STOP
