"""Oscillators on a CUDA device: the field stays there; frames are computed there and travel by pinned buffers.

The kernel is `cuda_resident` if an image fits a block (about 1,000 sites of 4 channels), else `cuda_kernels`; Heun,
RK4 and all-to-all coupling also need `cuda_stages`.
"""

from typing import Any, NamedTuple

import numpy as np

from emergent_dynamics.device import Buffers, Replay, Slot, cuda, kernel, upload
from emergent_dynamics.oscillators.kernels.cuda_kernels import (
    GATHERERS,
    THREADS,
    Shape,
    fold,
    make_observe,
    make_step,
    unsupported,
)
from emergent_dynamics.oscillators.kernels.cuda_resident import make_resident, resident_shape
from emergent_dynamics.oscillators.kernels.cuda_stages import ADDERS, STAGES, make_stage, make_total
from emergent_dynamics.oscillators.parameters import Parameters

__all__ = ["Device", "Frames", "unsupported"]

STEPS = 32  # steps of a CUDA graph; even, so that the two buffers have the same roles after it
OBSERVERS = 528  # largest number of blocks that measure a field
FRAME = ("phase", "spike", "sums")
FRAME_BYTES = 256 << 20  # size of a block of frames, of which there are two on the device and two on the host


class Frames(NamedTuple):
    """Frames in a row, on the host; views of pinned memory, valid until the next but one `Device.record`."""

    phase: np.ndarray  # (frame, run, channel, y, x) uint16 codes, or float32 in rad
    spike: np.ndarray  # (frame, run, channel, y, x) bool
    mean: np.ndarray  # (frame, run, channel) complex128, mean of z
    energy: np.ndarray  # (frame, run) rad per unit time
    speed: np.ndarray  # (frame, run) root mean square, rad per unit time, of the last step


class Device:
    """The fields of all runs on the device.

    z and c (run, channel, y, x) complex : the start. dtype : of the stored phase, "uint16" or "float32". capacity :
    frames that one `record` holds. Work is queued on one stream, and only `state` and `frames` wait for it. Two runs
    on one card give the same bits: no sum depends on the order in which threads arrive.
    """

    def __init__(self, p: Parameters, z: np.ndarray, c: np.ndarray, dtype: str = "uint16") -> None:
        self.p, self.runs = p, len(z)
        k = fold(p)
        varies = k.weight.size > 1
        everyone = p.topology == "all_to_all"
        self.shape = Shape(*p.shape, *p.periodic, p.evolve_input, varies, dtype == "uint16", everyone)
        self.stream = cuda.stream()
        self.z = [upload(_planes(z)), upload(_planes(z))]
        self.c = upload(_planes(c))
        self.mix, self.weight, self.turn, self.pull = map(upload, (k.mix, k.weight, k.turn, k.pull))
        self.rates, self.level = (k.coupling, k.bias, k.follow), k.level
        self.now = 0  # index of the buffer that holds z
        self.energy_rates = float(p.coupling), float(p.bias)
        self.threads = resident_shape(self.shape)[1] if p.integrator == "euler" else 0
        units, per_unit = self.runs * int(np.prod(p.shape)), 3 if self.shape.coded else 5
        self.frame_bytes = per_unit * units
        self.capacity = max(1, min(1024, FRAME_BYTES // self.frame_bytes))
        self._graphs: dict[tuple, Replay] = {}
        self._buffers: Buffers | None = None
        self._observers = max(1, min(-(-p.height * p.width // THREADS), max(1, OBSERVERS // self.runs)))
        self._partial = cuda.device_array((self.runs, self._observers, 2 * p.channels + 2), np.float64)
        self._clock, self._tick = upload(np.zeros(1, np.int64)), upload(np.zeros(1, np.int64))
        self._observe, self._gather = make_observe(self.shape)
        if self.threads:
            self._nothing = tuple(cuda.device_array(s, t) for s, t in self._frame_shapes(0).values())
            self._resident = {saves: make_resident(self.shape, saves) for saves in (False, True)}
        else:
            self._prepare()
            x = min(THREADS, -(-p.width // 32) * 32)
            self._block = (x, THREADS // x)
            self._grid = (-(-p.width // x), -(-p.height // self._block[1]), self.runs)

    def advance(self, steps: int) -> None:
        """Move the field by `steps` steps on the device, without copying a frame."""
        if self.threads:
            self._launch_resident(steps, 0, None)
            return
        graph = self._graph("steps", lambda stream: self._steps(STEPS, stream))
        for _ in range(steps // STEPS):
            graph()
        self._steps(steps % STEPS, self.stream)

    def record(self, frames: int, every: int) -> Slot:
        """Compute at most `capacity` frames that are `every` steps apart; returns the slot to be passed to `frames`."""
        slot = self._next_slot(frames)
        if self.threads:
            self._launch_resident(frames * every, every, slot)
        else:
            _rewind[1, 1, self.stream](self._tick)
            for _ in range(frames):
                parity = self.now
                graph = self._graph(
                    ("frame", every, id(slot)), lambda stream: self._one_frame(every, slot, stream)
                )
                graph()
                self.now = (parity + every) % 2
        return self._send(slot, frames)

    def observe(self) -> Slot:
        """One frame of the present field, with the spikes and speed of a step in which nothing moved."""
        slot = self._next_slot(1)
        _rewind[1, 1, self.stream](self._tick)
        self._measure(self.z[self.now], slot, self.stream)
        return self._send(slot, 1)

    def frames(self, slot: Slot) -> Frames:
        """Wait for the copy of a slot of `record` or `observe`, and return its frames."""
        got, p, n = slot.arrays(), self.p, self.p.channels
        full = (-1, self.runs, *p.shape)
        sums = got["sums"]
        mean, energy = sums[..., :n] + 1j * sums[..., n : 2 * n], sums[..., 2 * n]
        if self.shape.everyone:
            whole = np.abs(mean.sum(-1) * p.height * p.width) ** 2
            energy = energy - p.coupling * (whole - np.prod(p.shape)) / 2
        return Frames(
            got["phase"].reshape(full),
            got["spike"].reshape(full),
            mean,
            energy,
            np.sqrt(sums[..., 2 * n + 1]) / self.p.step_size,
        )

    def state(self) -> dict[str, np.ndarray]:
        """z and c (run, channel, y, x) complex64, for a checkpoint; starting from them gives the same bits."""
        shape = (self.runs, 2, *self.p.shape)
        self.stream.synchronize()
        z, c = (a.copy_to_host().reshape(shape) for a in (self.z[self.now], self.c))
        return {"z": z[:, 0] + np.complex64(1j) * z[:, 1], "c": c[:, 0] + np.complex64(1j) * c[:, 1]}

    def _graph(self, name: Any, work: Any) -> Replay:
        found = self._graphs.get((name, self.now))
        if found is None:
            found = self._graphs[name, self.now] = Replay(work, self.stream)
        return found

    def _prepare(self) -> None:
        """Prepare kernels and arrays of the integrator for images that do not fit a block."""
        self._total = cuda.device_array((self.runs, 2), np.float32)
        self._parts = cuda.device_array((self.runs, self._observers, 2), np.float64)
        if self.shape.everyone:
            self._add, self._sum = make_total(self.shape)
        if self.p.integrator == "euler":
            self._step = make_step(self.shape)
            return
        self._stage = make_stage(self.shape)
        self._between = [cuda.device_array_like(self.z[0]) for _ in range(2)]
        self._drive = cuda.device_array_like(self.c) if self.p.evolve_input else self.c
        self._grown = cuda.device_array((2, self.z[0].size // 2), np.float32)

    def _steps(self, steps: int, stream: Any) -> None:
        for _ in range(steps):
            if self.p.integrator == "euler":
                z, new = self.z[self.now], self.z[1 - self.now]
                self._add_up(z, stream)
                self._step[self._grid, self._block, stream](
                    z, new, self.c, self.mix, *self.rates, self.weight, self.turn, self._total
                )
            else:
                self._stages(stream)
            self.now = 1 - self.now

    def _stages(self, stream: Any) -> None:
        stages = STAGES[self.p.integrator]
        z, c = self.z[self.now], self.c
        for k, (ahead, weighs) in enumerate(stages):
            last = k == len(stages) - 1
            new, newc = (self.z[1 - self.now], self.c) if last else (self._between[k % 2], self._drive)
            self._add_up(z, stream)
            self._stage[self._grid, self._block, stream](
                self.z[self.now], self.c, z, c, new, newc, self._grown, self.mix, self.rates, self.weight, self.turn,
                self._total, np.float32(weighs), np.float32(ahead), k == 0, last,
            )  # fmt: skip
            z, c = new, newc

    def _add_up(self, z: Any, stream: Any) -> None:
        """Queue the sum of z over all units if all are coupled to all."""
        if self.shape.everyone:
            self._add[(self._observers, self.runs), THREADS, stream](z, self._parts)
            self._sum[self.runs, 2 * ADDERS, stream](self._parts, self._total)

    def _one_frame(self, every: int, slot: Slot, stream: Any) -> None:
        self._steps(every, stream)
        self._measure(self.z[1 - self.now], slot, stream)

    def _measure(self, before: Any, slot: Slot, stream: Any) -> None:
        d = slot.device
        self._observe[(self._observers, self.runs), THREADS, stream](
            before, self.z[self.now], self.c, self.level, *self.energy_rates, self.pull, self._clock, self._tick,
            d["phase"], d["spike"], self._partial,
        )  # fmt: skip
        self._gather[self.runs, GATHERERS * (2 * self.p.channels + 2), stream](
            self._partial, d["sums"], self._clock, self._tick
        )

    def _launch_resident(self, steps: int, every: int, slot: Slot | None) -> None:
        frame = self._nothing if slot is None else tuple(slot.device[name] for name in FRAME)
        self._resident[slot is not None][self.runs, self.threads, self.stream](
            self.z[self.now],
            self.c,
            self.mix,
            *self.rates,
            self.level,
            *self.energy_rates,
            steps,
            max(every, 1),
            *frame,
        )

    def _next_slot(self, frames: int) -> Slot:
        if frames > self.capacity:
            raise ValueError(f"frames = {frames}: at most {self.capacity} frames fit one block")
        if self._buffers is None:
            self._buffers = Buffers(self._frame_shapes(self.capacity), self.stream)
        return self._buffers.next()

    def _frame_shapes(self, frames: int) -> dict[str, tuple[tuple[int, ...], Any]]:
        held, units = max(1, frames), self.runs * int(np.prod(self.p.shape)) if frames else 1
        return {
            "phase": ((held, units), np.uint16 if self.shape.coded else np.float32),
            "spike": ((held, units), np.bool_),
            "sums": ((held, self.runs, 2 * self.p.channels + 2), np.float64),
        }

    def _send(self, slot: Slot, frames: int) -> Slot:
        assert self._buffers is not None
        return self._buffers.send(slot, dict.fromkeys(slot.device, frames))


@kernel()
def _rewind(tick):
    tick[0] = 0


def _planes(z: np.ndarray) -> np.ndarray:
    """(run, channel, y, x) complex to flat float32 (run, 2, channel, y, x)."""
    return np.stack([z.real, z.imag], axis=1).astype(np.float32).reshape(-1)
