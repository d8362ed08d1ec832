"""Map and flow on a CUDA device: x is copied there once, and copied back for frames and checkpoints."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from emergent_dynamics import device
from emergent_dynamics.causal.kernels import cpu, cuda, cuda_flow
from emergent_dynamics.causal.parameters import Parameters

State = dict[str, np.ndarray]
HELD = 32 << 20  # bytes of each of two blocks of frames in pinned memory
MANY = 2000  # tokens: with more, a GPU is at best 4 times as fast as one core's Fourier kernel


def unsupported(p: Parameters) -> str:
    """Why an experiment is computed on the CPU, as text for `engine_reason`; "" if a GPU computes it."""
    if cpu.uses_fourier(p) and (p.runs == 1 or p.tokens > MANY):
        return "one core's Fourier kernel is about as fast for one run, or many tokens, on the circle"
    if p.integrator != "map":
        return cuda_flow.unsupported(p)
    if not _high(p):
        return cuda.unsupported(p)
    lacking = [name for name in ("torch", "triton") if find_spec(name) is None]
    return f"{' and '.join(lacking)} not installed, for {p.dimension} dimensions" if lacking else ""


def _high(p: Parameters) -> bool:
    return p.dimension > cuda.MOST_DIMENSIONS


class Tokens:
    """Keeps the tokens in the memory of a CUDA device and moves them there.

    A state of the driver keeps the x with which the device began; `checkpoint` returns the present x.
    """

    def __init__(self, p: Parameters) -> None:
        self.p, self.flows = p, p.integrator == "ode"
        self._held: device.Held[Any] = device.Held("x", self._begin)

    def advance(self, state: State, start: float, stop: float) -> None:
        """Move the tokens from `start` to `stop` and wait for the end, so that the driver can measure the time."""
        held = self._held.owner_of(state)
        if self.flows:
            held.advance(float(start), float(stop))
            return
        held.advance(int(stop - start))
        if not _high(self.p):
            held.stream.synchronize()

    @property
    def together(self) -> int:
        """Largest number of frames of one `record`: 1 before the tokens are on the device, and in many dimensions."""
        if self._held.owner is None or self.flows or _high(self.p):
            return 1
        return int(self._held.owner.capacity)

    def record(self, state: State, frames: int, every: int) -> Iterator[np.ndarray]:
        """Queue frames that are `every` steps apart; the iterator waits for x (run, token, coord) of each."""
        held = self._held.owner_of(state)
        return self._arriving(held, held.record(frames, every))

    def checkpoint(self, state: State) -> State:
        """The state with x on the host, and for the flow its step sizes and evaluations."""
        if not self._held.holds(state):
            return state
        present = self._held.owner_of(state).state()
        return state | (present if self.flows else {"x": present})

    def _begin(self, state: Mapping[str, np.ndarray]) -> Any:
        if self.flows:
            return cuda_flow.Flow(self.p, dict(state))
        if _high(self.p):
            from emergent_dynamics.causal.kernels import triton_sums

            return triton_sums.Device(self.p, state["x"])
        made = cuda.Device(self.p, state["x"])
        made.capacity = max(1, min(made.capacity, HELD // state["x"].nbytes))
        return made

    def _arriving(self, held: cuda.Device, slot: device.Slot) -> Iterator[np.ndarray]:
        yield from held.frames(slot)
