"""Checkpoints in the form that the driver reads: the weights of every step and the drawn examples."""

import hashlib
import json
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from emergent_dynamics.driver import State
from emergent_dynamics.reasoning.official import cost, inspection, weights
from emergent_dynamics.store import Variable

TEST = {
    "question": "token of every position",
    "answer": "label of every position, -1 where it does not count",
    "idx": "row of the split",
    "base_puzzle": "group: a puzzle with its augmented copies",
    "givens": "cells that the puzzle gives, -1 where unknown",
}


class Checkpoints:
    """The checkpoints of a published model in the form that the driver takes (`driver.Simulation`).

    The store has `weights/<official name>` and `weights/puzzle` (checkpoint, ...) in float32, `test/<array>` (example)
    and `step`. One frame is one state dict. Of the puzzle embedding only the rows of the drawn examples are kept, so
    that nothing later needs the files.
    """

    stream_dim = "checkpoint"
    divisible = False
    horizon: tuple[str, ...] = ()

    def __init__(self, experiment: Mapping[str, Any]) -> None:
        self.brought = inspection.bring(experiment)
        self.asked = experiment["checkpoint"]
        self.steps = list(self.brought.files)
        self.schedule = np.arange(len(self.steps))
        self.drawn = inspection.draw(experiment)
        sizes = self.brought.sizes
        for k in (0, 1, 8):  # numbers of exponents whose cost is logged; the diagnosis decides the number
            work = cost.Work(k, False, sizes.act_steps, "float32")
            line = cost.describe(sizes, work, len(self.drawn.idx), len(self.steps))
            print(f"with exponents: {k}, {line}", file=sys.stderr)

    def variables(self) -> dict[str, Variable]:
        """The layout; rows and columns of a tensor have dimensions of their own."""
        n, sizes = len(self.steps), self.brought.sizes
        layout = {
            "step": Variable(("checkpoint",), (n,), "int64", "optimiser steps", "1", coordinate=True),
        }
        if sizes.puzzle_width:
            rows = (n, len(self.drawn.idx), sizes.puzzle_width)
            what = "puzzle embedding of each drawn example"
            layout["weights/puzzle"] = Variable(
                ("checkpoint", "example", "entry"), rows, "float32", what, "1"
            )
        for name, shape in sizes.shapes().items():
            if name != weights.EMBEDDING:
                dims = ("checkpoint", *(f"{name}_{axis}" for axis in ("out", "in")[: len(shape)]))
                layout[f"weights/{name}"] = Variable(dims, (n, *shape), "float32", f"tensor {name}", "1")
        for name, what in TEST.items():
            array = getattr(self.drawn, name)
            dims = ("example", "position")[: array.ndim]
            layout[f"test/{name}"] = Variable(dims, array.shape, str(array.dtype), what, "1", "static")
        return layout

    def initial(self) -> State:
        """The first state dict, and the drawn examples for the store."""
        return {**self._read(0), **{f"test/{name}": getattr(self.drawn, name) for name in TEST}}

    def advance(self, state: State, start: int | float, stop: int | float) -> State:
        """The weights of the checkpoint file with index `stop`, since here the clock counts files."""
        return self._read(int(stop))

    def observe(self, state: State) -> dict[str, np.ndarray]:
        """The frame: all weights of the state."""
        return dict(state)

    def finish(self, state: State) -> dict[str, np.ndarray]:
        """No final variables."""
        return {}

    def notes(self) -> dict[str, str]:
        """Attributes: the architecture, and the files with their digests."""
        files = self.brought.files
        return {
            "engine": "none",
            "device": "cpu",
            "engine_reason": "weights are read, nothing is simulated",
            "architecture": json.dumps(self.brought.sizes.to_dict(), sort_keys=True),
            "files": "; ".join(f"{step}={path}" for step, path in files.items()),
            "state_dict_sha256": "; ".join(f"{step}={_sha256(path)}" for step, path in files.items()),
            "weights": self.asked["weights"],
            "split": str(self.brought.split.folder),
            "split_examples": str(len(self.brought.split)),
            "unlabelled": str(self.drawn.unlabelled),
        }

    def _read(self, number: int) -> State:
        step = self.steps[number]
        path, sizes = self.brought.files[step], self.brought.sizes
        arrays, rows = weights.read(path, sizes, self.drawn.identifier)
        if weights.untrained(arrays):
            print(
                f"{path}: the halting head is that of the initialisation; was this ever trained?",
                file=sys.stderr,
            )
        if self.asked["weights"] == "bfloat16":
            arrays = {name: weights.rounded(value) for name, value in arrays.items()}
            rows = weights.rounded(rows)
        if sizes.puzzle_width:
            arrays["puzzle"] = rows
        return {**{f"weights/{name}": value for name, value in arrays.items()}, "step": np.asarray(step)}


def _sha256(path: Any) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
