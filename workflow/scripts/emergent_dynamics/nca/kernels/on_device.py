"""Simulation on a CUDA device: worlds stay there, and frames and births are copied to the host in blocks of
generations.
"""

from collections.abc import Mapping

import numpy as np

from emergent_dynamics import device
from emergent_dynamics.nca.genome_log import CHECKPOINT_EVERY, COLUMNS, Rows, log_state
from emergent_dynamics.nca.kernels import cuda
from emergent_dynamics.nca.model import World
from emergent_dynamics.nca.packing import pack, unpack
from emergent_dynamics.nca.parameters import Parameters

State = dict[str, np.ndarray]
BIRTHS = ("run", "birth", "parent", "cell", "changes")  # columns of a block's births


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
        while start < stop:
            until = min(stop, start - start % CHECKPOINT_EVERY + CHECKPOINT_EVERY, start + held.capacity)
            self._collect(held.collect(held.run(until - start)), log)
            start = until
            if start % CHECKPOINT_EVERY == 0:
                worlds = held.worlds()
                log_state(log, {"layers": worlds.layers, "age": worlds.age})

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

    def _collect(self, block: cuda.Block, log: Rows) -> None:
        columns = {f"genome/{name}": block.births[:, i] for i, name in enumerate(BIRTHS)}
        for name, values in (columns | {"genome/gene": block.genes, "genome/value": block.values}).items():
            if len(values):
                # astype copies: the block is a view of memory that the next block overwrites
                log[name].append(values.astype(COLUMNS[name][1]))
        self._frame = {"gid": block.gid[-1], "alpha": block.alpha[-1]}
