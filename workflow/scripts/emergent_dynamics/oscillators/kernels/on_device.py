"""An engine whose field stays on a CUDA device, where frames are computed too."""

from collections.abc import Iterator, Mapping

import numpy as np

from emergent_dynamics import device
from emergent_dynamics.engines import Choice
from emergent_dynamics.oscillators import codes
from emergent_dynamics.oscillators.kernels import cuda
from emergent_dynamics.oscillators.model import Field, State
from emergent_dynamics.oscillators.parameters import Parameters

HELD = 32 << 20  # bytes of each of two blocks of frames in pinned memory


class CudaEngine:
    """`cuda.Device` as an engine. A state keeps the z and c with which the device began until `checkpoint` updates
    them.
    """

    def __init__(self, p: Parameters, choice: Choice) -> None:
        self.p = p
        self.name, _, self.reason = choice
        self.device = device.used()
        self._held = device.Held("z", self._begin)
        self._frame: cuda.Frames | None = None

    def initial(self, field: Field) -> State:
        return {"z": field.z.astype(np.complex64), "c": field.c.astype(np.complex64)}

    def advance(self, state: State, steps: int) -> None:
        held = self._held.owner_of(state)
        if steps > 1:
            held.advance(steps - 1)
        next(self._arriving(state, held, held.record(1, 1)))

    @property
    def together(self) -> int:
        """The largest number of frames of one `record`; 1 before the field is on the device."""
        return self._held.owner.capacity if self._held.owner is not None else 1

    def record(self, state: State, frames: int, every: int) -> Iterator[None]:
        """Queue frames that are `every` steps apart; the iterator waits for each, and the state then holds it."""
        held = self._held.owner_of(state)
        return self._arriving(state, held, held.record(frames, every))

    def phases(self, state: State, dtype: str) -> np.ndarray:
        if dtype == self.p.store_dtype:
            return self._seen(state).phase[0]
        return codes.stored(np.angle(self.checkpoint(state)["z"]), dtype)

    def inputs(self, state: State) -> np.ndarray:
        return np.angle(self.checkpoint(state)["c"])

    def sums(self, state: State) -> tuple[np.ndarray, np.ndarray]:
        frame = self._seen(state)
        return frame.mean[0], frame.energy[0]

    def checkpoint(self, state: State) -> State:
        """The state with z, c and the last frame's spikes on the host."""
        if not self._held.holds(state):
            return state
        moved = self._held.owner_of(state).state()
        return state | moved | {name: np.array(state[name]) for name in ("spike", "speed")}

    def _begin(self, state: Mapping[str, np.ndarray]) -> cuda.Device:
        made = cuda.Device(self.p, state["z"], state["c"], self.p.store_dtype)
        made.capacity = max(1, min(made.capacity, HELD // made.frame_bytes))
        self._frame = None
        return made

    def _arriving(self, state: State, held: cuda.Device, slot: device.Slot) -> Iterator[None]:
        block = held.frames(slot)
        for k in range(len(block.speed)):
            self._frame = cuda.Frames(*(values[k : k + 1] for values in block))
            state["spike"], state["speed"] = self._frame.spike[0], self._frame.speed[0]
            yield

    def _seen(self, state: State) -> cuda.Frames:
        held = self._held.owner_of(state)
        if self._frame is None:
            self._frame = held.frames(held.observe())
        return self._frame
