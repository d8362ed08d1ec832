"""A reasoning experiment in the form that the driver runs: the capture map, or npz files of the user.

Training is in `learning`, and state dicts of trained models are read by `official.reading`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emergent_dynamics.driver import Simulation, State
from emergent_dynamics.reasoning import capture_map, ingest
from emergent_dynamics.reasoning.parameters import Parameters
from emergent_dynamics.store import Variable


def build(experiment: Mapping[str, Any]) -> Simulation:
    """The simulation of an experiment, by its `source`; torch is imported only where a network is trained."""
    parameters = Parameters.from_config(experiment)
    if parameters.source == "train":
        from emergent_dynamics.reasoning.learning import Learning

        return Learning(parameters)
    if parameters.source == "checkpoint":
        from emergent_dynamics.reasoning.official.reading import Checkpoints

        return Checkpoints(experiment)
    return CaptureMap(parameters) if parameters.source == "capture_map" else Deposit(parameters)


class CaptureMap:
    """The capture map as x (run, act_step, example), act_step 0..T. One example is one trajectory of the map."""

    stream_dim = "act_step"
    divisible = True
    horizon: tuple[str, ...] = ("act_steps",)

    def __init__(self, parameters: Parameters) -> None:
        self.runs = parameters.runs
        self.capture = parameters.capture
        self.schedule = np.arange(self.capture.steps + 1)

    def variables(self) -> dict[str, Variable]:
        """Return the layout: positions and their clock."""
        shape = (self.runs, len(self.schedule), self.capture.examples)
        return {
            "x": Variable(("run", "act_step", "example"), shape, "float64", "position on the interval", "1"),
            "act_step": Variable(("act_step",), (len(self.schedule),), "int64", "step", "1", coordinate=True),
        }

    def initial(self) -> State:
        """The starting points of all runs, `x` (run, example), and a clock of 0."""
        x = np.stack([capture_map.initial(self.capture, run) for run in range(self.runs)])
        return {"x": x, "clock": np.asarray(0)}

    def advance(self, state: State, start: int | float, stop: int | float) -> State:
        """Compute `stop - start` steps of the map."""
        for _ in range(int(start), int(stop)):
            state["x"] = capture_map.step(state["x"], self.capture)
        state["clock"] = np.asarray(int(stop))
        return state

    def observe(self, state: State) -> dict[str, np.ndarray]:
        """One frame."""
        return {"x": state["x"], "act_step": state["clock"]}

    def finish(self, state: State) -> dict[str, np.ndarray]:
        """No final variables."""
        return {}

    def notes(self) -> dict[str, str]:
        """Return the engine: the map has the reference implementation only."""
        return {
            "engine": "reference",
            "device": "cpu",
            "engine_reason": "the capture map has the reference alone",
        }


class Deposit:
    """The arrays of npz files as they are, a group each: `<tag>/<array>`, or `<series>_<step>/<array>`.

    Nothing is computed; with the store, later jobs do not need the files. Dimensions: example,
    act_step, exponent.
    """

    stream_dim = "deposit"
    divisible = True
    horizon: tuple[str, ...] = ()
    schedule = np.arange(1)

    def __init__(self, parameters: Parameters) -> None:
        self.nan = parameters.nan
        self.paths = parameters.paths()
        self.arrays: dict[str, dict[str, np.ndarray]] = {}
        self.digests: dict[str, str] = {}
        self.dropped: dict[str, int] = {}
        for tag, path in self.paths.items():
            arrays, self.digests[tag] = ingest.read(path, parameters.keys)
            self.arrays[tag], self.dropped[tag] = ingest.check(arrays, path, self.nan)

    def variables(self) -> dict[str, Variable]:
        """Each array with the dimensions of its shape."""
        layout = {
            "deposit": Variable(("deposit",), (1,), "int64", "the files, read once", "1", coordinate=True)
        }
        for tag, arrays in self.arrays.items():
            for name, value in arrays.items():
                second = "exponent" if name == "lyap_spec" else "act_step"
                dims = ("example", second)[: value.ndim]
                layout[f"{tag}/{name}"] = Variable(
                    dims, value.shape, str(value.dtype), name, "as deposited", "static"
                )
        return layout

    def initial(self) -> State:
        """All arrays that the user brought, as static variables, which the driver writes once."""
        return {
            f"{tag}/{name}": value for tag, arrays in self.arrays.items() for name, value in arrays.items()
        }

    def advance(self, state: State, start: int | float, stop: int | float) -> State:
        """Return the state unchanged, since nothing is simulated."""
        return state

    def observe(self, state: State) -> dict[str, np.ndarray]:
        """Return the only frame, which states that the files were read."""
        return {"deposit": np.asarray(0)}

    def finish(self, state: State) -> dict[str, np.ndarray]:
        """No final variables."""
        return {}

    def notes(self) -> dict[str, str]:
        """Return which files were read, their digests, and how many examples were dropped."""
        return {
            "engine": "none",
            "device": "cpu",
            "engine_reason": "files are read, nothing is simulated",
            "files": "; ".join(f"{tag}={path}" for tag, path in self.paths.items()),
            "files_sha256": "; ".join(f"{tag}={digest}" for tag, digest in self.digests.items()),
            "dropped": "; ".join(f"{tag}={n}" for tag, n in self.dropped.items()),
        }
