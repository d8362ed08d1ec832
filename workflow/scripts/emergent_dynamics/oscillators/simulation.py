"""An oscillator experiment in the form that the driver runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from emergent_dynamics.driver import State, save_points
from emergent_dynamics.oscillators import engines, model, parameters, start
from emergent_dynamics.oscillators.codes import CODES
from emergent_dynamics.oscillators.engines import Recorder
from emergent_dynamics.oscillators.network import edge_variables, edges
from emergent_dynamics.oscillators.parameters import Parameters
from emergent_dynamics.oscillators.recording import RecordedPhases
from emergent_dynamics.oscillators.start import Start
from emergent_dynamics.store import Variable

FIELD = ("run", "time", "channel", "y", "x")
CODE = {"scale_factor": 2 * np.pi / CODES, "add_offset": -np.pi}


def build(config: Mapping[str, Any]) -> "OscillatorSimulation | RecordedPhases":
    """The simulation of a complete experiment, as the schema resolves it, or the reader of its recording."""
    if config["source"] != "model":
        return RecordedPhases(config)
    return OscillatorSimulation(parameters.from_config(config), start.from_config(config))


class OscillatorSimulation:
    """One experiment in the form that the driver takes (`driver.Simulation`).

    It stores theta and spike (run, time, channel, y, x), and quantities that are computed before phases are rounded.
    """

    stream_dim = "time"
    divisible = True
    horizon: tuple[str, ...] = ("steps", "save")

    def __init__(self, p: Parameters, start: Start) -> None:
        self.parameters, self.start = p, start
        self.schedule = save_points(p.save, p.steps)
        self.engine = engines.choose(p)

    def variables(self) -> dict[str, Variable]:
        """Frames of phases and spikes, sums over the field per frame, and the input at start and end."""
        p, frames, runs = self.parameters, len(self.schedule), len(self.start.phases)
        full, still = (runs, frames, *p.shape), (runs, *p.shape)
        rounded = self.parameters.store_dtype == "uint16"
        space = ("run", "channel", "y", "x")
        omega = ("channel", "channel_from")[: p.omega.ndim]
        own = {} if p.network is None else edge_variables(p.network)
        return own | {
            "theta": Variable(
                FIELD,
                full,
                self.parameters.store_dtype,
                "phase",
                "rad",
                attrs=CODE if rounded else {},
                codec="table" if rounded else "float",
            ),
            "spike": Variable(FIELD, full, "bool", "above the spike threshold", "1", codec="bits"),
            "time": Variable(("time",), (frames,), "float64", "time", "model time", coordinate=True),
            "step": Variable(("time",), (frames,), "int64", "step", "1", coordinate=True),
            "order": Variable(("run", "time"), (runs, frames), "float64", "order parameter |mean z|", "1"),
            "channel_order": Variable(
                ("run", "time", "channel"),
                (runs, frames, p.channels),
                "float64",
                "order parameter of a channel",
                "1",
            ),
            "energy": Variable(("run", "time"), (runs, frames), "float64", "energy", "rad per unit time"),
            "speed": Variable(
                ("run", "time"), (runs, frames), "float64", "root mean square speed", "rad per unit time"
            ),
            "label": Variable(("run",), (runs,), "int64", "label of the image, -1: none", "1", kind="static"),
            "input_phase": Variable(
                space, still, "float32", "phase of the input at the start", "rad", kind="static"
            ),
            "input_phase_end": Variable(
                space, still, "float32", "phase of the input at the end", "rad", kind="final"
            ),
            "omega": Variable(
                omega, p.omega.shape, "float64", "coupling across channels", "1", kind="static"
            ),
        }

    def initial(self) -> State:
        """The field before the first step: no unit has spiked, and the speed is undefined."""
        phases, inputs, labels = self.start
        state: State = self.engine.initial(model.initial(phases, inputs))
        runs, network = len(phases), self.parameters.network
        return (
            state
            | ({} if network is None else edges(network))
            | {
                "spike": np.zeros(phases.shape, bool),
                "speed": np.full(runs, np.nan),
                "clock": np.asarray(0, np.int64),
                "label": labels.astype(np.int64),
                "input_phase": np.angle(np.exp(1j * inputs)).astype(np.float32),
                "omega": np.asarray(self.parameters.omega),
            }
        )

    def advance(self, state: State, start: float, stop: float) -> State:
        """The state at step `stop`."""
        self.engine.advance(state, int(stop) - int(start))
        state["clock"] = np.asarray(stop, np.int64)
        return state

    def observe(self, state: State) -> dict[str, np.ndarray]:
        """One frame. Sums are computed from z itself, since the stored phase is rounded."""
        mean, energy = self.engine.sums(state)
        clock = np.asarray(state["clock"])
        return {
            "theta": self.engine.phases(state, self.parameters.store_dtype),
            "spike": state["spike"],
            "time": np.asarray(float(clock) * self.parameters.step_size),
            "step": clock,
            "order": np.abs(mean.mean(1)),
            "channel_order": np.abs(mean),
            "energy": energy,
            "speed": state["speed"],
        }

    def finish(self, state: State) -> dict[str, np.ndarray]:
        """The final phases of the input."""
        return {"input_phase_end": self.engine.inputs(state).astype(np.float32)}

    @property
    def together(self) -> int:
        """Frames that the engine records in one call."""
        return self.engine.together if isinstance(self.engine, Recorder) else 1

    def record(self, state: State, start: float, stops: Sequence[float]) -> Iterator[dict[str, np.ndarray]]:
        """Frames at `stops`, which the device computes one block ahead."""
        assert isinstance(self.engine, Recorder)
        arriving = self.engine.record(state, len(stops), int(stops[0]) - int(start))
        return self._recorded(state, stops, arriving)

    def checkpoint(self, state: State) -> State:
        """The state with its arrays z and c copied from the device to the host."""
        return self.engine.checkpoint(state)

    def notes(self) -> dict[str, str]:
        """The engine, its device, and the reason for the choice."""
        return {"engine": self.engine.name, "device": self.engine.device, "engine_reason": self.engine.reason}

    def _recorded(
        self, state: State, stops: Sequence[float], arriving: Iterator[None]
    ) -> Iterator[dict[str, np.ndarray]]:
        for stop, _ in zip(stops, arriving, strict=True):
            state["clock"] = np.asarray(stop, np.int64)
            yield self.observe(state)
