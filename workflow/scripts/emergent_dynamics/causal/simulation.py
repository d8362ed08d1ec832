"""A causal-attention experiment in the form that the driver runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from emergent_dynamics.causal import engines, model
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.causal.states import StatesSimulation
from emergent_dynamics.driver import State, save_points
from emergent_dynamics.store import Variable

FIRST_LOG_TIME = 0.1  # ODE time of the first frame after the start when frames of the flow are log-spaced


def schedule(p: Parameters) -> np.ndarray:
    """(frame,) clock values to be saved, with both ends: int64 steps of the map, float64 times of the flow."""
    if p.integrator == "ode":
        return save_points(p.save, p.end_time, FIRST_LOG_TIME).astype(np.float64)
    every = {name: int(value) for name, value in p.save.items()}
    return save_points(every, p.steps).astype(np.int64)


class CausalSimulation:
    """One experiment in the form that the driver takes (`driver.Simulation`); it stores x(run, time, token, coord).

    An interval of the map may be cut anywhere without changing a bit; the flow chooses its own steps.
    """

    stream_dim = "time"
    horizon: tuple[str, ...] = ("steps", "end_time", "save")

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.schedule = schedule(parameters)
        self.divisible = parameters.integrator == "map"
        self.engine = engines.choose(parameters)

    def variables(self) -> dict[str, Variable]:
        """Frames of tokens and their clock; for the flow also its evaluations of the velocity."""
        p, frames = self.parameters, len(self.schedule)
        shape = (p.runs, frames, p.tokens, p.dimension)
        found = {
            "x": Variable(
                ("run", "time", "token", "coord"), shape, "float64", "token on the unit sphere", "1"
            ),
            "time": Variable(
                ("time",),
                (frames,),
                "float64",
                "time",
                "ODE time",
                coordinate=True,
                attrs={"clock": self._clock()},
            ),
        }
        if self.divisible:
            found["step"] = Variable(("time",), (frames,), "int64", "steps of the map", "1", coordinate=True)
        if p.residual:
            norm = "length of the residual stream"
            found["norm"] = Variable(("run", "time", "token"), shape[:3], "float64", norm, "1")
        if p.own_value and p.value.ndim == 2:
            found["value"] = Variable(
                ("row", "column"), p.value.shape, "float64", "V, acts on columns", "1", kind="static"
            )
        if not self.divisible:
            found["evaluations"] = Variable(
                ("run",), (p.runs,), "int64", "evaluations of the velocity", "1", kind="final"
            )
        return found

    def initial(self) -> State:
        """Tokens at the start; for the flow also the step that each run tries next (0: not chosen yet)."""
        p = self.parameters
        state: State = {"x": model.initial(p), "clock": self.schedule[0]}
        if p.own_value and p.value.ndim == 2:
            state["value"] = p.value
        if p.varied:
            state["norm"] = np.ones((p.runs, p.tokens))
        if not self.divisible:
            runs = p.runs
            state |= {"step_size": np.zeros(runs), "evaluations": np.zeros(runs, np.int64)}
        return state

    def advance(self, state: State, start: float, stop: float) -> State:
        """The state at `stop`; x is overwritten, or stays on the device."""
        if self.engine.tokens is not None:
            self.engine.tokens.advance(state, start, stop)
        elif self.parameters.varied:
            self.engine.vary(state["x"], state["norm"], self.parameters, int(start), int(stop))
        elif self.divisible:
            self._map(state["x"], int(start), int(stop))
        else:
            self.engine.flow(
                state["x"],
                state["step_size"],
                state["evaluations"],
                self.parameters,
                float(start),
                float(stop),
            )
        state["clock"] = np.asarray(stop, self.schedule.dtype)
        return state

    def _map(self, x: np.ndarray, start: int, stop: int) -> None:
        """The steps start to stop of the map, in place; with a matrix for every layer, step k has those of layer k."""
        p = self.parameters
        if not p.layered:
            self.engine.advance(x, p, stop - start)
            return
        for step in range(start, stop):
            self.engine.advance(x, p.layer(step), 1)

    def observe(self, state: State) -> dict[str, np.ndarray]:
        """One frame: the tokens, the lengths of residual streams if there are any, the clock, and its ODE time."""
        present = self.checkpoint(state)
        frame = {name: present[name] for name in ("x", "norm") if name in self.variables()}
        return frame | self._times(state)

    def finish(self, state: State) -> dict[str, np.ndarray]:
        """Velocity evaluations of every run, for the flow."""
        return {} if self.divisible else {"evaluations": self.checkpoint(state)["evaluations"]}

    @property
    def together(self) -> int:
        """Frames that the device records in one call."""
        return 1 if self.engine.tokens is None else self.engine.tokens.together

    def record(self, state: State, start: float, stops: Sequence[float]) -> Iterator[dict[str, np.ndarray]]:
        """Frames at `stops`, which the device computes one block ahead."""
        assert self.engine.tokens is not None
        arriving = self.engine.tokens.record(state, len(stops), int(stops[0] - start))
        return self._recorded(state, stops, arriving)

    def checkpoint(self, state: State) -> State:
        """The state with x on the host."""
        return state if self.engine.tokens is None else self.engine.tokens.checkpoint(state)

    def notes(self) -> dict[str, str]:
        """The engine, its device, and the reason for the choice."""
        return {"engine": self.engine.name, "device": self.engine.device, "engine_reason": self.engine.reason}

    def _recorded(
        self, state: State, stops: Sequence[float], arriving: Iterator[np.ndarray]
    ) -> Iterator[dict[str, np.ndarray]]:
        for stop, x in zip(stops, arriving, strict=True):
            state["clock"] = np.asarray(stop, self.schedule.dtype)
            yield {"x": x} | self._times(state)

    def _times(self, state: State) -> dict[str, np.ndarray]:
        clock = np.asarray(state["clock"])
        if self.divisible:
            return {"step": clock, "time": np.asarray(float(clock) * self.parameters.clock)}
        return {"time": clock}

    def _clock(self) -> str:
        p = self.parameters
        if not self.divisible:
            return "time of the projected flow"
        if p.clock != p.step_size:
            return (
                "step * dt / (1 + dt v), V = v 1: normalising slows the tangential motion by the radial part"
            )
        if p.varied:
            return "step * dt: to first order in dt"
        return "step * dt: to first order in dt, as V is not a positive multiple of 1 with softmax weights"


def build(parameters: Mapping[str, Any]) -> CausalSimulation | StatesSimulation:
    """The simulation of an experiment that the schema has completed, or the reader of a user's states."""
    if parameters["source"] == "states":
        return StatesSimulation(parameters)
    return CausalSimulation(Parameters.from_config(parameters))
