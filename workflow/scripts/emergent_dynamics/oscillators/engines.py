"""Engines that compute the same steps: NumPy in float64, fused kernels in float32 (CPU, CUDA)."""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import numpy as np

from emergent_dynamics import device, engines
from emergent_dynamics.engines import Choice
from emergent_dynamics.oscillators import codes, model
from emergent_dynamics.oscillators.kernels import cpu, planes, sums
from emergent_dynamics.oscillators.model import Field, State
from emergent_dynamics.oscillators.parameters import Parameters


class Engine(Protocol):
    """The interface of an engine, which keeps z and c between steps in a form of its own."""

    name: str
    device: str
    reason: str

    def initial(self, field: Field) -> State:
        """The state of a field."""

    def advance(self, state: State, steps: int) -> None:
        """Compute `steps` steps in place.

        The state then has spike (run, channel, y, x) and speed (run,), rad per unit time, of the last step.
        """

    def phases(self, state: State, dtype: str) -> np.ndarray:
        """(run, channel, y, x): codes for uint16, rad in [-pi, pi] for float32."""

    def inputs(self, state: State) -> np.ndarray:
        """(run, channel, y, x) phase of the input, rad."""

    def sums(self, state: State) -> tuple[np.ndarray, np.ndarray]:
        """Mean field (run, channel) complex and energy (run,)."""

    def checkpoint(self, state: State) -> State:
        """The state with all its arrays on the host."""


@runtime_checkable
class Recorder(Protocol):
    """An engine that computes many frames per call."""

    @property
    def together(self) -> int:
        """The largest number of frames of one `record`."""

    def record(self, state: State, frames: int, every: int) -> Iterator[None]:
        """Queue frames that are `every` steps apart; the iterator waits for each, and the state then holds it."""


def choose(p: Parameters) -> Engine:
    """The engine of an experiment. Only the reference has networks, rings and noise, and on a CPU Heun and RK4."""
    lacking = [p.integrator] * (p.integrator != "euler") + ["network"] * (p.network is not None)
    lacking += ["ring"] * (p.topology == "ring")
    lacking += ["noise"] * (p.noise > 0)
    lacks = f"it has no {' and no '.join(lacking)}" if lacking else ""
    able = {"cpu": lacks, "reference": ""}
    if p.device == "cuda":
        from emergent_dynamics.oscillators.kernels import cuda

        able = {"cuda": cuda.unsupported(p) or device.missing(), **able}
    choice = engines.choose(p.engine, p.device, able, device.available)
    if choice.name == "cuda":
        from emergent_dynamics.oscillators.kernels.on_device import CudaEngine

        return CudaEngine(p, choice)
    return (Fused if choice.name == "cpu" else Reference)(p, choice)


class Reference:
    """The engine that calls `model.step`."""

    def __init__(self, p: Parameters, choice: Choice) -> None:
        self.p = p
        self.name, self.device, self.reason = choice

    def initial(self, field: Field) -> State:
        return {"z": field.z, "c": field.c}

    def advance(self, state: State, steps: int) -> None:
        field = Field(state["z"], state["c"], np.zeros(()))
        first = int(state.get("clock", 0))
        for number in range(first, first + steps):
            before, field = field, model.step(field, self.p, number)
        turn = np.angle(field.z * np.conj(before.z))
        state |= {"z": field.z, "c": field.c, "spike": field.spike}
        state["speed"] = np.sqrt((turn**2).mean((-3, -2, -1))) / self.p.step_size

    def phases(self, state: State, dtype: str) -> np.ndarray:
        return codes.stored(np.angle(state["z"]), dtype)

    def inputs(self, state: State) -> np.ndarray:
        return np.angle(state["c"])

    def sums(self, state: State) -> tuple[np.ndarray, np.ndarray]:
        return state["z"].mean((-2, -1)), model.energy(state["z"], state["c"], self.p)

    def checkpoint(self, state: State) -> State:
        return state


class Fused:
    """The engine that calls `cpu.advance` on packed planes."""

    def __init__(self, p: Parameters, choice: Choice) -> None:
        self.p = p
        self.name, self.device, self.reason = choice
        self.constants = cpu.constants(p)
        self.where = self.constants.where
        self.geometry = (self.where.start, self.where.pitch, p.height, p.width)
        self.weight = model.degree(p) if p.normalise == "mean" else np.ones(p.shape)

    def initial(self, field: Field) -> State:
        return {
            name: planes.pack(a, self.where, self.p.periodic, np.float32)
            for name, a in (("z", field.z), ("c", field.c))
        }

    def advance(self, state: State, steps: int) -> None:
        z, c = state["z"], state["c"]
        if steps > 1:
            cpu.advance(z, c, self.constants, steps - 1)
        before = z.copy()
        spikes = cpu.advance(z, c, self.constants, 1)
        state["spike"] = np.ascontiguousarray(planes.interior(spikes, self.where))
        state["speed"] = sums.turned(before, z, *self.geometry) / self.p.step_size

    def phases(self, state: State, dtype: str) -> np.ndarray:
        if dtype != "uint16":
            return codes.stored(np.angle(planes.unpack(state["z"], self.where)), dtype)
        coded = np.empty((len(state["z"]), *self.p.shape), np.uint16)
        planes.encode(state["z"], *self.geometry, coded)
        return coded

    def inputs(self, state: State) -> np.ndarray:
        return np.angle(planes.unpack(state["c"], self.where))

    def sums(self, state: State) -> tuple[np.ndarray, np.ndarray]:
        p, runs = self.p, len(state["z"])
        if p.topology == "all_to_all":
            z, c = (planes.unpack(state[name], self.where).astype(complex) for name in ("z", "c"))
            return z.mean((-2, -1)), model.energy(z, c, p)
        mean, energy = np.empty((runs, p.channels), complex), np.empty(runs)
        lattice = sums.Lattice(*self.geometry, *p.periodic)
        couplings = (float(p.coupling), float(p.bias))
        sums.observe(state["z"], state["c"], self.weight, lattice, couplings, mean, energy)
        return mean, energy

    def checkpoint(self, state: State) -> State:
        return state
