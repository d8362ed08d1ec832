"""Tools for all CUDA kernels: detection of a device, graphs of many launches, pinned double buffers.

`cuda` is numba-cuda's module, or Numba's simulator where NUMBA_ENABLE_CUDASIM=1: the same code runs on both. The
package needs numba-cuda only where a kernel is launched (the extra `gpu`); nothing here imports torch.
"""

import importlib.util
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import numpy as np

if not hasattr(np, "row_stack"):  # numba-cuda 0.30.4 uses it on import; NumPy 2.5 has removed it
    setattr(np, "row_stack", np.vstack)  # noqa: B010

from numba import config, cuda

__all__ = [
    "SIMULATED",
    "Buffers",
    "Held",
    "Replay",
    "Slot",
    "available",
    "cuda",
    "kernel",
    "memory",
    "missing",
    "most_registers",
    "name",
    "upload",
    "used",
]

# One block per run is intended, however few the runs are.
warnings.filterwarnings("ignore", message=".*under-utilization due to low occupancy")

FORMAT = 1  # raised when a device is made to compute other values; dependent results are then computed again
SIMULATED = bool(config.ENABLE_CUDASIM)
QUARTER = 16384  # registers of a quarter of a multiprocessor
Owner = TypeVar("Owner")
Shapes = Mapping[str, tuple[tuple[int, ...], Any]]


def missing() -> str:
    """Why no kernel can be launched here, as text for `engine_reason`; "" if only a device may be missing."""
    if SIMULATED or importlib.util.find_spec("numba_cuda") is not None:
        return ""
    return "numba-cuda is not installed (the extra `gpu`)"


def available() -> bool:
    """Whether kernels can be launched here: the simulator, or numba-cuda with a device."""
    return SIMULATED or (importlib.util.find_spec("numba_cuda") is not None and bool(cuda.is_available()))


def name() -> str:
    """The name of the device."""
    return "simulator" if SIMULATED else str(cuda.get_current_device().name)


def memory() -> int:
    """Free bytes on the device; 1 MiB in the simulator, so that tests also cover work in several parts."""
    return 2**20 if SIMULATED else int(cuda.current_context().get_memory_info().free)


def used() -> str:
    """The device as a store records it; a checkpoint is not continued on another device."""
    return f"cuda: {name()}"


def kernel(fastmath: bool = False, registers: int | None = None) -> Callable[[Callable], Any]:
    """`cuda.jit`, with a limit of registers per thread, which the simulator does not know."""
    limit = {} if SIMULATED or registers is None else {"max_registers": registers}
    return cuda.jit(fastmath=fastmath, **limit)


def most_registers(threads: int, blocks: int = 1) -> int:
    """Most registers per thread with which `blocks` blocks fit on one multiprocessor: a multiple of 8, at most 255.

    A multiprocessor has 65,536 registers in four quarters, and the warps of a block are divided among the quarters: 13
    warps with 144 registers per thread, which the compiler may choose, cannot be launched.
    """
    warps = -(-threads // 32)
    if blocks == 1:
        return min(255, QUARTER // (-(-warps // 4) * 32) // 8 * 8)
    return min(255, 4 * QUARTER // (blocks * warps * 32) // 8 * 8)


def upload(values: np.ndarray) -> Any:
    """A C-contiguous copy of `values` on the device."""
    return cuda.to_device(np.ascontiguousarray(values))


class Replay:
    """Replaces many launches by one: `work` is launched normally the first time, recorded the second time, and replayed
    as one CUDA graph from then on.

    work(stream) launches on `stream` only, with the same arrays every time; it allocates nothing. Every call does the
    work exactly once, so a counter on the device remains right. Arguments keep the values that they have at the
    recording.
    """

    # Floor: about 2 us of the device per kernel node. A launch from Python costs 27 us (numba-cuda 0.30.4, measured),
    # more with many arguments; kernels here take 3 to 400 us.
    def __init__(self, work: Callable[[Any], None], stream: Any) -> None:
        self.work, self.stream = work, stream
        self.calls = 0
        self.graph: Any = None

    def __call__(self) -> None:
        self.calls += 1
        if SIMULATED or self.calls == 1:  # kernels are compiled and loaded, which a recording forbids
            self.work(self.stream)
            return
        from cuda.bindings import driver

        at = int(self.stream.handle)
        if self.graph is None:
            relaxed = driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED
            _done(driver.cuStreamBeginCapture(at, relaxed))
            try:
                self.work(self.stream)
            finally:
                recorded = driver.cuStreamEndCapture(at)
            self.graph = _done(driver.cuGraphInstantiate(_done(recorded), 0))
        _done(driver.cuGraphLaunch(self.graph, at))


def _done(answer: tuple) -> Any:
    """The value that a call of the CUDA driver returned; raises its error as an exception."""
    error, *value = answer
    if int(error) != 0:
        raise RuntimeError(f"CUDA driver: {error.name} ({int(error)})")
    return value[0] if value else None


class Held(Generic[Owner]):
    """Remembers which state of the host lies on the device, so that it is uploaded only once.

    The state is recognised by one of its arrays, which no code writes to.
    """

    def __init__(self, key: str, begin: Callable[[Mapping[str, np.ndarray]], Owner]) -> None:
        self.key, self.begin = key, begin
        self._token: np.ndarray | None = None
        self.owner: Owner | None = None  # the object on the device, if there is one

    def owner_of(self, state: Mapping[str, np.ndarray]) -> Owner:
        """The object that holds this state on the device; it is made from the state if there is none yet."""
        if self.owner is None or state[self.key] is not self._token:
            self.owner, self._token = self.begin(state), state[self.key]
        return self.owner

    def holds(self, state: Mapping[str, np.ndarray]) -> bool:
        """Whether the device holds this state, so that the copy on the host is out of date."""
        return self._token is not None and state[self.key] is self._token


class Slot:
    """One set of arrays on the device and its pinned copy on the host."""

    def __init__(self, shapes: Shapes) -> None:
        self.device = {name: cuda.device_array(shape, dtype) for name, (shape, dtype) in shapes.items()}
        self.host = {name: cuda.pinned_array(shape, dtype) for name, (shape, dtype) in shapes.items()}
        self.filled, self.copied = _event(), _event()
        self.used: dict[str, int | None] = {}

    def arrays(self) -> dict[str, np.ndarray]:
        """The host's copy, valid until this slot is filled again; waits for the copy to end."""
        self.copied.synchronize()
        return {name: self.host[name][:rows] for name, rows in self.used.items()}


def _event() -> Any:
    return cuda.event() if SIMULATED else cuda.event(timing=False)


class Buffers:
    """Two slots in turn: while one block of frames is copied to the host on a second stream, the next is computed.

    A copy into pageable memory runs at 3 GB/s, into pinned memory at 55 GB/s (measured on an H200).
    """

    def __init__(self, shapes: Shapes, compute: Any) -> None:
        self.compute, self.stream = compute, cuda.stream()
        self.slots, self.turn = [Slot(shapes), Slot(shapes)], 0

    def next(self) -> Slot:
        """The slot to fill next; later work on the compute stream waits until the slot's last contents are copied."""
        slot = self.slots[self.turn]
        self.turn = 1 - self.turn
        slot.copied.wait(self.compute)
        return slot

    def send(self, slot: Slot, used: Mapping[str, int | None] | None = None) -> Slot:
        """Copy what the compute stream has written so far. used : rows along the first axis per array, None: all."""
        slot.used = dict(used) if used is not None else dict.fromkeys(slot.device)
        slot.filled.record(self.compute)
        slot.filled.wait(self.stream)
        for name, rows in slot.used.items():
            if rows is None:
                slot.device[name].copy_to_host(slot.host[name], stream=self.stream)
            elif rows > 0:
                slot.device[name][:rows].copy_to_host(slot.host[name][:rows], stream=self.stream)
        slot.copied.record(self.stream)
        return slot
