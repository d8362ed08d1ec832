"""The map of causal attention on a CUDA device, up to 8 dimensions: x stays there, frames travel by pinned buffers.

The kernel is `cuda_kernels.resident` if a run fits a block (256 tokens in 3 dimensions), else the streaming kernels in
a graph. `triton_sums` is for more dimensions, `cuda_flow` for the flow.
"""

from typing import Any

import numpy as np

from emergent_dynamics.causal.kernels import cpu
from emergent_dynamics.causal.kernels.cuda_kernels import (
    CHUNK,
    MOST_DIMENSIONS,
    ROWS,
    TILE,
    UNIT,
    make_resident,
    make_streaming,
    powers,
    resident_lanes,
    shape_of,
)
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.device import SIMULATED, Buffers, Replay, Slot, cuda, upload

__all__ = ["MOST_DIMENSIONS", "Device", "unsupported"]

STEPS = 16  # steps of a CUDA graph of the streaming kernels
FRAME_BYTES = 64 << 20  # size of a block of frames, of which there are two on the device and two on the host
PROCESSORS = 132  # multiprocessors of an H100 or H200, assumed by `resident_lanes` if no device is asked


def unsupported(p: Parameters) -> str:
    """Why these kernels cannot compute an experiment, as text for `engine_reason`; "" if they can."""
    if p.dimension > MOST_DIMENSIONS:
        return f"the CUDA kernels take at most {MOST_DIMENSIONS} dimensions; triton_sums takes more"
    return ""


class Device:
    """All runs x (run, token, coord) float64 on the device; `p.initial` or a checkpoint is where it starts.

    capacity : frames that one `record` holds. Work is queued on one stream, and only `state` and `frames` wait for it.
    The bits do not depend on how the steps are divided, and are equal in every run on the same card.
    """

    def __init__(self, p: Parameters, x: np.ndarray) -> None:
        self.p, (self.runs, n, d) = p, x.shape
        field = cpu.prepare(p)
        known = not np.isnan(field.shift)
        self.stream = cuda.stream()
        self.x, self.bits = upload(x.astype(np.float64)), upload(powers())
        self.form, self.value = upload(field.form * UNIT), upload(field.value)
        self.shift = float(field.shift) * UNIT if known else 0.0
        self.capacity = max(1, min(4096, FRAME_BYTES // x.nbytes))
        self._buffers: Buffers | None = None
        self._no_frames = cuda.device_array((1, 1, 1, 1), np.float64)
        lanes = resident_lanes(n, d, self.runs, _processors())
        shape = shape_of(p, n if lanes else 0, known)
        self.resident = lanes > 0
        if self.resident:
            self._kernel, self._threads = make_resident(shape, lanes)
            return
        self._searches = shape.searches
        self._largest, self._attend, self._move = make_streaming(shape, CHUNK, TILE)
        self._chunks = -(-n // CHUNK)
        self._partial = cuda.device_array((self.runs, self._chunks, d + 1, n), np.float64)
        self._shifts = upload(np.full((self.runs, n) if self._searches else (1, 1), self.shift))
        self._graph = Replay(lambda stream: self._stream(STEPS, stream), self.stream)

    def advance(self, steps: int) -> None:
        """Compute `model.step` `steps` times, without a frame."""
        if self.resident:
            self._launch(steps, 0, self._no_frames)
            return
        for _ in range(steps // STEPS):
            self._graph()
        self._stream(steps % STEPS, self.stream)

    def record(self, frames: int, every: int) -> Slot:
        """Compute at most `capacity` frames that are `every` steps apart; returns the slot to be passed to `frames`."""
        if frames > self.capacity:
            raise ValueError(f"frames = {frames}: at most {self.capacity} frames fit one block")
        if self._buffers is None:
            self._buffers = Buffers({"x": ((self.capacity, *self.x.shape), np.float64)}, self.stream)
        slot = self._buffers.next()
        if self.resident:
            self._launch(frames * every, every, slot.device["x"])
        else:
            for frame in range(frames):
                self.advance(every)
                slot.device["x"][frame].copy_to_device(self.x, stream=self.stream)
        return self._buffers.send(slot, {"x": frames})

    def frames(self, slot: Slot) -> np.ndarray:
        """(frame, run, token, coord): a view of pinned memory, valid until the next but one `record`."""
        return slot.arrays()["x"]

    def state(self) -> np.ndarray:
        """x (run, token, coord) on the host, for a checkpoint."""
        self.stream.synchronize()
        return np.asarray(self.x.copy_to_host())

    def _launch(self, steps: int, every: int, frames: Any) -> None:
        self._kernel[self.runs, self._threads, self.stream](
            self.x, self.bits, self.form, self.shift, self.p.step_size, self.value, steps, every, frames
        )

    def _stream(self, steps: int, stream: Any) -> None:
        n, tile = self.p.tokens, TILE
        tiles = -(-n // (tile * ROWS))
        for _ in range(steps):
            if self._searches:
                self._largest[(-(-n // tile), self.runs), tile, stream](self.x, self.form, self._shifts)
            self._attend[(tiles, self._chunks, self.runs), tile, stream](
                self.x, self.bits, self.form, self._shifts, self._partial
            )
            self._move[(-(-n // tile), self.runs), tile, stream](
                self.x, self._partial, self.p.step_size, self.value
            )


def _processors() -> int:
    return PROCESSORS if SIMULATED else int(cuda.get_current_device().MULTIPROCESSOR_COUNT)
