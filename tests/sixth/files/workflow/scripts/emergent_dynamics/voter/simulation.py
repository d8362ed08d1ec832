"""What the driver runs: voters, of whom the share of opinion 1 is stored at every step."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emergent_dynamics import driver
from emergent_dynamics.store import Variable
from emergent_dynamics.voter import model
from emergent_dynamics.voter.parameters import Parameters, from_config


class VoterSimulation:
    """The parts of `driver.Simulation`."""

    stream_dim = "time"
    divisible = True
    horizon = ("steps",)

    def __init__(self, parameters: Parameters) -> None:
        self.p = parameters
        self.schedule = driver.every(1, parameters.steps)

    def variables(self) -> dict[str, Variable]:
        frames = self.schedule.size
        return {
            "share": Variable(("run", "time"), (self.p.runs, frames), "float64", "share of opinion 1", "1"),
            "time": Variable(("time",), (frames,), "int64", "step", "1", kind="static", coordinate=True),
        }

    def initial(self) -> driver.State:
        return {"opinion": model.initial(self.p), "time": self.schedule}

    def advance(self, state: driver.State, start: driver.Clock, stop: driver.Clock) -> driver.State:
        for now in range(int(start), int(stop)):
            state["opinion"] = model.step(state["opinion"], self.p.seed, now)
        return state

    def observe(self, state: driver.State) -> dict[str, np.ndarray]:
        return {"share": model.observe(state["opinion"])}

    def finish(self, state: driver.State) -> dict[str, np.ndarray]:
        return {}

    def notes(self) -> dict[str, str]:
        return {"engine": "reference", "device": "cpu", "engine_reason": "the only one"}


def build(config: Mapping[str, Any]) -> VoterSimulation:
    """The simulation of a complete experiment."""
    return VoterSimulation(from_config(config))
