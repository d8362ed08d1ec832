"""Simulation on a CUDA device: worlds stay there, and frames and births are copied to the host in blocks of
generations.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from emergent_dynamics import device
from emergent_dynamics.nca.genome_log import CHECKPOINT_EVERY, COLUMNS, Rows, empty_log, joined, log_state
from emergent_dynamics.nca.kernels import cuda
from emergent_dynamics.nca.model import World
from emergent_dynamics.nca.packing import pack, unpack
from emergent_dynamics.nca.parameters import Parameters

State = dict[str, np.ndarray]
BIRTHS = ("run", "birth", "parent", "cell", "changes")  # columns of a block's births
BORN, CHANGES = BIRTHS.index("birth"), BIRTHS.index("changes")


class Board:
    """Worlds on the device. A state of the driver keeps the worlds with which the device began; `checkpoint` returns
    the present ones.
    """

    def __init__(self, p: Parameters) -> None:
        self.p = p
        self._held = device.Held("layers", self._begin)
        self._frame: dict[str, np.ndarray] = {}

    def advance(self, state: State, start: int, stop: int, log: Rows) -> None:
        """Compute generations start + 1 ... stop; births go to the log, as do the states from which `replay` starts."""
        held = self._held.owner_of(state)
        queued: list[device.Slot] = []
        while start < stop:
            until = min(stop, start - start % CHECKPOINT_EVERY + CHECKPOINT_EVERY, start + held.capacity)
            queued.append(self._run(held, start, until))
            if len(queued) > 1:
                self._collect(held.collect(queued.pop(0)), log)
            start = until
        for slot in queued:
            self._collect(held.collect(slot), log)

    @property
    def together(self) -> int:
        """The largest number of generations of one `record`; 1 before worlds are on the device or if few are saved."""
        if self._held.owner is None or self.p.archive == "checkpoint":
            return 1
        return min(self._held.owner.capacity, CHECKPOINT_EVERY)

    def record(self, state: State, start: int, stop: int) -> Iterator[dict[str, np.ndarray]]:
        """Queue generations start + 1 ... stop; the iterator yields the frame of each with its rows of the log."""
        held = self._held.owner_of(state)
        return self._arriving(held, self._run(held, start, stop), start)

    def frame(self, state: State) -> dict[str, np.ndarray]:
        """Return gid and alpha of the last generation; empty before the first."""
        return self._frame if self._held.holds(state) else {}

    def checkpoint(self, state: State) -> State:
        """Return the state with all worlds on the host."""
        if not self._held.holds(state):
            return state
        worlds = self._held.owner_of(state).worlds()
        host = state | {
            name: np.zeros_like(state[name]) for name in ("layers", "slot", "age", "table", "genome")
        }
        host["n_genomes"] = np.zeros_like(state["n_genomes"])
        for run in range(self.p.runs):
            one = World(
                worlds.layers[run],
                worlds.weights[run],
                worlds.gid[run].astype(np.int64),
                worlds.age[run].astype(np.int64),
                int(worlds.n_genomes[run]),
            )
            pack(host, run, one)
        return host

    def _begin(self, state: Mapping[str, np.ndarray]) -> cuda.Device:
        self._frame = {}
        worlds = [unpack(dict(state), run) for run in range(self.p.runs)]
        start = cuda.Worlds(
            np.stack([world.layers for world in worlds]),
            np.stack([world.weights for world in worlds]),
            np.stack([world.gid for world in worlds]),
            np.stack([world.age for world in worlds]),
            np.array([world.n_genomes for world in worlds]),
            int(state["clock"]),
        )
        return cuda.Device(self.p, start)

    def _run(self, held: cuda.Device, start: int, stop: int) -> device.Slot:
        """Queue a block; layers and ages are copied too for the first generation in it from which `replay` starts."""
        keep = CHECKPOINT_EVERY - start % CHECKPOINT_EVERY
        return held.run(stop - start, keep if keep <= stop - start else 0)

    def _collect(self, block: cuda.Block, log: Rows) -> None:
        self._log(block, slice(None), slice(None), log)
        if len(block.layers):
            log_state(log, {"layers": block.layers, "age": block.age})
        self._frame = {"gid": block.gid[-1], "alpha": block.alpha[-1]}

    def _arriving(self, held: cuda.Device, slot: device.Slot, start: int) -> Iterator[dict[str, np.ndarray]]:
        block = held.collect(slot)
        ends = np.searchsorted(block.births[:, BORN], start + 1 + np.arange(len(block.gid)), "right")
        changes = np.append(0, block.births[:, CHANGES].cumsum(dtype=np.int64))
        first = 0
        for k, end in enumerate(ends.tolist()):
            log = empty_log()
            self._log(block, slice(first, end), slice(int(changes[first]), int(changes[end])), log)
            if (start + 1 + k) % CHECKPOINT_EVERY == 0:
                log_state(log, {"layers": block.layers, "age": block.age})
            self._frame = {"gid": block.gid[k], "alpha": block.alpha[k]}
            yield self._frame | joined(log)
            first = end

    def _log(self, block: cuda.Block, births: slice, changes: slice, log: Rows) -> None:
        columns = {f"genome/{name}": block.births[births, i] for i, name in enumerate(BIRTHS)}
        columns |= {"genome/gene": block.genes[changes], "genome/value": block.values[changes]}
        for name, values in columns.items():
            if len(values):  # a copy, since the block is a view of buffers that are written again
                log[name].append(values.astype(COLUMNS[name][1]))
