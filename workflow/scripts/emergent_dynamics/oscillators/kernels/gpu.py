"""`model.step` with Euler in torch, complex64, all runs at once, on any device."""

import numpy as np
import torch

from emergent_dynamics.engines import Choice
from emergent_dynamics.oscillators import model
from emergent_dynamics.oscillators.codes import stored
from emergent_dynamics.oscillators.model import INPUT_RATE, Field, State
from emergent_dynamics.oscillators.parameters import Parameters


class TorchEngine:
    """The field as complex64 tensors (run, channel, y, x); the state between calls is NumPy's."""

    def __init__(self, p: Parameters, choice: Choice) -> None:
        """Raises ValueError for an integrator other than Euler."""
        if p.integrator != "euler":
            raise ValueError(f"integrator = {p.integrator}: torch takes euler; use engine: reference")
        self.p = p
        self.name, self.device, self.reason = choice
        self.share = self._tensor(p.step_size * model.share(p), torch.float32)
        self.rate = self._tensor(p.step_size * model.rotation(p), torch.float32)
        omega = (
            p.step_size * p.frequency * p.omega
            if p.omega_mode == "componentwise"
            else np.zeros((p.channels,) * 2)
        )
        self.omega = self._tensor(omega, torch.complex64)

    def initial(self, field: Field) -> State:
        return {"z": field.z.astype(np.complex64), "c": field.c.astype(np.complex64)}

    @torch.no_grad()
    def advance(self, state: State, steps: int) -> None:
        p = self.p
        z, c = (self._tensor(state[name], torch.complex64) for name in ("z", "c"))
        for _ in range(steps):
            before, z = z, self._moved(z, c)
            if p.evolve_input:
                c = _unit(c + p.step_size * INPUT_RATE * (z - c))
        turn = torch.angle(z * before.conj())
        state["z"], state["c"] = z.cpu().numpy(), c.cpu().numpy()
        state["spike"] = (turn.abs() > p.spike_threshold).cpu().numpy()
        state["speed"] = turn.double().square().mean((-3, -2, -1)).sqrt().cpu().numpy() / p.step_size

    def phases(self, state: State, dtype: str) -> np.ndarray:
        return stored(np.angle(state["z"]), dtype)

    def inputs(self, state: State) -> np.ndarray:
        return np.angle(state["c"])

    def sums(self, state: State) -> tuple[np.ndarray, np.ndarray]:
        z, c = state["z"].astype(complex), state["c"].astype(complex)
        return z.mean((-2, -1)), model.energy(z, c, self.p)

    def checkpoint(self, state: State) -> State:
        return state

    def _tensor(self, values: np.ndarray, dtype: torch.dtype) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.device, dtype)

    def _moved(self, z: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
        p, dt = self.p, self.p.step_size
        everyone = p.topology == "all_to_all"
        near = z.sum((-3, -2, -1), keepdim=True) if everyone else _neighbour_sum(z, p.periodic)
        force = self.share * near + torch.einsum("de,reyx->rdyx", self.omega, z) + dt * p.bias * c
        return _unit(z * (1 - dt * (p.coupling + p.bias)) + force + 1j * self.rate * z)


def _neighbour_sum(z: torch.Tensor, periodic: tuple[bool, bool, bool]) -> torch.Tensor:
    total = torch.zeros_like(z)
    for axis, wraps in zip((-3, -2, -1), periodic, strict=True):
        if wraps:
            total += z.roll(1, axis) + z.roll(-1, axis)
        else:
            n = z.shape[axis]
            total.narrow(axis, 1, n - 1).add_(z.narrow(axis, 0, n - 1))
            total.narrow(axis, 0, n - 1).add_(z.narrow(axis, 1, n - 1))
    return total


def _unit(z: torch.Tensor) -> torch.Tensor:
    return z / z.abs()
