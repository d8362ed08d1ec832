"""Three ways to take the same steps: NumPy in float64, the fused kernel in float32, torch in complex64."""

from typing import Protocol

import numpy as np

from emergent_dynamics.oscillators import kernels, model, planes, sums
from emergent_dynamics.oscillators.model import Field, Parameters

State = dict[str, np.ndarray]


class Engine(Protocol):
    """Holds z and c in a form of its own between steps."""

    name: str
    device: str
    reason: str

    def initial(self, field: Field) -> State:
        """The state of a field."""

    def advance(self, state: State, steps: int) -> None:
        """`steps` steps in place.

        Leaves spike (run, channel, y, x) and speed (run,), rad per unit time, of the last.
        """

    def phases(self, state: State, dtype: str) -> np.ndarray:
        """(run, channel, y, x): codes for uint16, rad in [-pi, pi] for float32."""

    def inputs(self, state: State) -> np.ndarray:
        """(run, channel, y, x) phase of the input, rad."""

    def sums(self, state: State) -> tuple[np.ndarray, np.ndarray]:
        """Mean field (run, channel) complex and energy (run,)."""


def choose(p: Parameters, engine: str, device: str) -> Engine:
    """The engine of an experiment; `auto` is torch on a GPU that was asked for, else the kernel where it applies."""
    if engine == "torch" or (engine == "auto" and device == "cuda"):
        from emergent_dynamics.oscillators.gpu import TorchEngine  # torch costs a second to import

        return TorchEngine(p, device)
    if engine == "reference" or (engine == "auto" and p.integrator != "euler"):
        return Reference(p, "asked for" if engine == "reference" else f"the kernel has no {p.integrator}")
    return Fused(p, "asked for" if engine == "cpu" else "the fastest on a CPU")


class Reference:
    """`model.step`."""

    name, device = "reference", "cpu"

    def __init__(self, p: Parameters, reason: str) -> None:
        self.p, self.reason = p, reason

    def initial(self, field: Field) -> State:
        return {"z": field.z, "c": field.c}

    def advance(self, state: State, steps: int) -> None:
        field = Field(state["z"], state["c"], np.zeros(()))
        for _ in range(steps):
            before, field = field, model.step(field, self.p)
        turn = np.angle(field.z * np.conj(before.z))
        state |= {"z": field.z, "c": field.c, "spike": field.spike}
        state["speed"] = np.sqrt((turn**2).mean((-3, -2, -1))) / self.p.step_size

    def phases(self, state: State, dtype: str) -> np.ndarray:
        return coded(np.angle(state["z"]), dtype)

    def inputs(self, state: State) -> np.ndarray:
        return np.angle(state["c"])

    def sums(self, state: State) -> tuple[np.ndarray, np.ndarray]:
        return state["z"].mean((-2, -1)), model.energy(state["z"], state["c"], self.p)


class Fused:
    """`kernels.advance` on packed planes."""

    name, device = "cpu", "cpu"

    def __init__(self, p: Parameters, reason: str) -> None:
        self.p, self.reason = p, reason
        self.constants = kernels.constants(p)
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
            kernels.advance(z, c, self.constants, steps - 1)
        before = z.copy()
        spikes = kernels.advance(z, c, self.constants, 1)
        state["spike"] = np.ascontiguousarray(planes.interior(spikes, self.where))
        state["speed"] = sums.turned(before, z, *self.geometry) / self.p.step_size

    def phases(self, state: State, dtype: str) -> np.ndarray:
        if dtype != "uint16":
            return coded(np.angle(planes.unpack(state["z"], self.where)), dtype)
        codes = np.empty((len(state["z"]), *self.p.shape), np.uint16)
        planes.encode(state["z"], *self.geometry, codes)
        return codes

    def inputs(self, state: State) -> np.ndarray:
        return np.angle(planes.unpack(state["c"], self.where))

    def sums(self, state: State) -> tuple[np.ndarray, np.ndarray]:
        p, runs = self.p, len(state["z"])
        if p.topology == "all_to_all":
            z, c = (planes.unpack(state[name], self.where).astype(complex) for name in ("z", "c"))
            return z.mean((-2, -1)), model.energy(z, c, p)
        mean, energy = np.empty((runs, p.channels), complex), np.empty(runs)
        sums.observe(
            state["z"], state["c"], self.weight, *self.geometry, *p.periodic, p.coupling, p.bias, mean, energy
        )
        return mean, energy


def coded(theta: np.ndarray, dtype: str) -> np.ndarray:
    """Phases in rad as they are stored."""
    if dtype != "uint16":
        return theta.astype(np.float32)
    return (np.rint((theta + np.pi) * (planes.CODES / (2 * np.pi))).astype(np.int64) % planes.CODES).astype(
        np.uint16
    )
