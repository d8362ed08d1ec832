"""Values of an oscillator experiment that do not go together; imports neither Numba nor torch."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Fault = tuple[str, Any, str]


def check(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    """(key, value, what is allowed) of everything wrong with a mapping that the schema accepts and completes."""
    yield from _lattice(experiment)
    yield from _engine(experiment)
    yield from _input(experiment)
    yield from _training(experiment)
    yield from _arrays(experiment)


def _lattice(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    sizes = {"channel": experiment["channels"], "y": experiment["height"], "x": experiment["width"]}
    for axis, kind in experiment["boundary"].items():
        if kind == "periodic" and sizes[axis] < 3:
            yield (
                f"boundary.{axis}",
                kind,
                f"open (only {sizes[axis]} along it: a unit would be its own neighbour)",
            )
    if experiment["integrator"] == "euler" and experiment["step_size"] * abs(experiment["bias"]) >= 1:
        yield "step_size", experiment["step_size"], f"less than {1 / abs(experiment['bias']):g}, 1 / bias"
    if experiment["save"]["every"] > experiment["steps"]:
        yield "save.every", experiment["save"]["every"], f"at most steps, {experiment['steps']}"


def _engine(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    engine = experiment["engine"]
    if engine in ("cpu", "torch") and experiment["integrator"] != "euler":
        yield "engine", engine, f"auto or reference (integrator is {experiment['integrator']})"
    if engine in ("cpu", "reference") and experiment["device"] == "cuda":
        yield "device", "cuda", f"auto or cpu (engine is {engine})"


def _input(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    source = experiment["input"]
    if source["source"] in ("idx", "image") and source["path"] is None:
        yield "input.path", None, f"a file (input.source is {source['source']})"
    if source["source"] == "idx" and source["digit"] is not None and source["labels"] is None:
        yield (
            "input.labels",
            None,
            f"a file of labels (input.digit is {source['digit']}), or input.digit: null",
        )
    if source["source"] == "digits" and source["digit"] is not None and source["digit"] > 9:
        yield "input.digit", source["digit"], "from 0 to 9, or null"


def _training(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    training, source = experiment["training"], experiment["input"]
    if training["enabled"] and training["source"] == "idx" and None in (source["path"], source["labels"]):
        yield "training.source", "idx", "digits or mnist, or input.path and input.labels"


def _arrays(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    field = (experiment["channels"], experiment["height"], experiment["width"])
    runs = (experiment["runs"], *field)
    square = (field[0],) if experiment["omega_mode"] == "rotation" else (field[0], field[0])
    allowed = {"initial_phases": (field, runs), "omega": (square,), "input_phases": (field[1:], field, runs)}
    for key, shapes in allowed.items():
        path = experiment[key]
        if path is None or not Path(path).exists():
            continue  # the configuration itself says when a file is missing
        try:
            shape = np.load(path, mmap_mode="r", allow_pickle=False).shape
        except (OSError, ValueError, EOFError, AttributeError):
            yield key, path, "a .npy file of numbers"
            continue
        if shape not in shapes:
            yield key, path, f"an array of shape {' or '.join(map(str, shapes))}, it has {shape}"
