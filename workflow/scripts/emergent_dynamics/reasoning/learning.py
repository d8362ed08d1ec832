"""Training in the form that the driver runs: weights at every checkpoint, the loss of every update (torch)."""

import numpy as np
import torch

from emergent_dynamics.driver import State
from emergent_dynamics.reasoning import model, tasks, training
from emergent_dynamics.reasoning.parameters import Parameters
from emergent_dynamics.store import Variable

TEST = {
    "test/question": "token of every position",
    "test/answer": "label of every position",
    "test/idx": "identity of the puzzle",
    "test/base_puzzle": "symmetry class",
    "test/givens": "cells that the puzzle gives, -1 for a maze",
    "test/difficulty": "nodes of the exact solver's search, or length of the way",
}


class Learning:
    """The training of a network in the form that the driver takes (`driver.Simulation`).

    Its store has `average/<weight>` and `raw/<weight>` (checkpoint, ...), `validation_accuracy` (checkpoint), `loss`
    and `batch_accuracy` (update), and `test/<array>` (example): the puzzles that are diagnosed with the averaged
    weights.
    """

    stream_dim = "checkpoint"
    divisible = True
    horizon: tuple[str, ...] = ("checkpoints", "examples")  # how many examples are diagnosed trains nothing

    def __init__(self, parameters: Parameters) -> None:
        torch.set_num_threads(1)  # the bits must not depend on the number of cores
        self.task = tasks.make(parameters.task, parameters.seed)
        task = self.task
        self.network = parameters.network(task.n_tokens, task.n_labels, task.train.question.shape[1])
        self.recipe = parameters.training
        self.schedule = np.array([0, *parameters.checkpoints])

    def variables(self) -> dict[str, Variable]:
        """The layout; rows and columns of a weight have dimensions of their own."""
        n = len(self.schedule)
        layout = {
            "step": Variable(("checkpoint",), (n,), "int64", "optimiser steps", "1", coordinate=True),
            "validation_accuracy": Variable(
                ("checkpoint",), (n,), "float64", "share of validation puzzles wholly right", "1"
            ),
            "loss": Variable(
                ("update",), (0,), "float64", "cross entropy and halting loss", "nat", kind="log"
            ),
            "batch_accuracy": Variable(
                ("update",), (0,), "float64", "share of the batch right", "1", kind="log"
            ),
        }
        if self.recipe.flossing.weight:
            layout["flossing"] = Variable(
                ("update",), (0,), "float64", "mean square of leading exponents", "nat^2", kind="log"
            )
        for group, what in (("raw", "weight"), ("average", "exponential average of the weight")):
            for name, shape in model.shapes(self.network).items():
                dims = ("checkpoint", *(f"{name}_{axis}" for axis in ("in", "out")[-len(shape) :]))
                layout[f"{group}/{name}"] = Variable(dims, (n, *shape), "float32", f"{what} {name}", "1")
        for name, array in self._test().items():
            dims = ("example", "position")[: array.ndim]
            layout[name] = Variable(dims, array.shape, str(array.dtype), TEST[name], "1", "static")
        return layout

    def initial(self) -> State:
        """Weights, optimiser and carry, and the test puzzles for the store."""
        return {**training.initial(self.network, self.recipe), **self._test(), "clock": np.asarray(0)}

    def _test(self) -> dict[str, np.ndarray]:
        return {name: getattr(self.task.test, name.removeprefix("test/")) for name in TEST}

    def advance(self, state: State, start: int | float, stop: int | float) -> State:
        """Make the updates start + 1 .. stop."""
        state = training.advance(state, int(start), int(stop), self.task, self.network, self.recipe)
        state["clock"] = np.asarray(int(stop))
        return state

    def observe(self, state: State) -> dict[str, np.ndarray]:
        """Return the weights, and the accuracy of the averaged ones on the validation puzzles."""
        average = model.to_torch(training.under(state, "average"))
        held_out = self.task.validation
        right = training.accuracy(average, held_out.question, held_out.answer, self.network)
        frame = {name: state[name] for name in state if name.startswith(("raw/", "average/"))}
        return {**frame, "step": state["clock"], "validation_accuracy": np.asarray(right)}

    def finish(self, state: State) -> dict[str, np.ndarray]:
        """No final variables."""
        return {}

    def notes(self) -> dict[str, str]:
        """The engine, the instruction set, and how many puzzles each part of the split has."""
        sizes = {name: len(getattr(self.task, name)) for name in ("train", "validation", "test")}
        return {
            "engine": "torch",
            "device": "cpu",
            "engine_reason": "training stays on the CPU, where it resumes bit for bit",
            "instructions": torch.backends.cpu.get_cpu_capability(),  # the rounding depends on it
            "examples": "; ".join(f"{k}={v}" for k, v in sizes.items()),
        }
