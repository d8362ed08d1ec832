"""The worlds of an experiment on a CUDA device: all runs at once, also with `update: sequential`.

The state stays on the device. Frames and the log of births are written there in the order of the store, and are
copied to the host through pinned buffers.
"""

from typing import Any, NamedTuple

import numpy as np

from emergent_dynamics.device import Buffers, Replay, Slot, cuda, memory, upload
from emergent_dynamics.nca.kernels.cuda_kernels import OFFSETS, THREADS, make, open_block
from emergent_dynamics.nca.parameters import RULES, Parameters

__all__ = ["Block", "Device", "Worlds", "unsupported"]

BLOCK = 20  # most generations of a block: only the copy of the last one does not overlap with computation
GENERATIONS = 10  # generations of a CUDA graph; even, so that the two buffers of weights keep their roles
FRAME_BYTES = 128 << 20  # size of a block of frames, of which there are two on the device and two on the host
LOG_SHARE = 8  # the log of each of two blocks may take one part in this many of the free memory
COLUMNS = 6  # columns of the log: run, generation, parent, cell, changes, genome


class Worlds(NamedTuple):
    """All runs between two generations, on the host: a checkpoint."""

    layers: np.ndarray  # (run, channel, y, x) float32
    weights: np.ndarray  # (run, y, x, gene) float32, 0 where gid is 0
    gid: np.ndarray  # (run, y, x) int32
    age: np.ndarray  # (run, y, x) int32
    n_genomes: np.ndarray  # (run,) int64
    generation: int


class Block(NamedTuple):
    """Several consecutive generations; the arrays are views of pinned memory and stay valid until the second following
    `Device.run`.
    """

    gid: np.ndarray  # (generation, run, y, x) int32
    alpha: np.ndarray  # (generation, run, y, x) uint8, tenths
    layers: np.ndarray  # (run, channel, y, x) after generation `keep`, or with no element
    age: np.ndarray  # (run, y, x) after the same generation
    births: np.ndarray  # (birth, 6) int32, ordered: run, generation, parent, cell, number of changes, genome
    genes: np.ndarray  # (change,) uint16, all births one after another
    values: np.ndarray  # (change,) float32, their new values


def unsupported(p: Parameters) -> str:
    """Return why these kernels cannot compute an experiment, as text for `engine_reason`; empty where they can."""
    rule = RULES[p.rule]
    if rule.birth != "own" or not rule.budget:
        return f"the CUDA kernels have no rule {p.rule}"
    if p.landscape:
        return "the CUDA kernels have no landscape that changes"
    if p.archive == "dense":
        return "archive: dense brings all weights to the host in every generation"
    return ""


class Device:
    """The worlds on the device; `run` queues generations and returns at once, `collect` and `worlds` wait for the
    results.

    capacity : largest number of generations of one `run`. The log of a block has room for a birth in every cell with
    every gene changed, so it cannot overflow. Ids and bits are the same however the generations are divided into
    blocks, and in every run on the same card.
    """

    def __init__(self, p: Parameters, start: Worlds, threads: int = THREADS, rankers: int = OFFSETS) -> None:
        self.p, self.runs = p, len(start.gid)
        self.threads, self.rankers = threads, rankers
        self.kernels = make(p, self.runs, threads, rankers)
        self.stream = cuda.stream()
        n, words, blocks = p.cells, -(-p.genes // 64), -(-p.cells // threads)
        self.grid = (blocks, self.runs)
        weights = start.weights.reshape(self.runs, n, p.genes).swapaxes(1, 2).reshape(-1)
        gid = start.gid.astype(np.int32).reshape(-1)
        self.layers = upload(start.layers.reshape(-1))
        self.weights, self.gid = [upload(weights), upload(weights)], [upload(gid), upload(gid)]
        self.age = upload(start.age.astype(np.int32).reshape(-1))
        self.clock, self.tick, self.begin = (upload(np.full(1, start.generation, np.int64)) for _ in range(3))
        self.out = cuda.device_array(self.runs * p.channels * n, np.float32)
        self.source = cuda.device_array(self.runs * n, np.int32)
        self.hits = cuda.device_array(self.runs * words * n, np.uint64)
        self.rank = cuda.device_array(self.runs * n, np.int64)
        self.sums = cuda.device_array(self.runs * blocks, np.int64)
        self.n_genomes = upload(np.repeat(np.asarray(start.n_genomes, np.int64), 2))
        self.rows = upload(np.zeros(2, np.int64))
        self.parity = 0  # index of the buffer that holds weights and ids
        worst = self.runs * n * (4 * COLUMNS + 6 * p.genes)
        most = min(FRAME_BYTES // (5 * self.runs * n), memory() // LOG_SHARE // worst, BLOCK)
        self.capacity = max(2, most // GENERATIONS * GENERATIONS if most > GENERATIONS else most // 2 * 2)
        frame = (self.capacity, self.runs * n)
        shapes: dict[str, tuple[tuple[int, ...], Any]] = {
            "gid": (frame, np.int32),
            "alpha": (frame, np.uint8),
            "rows": ((2,), np.int64),
        }
        shapes |= {"layers": (self.layers.shape, np.float32), "age": (self.age.shape, np.int32)}
        self._buffers, self._fetching = Buffers(shapes, self.stream), cuda.stream()
        self._logs = {id(slot): _Log(self.capacity * self.runs * n, p.genes) for slot in self._buffers.slots}
        self._graphs: dict[int, Replay] = {}

    def run(self, generations: int, keep: int = 0) -> Slot:
        """Queue `generations` generations of all runs, at most `capacity`; the result must be passed to `collect`
        before the second following call. keep : number of the generation among these whose layers and ages are also
        brought, 0 for none.
        """
        if generations > self.capacity:
            raise ValueError(f"generations = {generations}: at most {self.capacity} fit one block")
        slot = self._buffers.next()
        open_block[1, 1, self.stream](self.clock, self.rows, self.begin)
        self._queue(slot, keep)
        if keep:
            slot.device["layers"].copy_to_device(self.layers, stream=self.stream)
            slot.device["age"].copy_to_device(self.age, stream=self.stream)
        self._queue(slot, generations - keep)
        slot.device["rows"].copy_to_device(self.rows, stream=self.stream)
        state = None if keep else 0
        used = {"gid": generations, "alpha": generations, "rows": None, "layers": state, "age": state}
        return self._buffers.send(slot, used)

    def collect(self, slot: Slot) -> Block:
        """Wait for the results of a block and return them."""
        got, log, p = slot.arrays(), self._logs[id(slot)], self.p
        packed = int(got["rows"][1])
        # It has a separate stream, since that of the buffers may already wait for the next block.
        births, genes, values = log.fetch(packed >> 32, packed & 0xFFFFFFFF, self._fetching)
        self._fetching.synchronize()
        shape = (-1, self.runs, p.height, p.width)
        kept = got["layers"].reshape(-1, p.channels, *shape[2:]), got["age"].reshape(-1, *shape[2:])
        return Block(got["gid"].reshape(shape), got["alpha"].reshape(shape), *kept, births, genes, values)

    def worlds(self) -> Worlds:
        """Copy the worlds to the host for a checkpoint; a `Device` that starts from it gives the same ids and bits."""
        self.stream.synchronize()
        p, shape = self.p, (self.runs, self.p.height, self.p.width)
        gid = self.gid[self.parity].copy_to_host().reshape(shape)
        weights = self.weights[self.parity].copy_to_host().reshape(self.runs, p.genes, -1).swapaxes(1, 2)
        weights = np.where(gid[..., None] != 0, weights.reshape(*shape, -1), np.float32(0))
        return Worlds(
            self.layers.copy_to_host().reshape(self.runs, p.channels, *shape[1:]),
            weights,
            gid,
            self.age.copy_to_host().reshape(shape),
            self.n_genomes.copy_to_host()[1::2].copy(),
            int(self.clock.copy_to_host()[0]),
        )

    def _queue(self, slot: Slot, generations: int) -> None:
        left = generations
        if self.parity and left:
            self._launch(slot, self.stream)
            left -= 1
        for _ in range(left // GENERATIONS):
            self._graph(slot)()
        for _ in range(left % GENERATIONS):
            self._launch(slot, self.stream)

    def _graph(self, slot: Slot) -> Replay:
        if id(slot) not in self._graphs:

            def work(stream: Any) -> None:
                for _ in range(GENERATIONS):
                    self._launch(slot, stream)

            self._graphs[id(slot)] = Replay(work, self.stream)
        return self._graphs[id(slot)]

    def _launch(self, slot: Slot, stream: Any) -> None:
        now, new = self.parity, 1 - self.parity
        log, frames = self._logs[id(slot)], (slot.device["gid"], slot.device["alpha"])
        self.kernels.decide[self.grid, self.threads, stream](
            self.layers, self.weights[now], self.gid[now], self.clock, self.out, self.source, self.hits, self.rank,
            self.sums,
        )  # fmt: skip
        self.kernels.offsets[1, self.rankers, stream](
            self.sums, self.n_genomes, self.rows, self.clock, self.tick
        )
        self.kernels.settle[self.grid, self.threads, stream](
            self.layers, self.weights[now], self.weights[new], self.gid[now], self.gid[new], self.age, self.clock,
            self.tick, self.out, self.source, self.hits, self.rank, self.sums, self.n_genomes, self.rows, self.begin,
            log.births, log.genes, log.values, *frames,
        )  # fmt: skip
        self.parity = new


class _Log:
    """The births of a block on the device, and as much pinned memory as its largest block needed so far."""

    def __init__(self, births: int, genes: int) -> None:
        self.births = cuda.device_array((births, COLUMNS), np.int32)
        self.genes = cuda.device_array(births * genes, np.uint16)
        self.values = cuda.device_array(births * genes, np.float32)
        self.host: list[np.ndarray] = [cuda.pinned_array((1, *a.shape[1:]), a.dtype) for a in self._arrays()]

    def fetch(self, births: int, changes: int, stream: Any) -> list[np.ndarray]:
        """Return the rows that a block used; their copies are queued on the stream."""
        found = []
        for i, (array, rows) in enumerate(zip(self._arrays(), (births, changes, changes), strict=True)):
            if rows > len(self.host[i]):
                self.host[i] = cuda.pinned_array((min(len(array), 2 * rows), *array.shape[1:]), array.dtype)
            if rows:
                array[:rows].copy_to_host(self.host[i][:rows], stream=stream)
            found.append(self.host[i][:rows])
        return found

    def _arrays(self) -> tuple[Any, Any, Any]:
        return self.births, self.genes, self.values
