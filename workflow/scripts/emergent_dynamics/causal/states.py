"""A user's own trajectories as a store of this project: hidden states of a transformer, layer by layer.

Vectors are divided by their norms, since all findings are measured on the unit sphere; the norms are stored too.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emergent_dynamics.driver import State
from emergent_dynamics.driver.playback import Playback
from emergent_dynamics.inputs.files import opened
from emergent_dynamics.store import Variable


class StatesSimulation(Playback):
    """A user's states in the form that the driver takes (`driver.Simulation`); it stores x(run, time, token, coord).

    The file has the shape (run, layer, token, coord), or (layer, token, coord) for one run. A frame is read when it is
    stored, so that only one is in memory.
    """

    reason = "vectors are read, not simulated"

    def __init__(self, experiment: Mapping[str, Any]) -> None:
        own = experiment["states"]
        array = opened(own["path"])
        self.values = array.load()
        self.several = len(array.shape) == 4
        self.runs = array.shape[0] if self.several else 1
        self.frames, self.tokens, self.dimension = array.shape[-3:]
        self.step, self.unit = own["step"], own["unit"]
        self.schedule = np.arange(self.frames)

    def variables(self) -> dict[str, Variable]:
        """The layout of the store: directions `x`, norms, and the clock."""
        dims = ("run", "time", "token", "coord")
        shape = (self.runs, self.frames, self.tokens, self.dimension)
        clock: dict[str, Any] = {"coordinate": True}
        return {
            "x": Variable(dims, shape, "float64", "direction of the vector", "1"),
            "norm": Variable(dims[:3], shape[:3], "float64", "norm of the vector that was brought", "1"),
            "time": Variable(("time",), (self.frames,), "float64", self.unit, self.unit, **clock),
            "step": Variable(("time",), (self.frames,), "int64", "number of the frame", "1", **clock),
        }

    def observe(self, state: State) -> dict[str, np.ndarray]:
        """One frame, normalised without a square that overflows."""
        k = int(state["clock"])
        frame = np.asarray(self.values[:, k] if self.several else self.values[k][None], np.float64)
        largest = np.abs(frame).max(axis=-1, keepdims=True)
        length = np.linalg.norm(frame / largest, axis=-1, keepdims=True)
        return {
            "x": frame / largest / length,
            "norm": (largest * length)[..., 0],
            "time": np.asarray(k * self.step),
            "step": np.asarray(k, np.int64),
        }
