"""The complete state of any generation, dense weights included, from an archive that stores only ids and changes.

Weights are decoded from the log by descent, and channels and ages are those of the last stored state before; from
there the simulation is run again. The replayed generation equals the original one to the bit, since every random
number is addressed by its generation.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from emergent_dynamics.nca.genome_log import CHECKPOINT_EVERY, ROWS, column, pieces
from emergent_dynamics.nca.kernels.workspace import slots
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.nca.simulation import NcaSimulation, State
from emergent_dynamics.runtime.compiler import numba


def state(frames: xr.Dataset, log: xr.Dataset, full: xr.Dataset, p: Parameters, generation: int) -> State:
    """Return the state of the driver at a generation, 0 <= generation <= p.generations.

    frames : gid. log : the group "genome". full : the group "checkpoint". At most 99 generations are computed again.
    """
    start = generation - generation % CHECKPOINT_EVERY
    at = start // CHECKPOINT_EVERY
    shape = (p.runs, p.height, p.width)
    layers, ages = p.runs * p.channels * p.cells, p.runs * p.cells
    found: State = {
        "layers": full["layers"][at * layers : (at + 1) * layers].values.reshape(
            p.runs, p.channels, *shape[1:]
        ),
        "age": full["age"][at * ages : (at + 1) * ages].values.reshape(shape),
        "slot": np.zeros(shape, np.int32),
        "table": np.zeros((p.runs, slots(p), p.genes), np.float32),
        "genome": np.zeros((p.runs, slots(p)), np.int32),
        "n_genomes": np.zeros(p.runs, np.int64),
        "clock": np.array(start, np.int64),
    }
    gid = frames["gid"].sel(generation=start).values
    for run in range(p.runs):
        ids, rows = np.unique(np.append(0, gid[run]), return_inverse=True)
        found["slot"][run] = rows[1:].reshape(shape[1:])
        found["genome"][run, : ids.size] = ids
        found["table"][run, 1 : ids.size] = weights(log, run, ids[1:], p.genes)
        found["n_genomes"][run] = _born_until(log, run, start)
    return NcaSimulation(p).advance(found, start, generation)


def dense_weights(found: State) -> np.ndarray:
    """Return (run, y, x, gene) float32: the weights of every cell's net, zero for an empty one."""
    return np.stack([table[slot] for table, slot in zip(found["table"], found["slot"], strict=True)])


def weights(log: xr.Dataset, run: int, ids: np.ndarray, genes: int) -> np.ndarray:
    """Return (id, gene) float32 of ascending genome ids (id,) of one run; see `weights_of_runs`."""
    return weights_of_runs(log, {run: ids}, genes)[run]


def weights_of_runs(log: xr.Dataset, wanted: Mapping[int, np.ndarray], genes: int) -> dict[int, np.ndarray]:
    """Return {run: (id, gene) float32}, the weights of genomes whose ids (id,), ascending, `wanted` lists per run.

    The log is read twice in blocks: backward to find the ancestors, and forward to apply their changes. In memory are
    a byte per genome of these runs and the weights of the ancestors.
    """
    known = pieces(log)
    sizes = [known.genomes(run) + 1 for run in wanted]
    first = np.full(max([*known.run.tolist(), *wanted]) + 1, -1)  # where the genomes of each run begin
    first[list(wanted)] = np.append(0, np.cumsum(sizes))[:-1]
    needed = np.zeros(sum(sizes), np.bool_)
    for run, ids in wanted.items():
        needed[first[run] + ids] = True
    last = first.copy()
    last[list(wanted)] += np.array(sizes) - 1
    for block in reversed(range(0, log.sizes["genome"], ROWS)):
        whose, parent = (log[name][block : block + ROWS].values for name in ("run", "parent"))
        _mark(needed, (first, last), whose, parent)
    places = np.flatnonzero(needed)
    table = np.zeros((places.size, genes), np.float32)
    at, change = first.copy(), 0
    row = np.searchsorted(places, first)
    for block in range(0, log.sizes["genome"], ROWS):
        whose, parent, count = (log[n][block : block + ROWS].values for n in ("run", "parent", "changes"))
        stop = change + int(count.sum(dtype=np.int64))
        gene, value = (log[name][change:stop].values for name in ("gene", "value"))
        _fill(table, (needed, places, first), (at, row), (whose, parent, count), (gene, value))
        change = stop
    return {run: table[np.searchsorted(places, first[run] + ids)] for run, ids in wanted.items()}


def _born_until(log: xr.Dataset, run: int, generation: int) -> int:
    return int(np.searchsorted(column(log, run, "birth"), generation, side="right"))


@numba.njit(cache=True)
def _mark(needed, range_of_run, run, parent):
    """Mark the parents of the marked genomes of one block of the log, from its end on.

    range_of_run : first and last (run,), indices in `needed`; last is moved to the last genome not yet visited.
    """
    first, last = range_of_run
    for i in range(run.size - 1, -1, -1):  # a parent's id is smaller than its child's
        begins = first[run[i]]
        if begins >= 0:
            if needed[last[run[i]]] and parent[i] > 0:
                needed[begins + parent[i]] = True
            last[run[i]] -= 1


@numba.njit(cache=True)
def _fill(table, tree, now, rows, changed):
    """Fill the rows of `table` whose genomes are in one block of the log.

    tree : needed (genome,) bool, places of the needed genomes, and the place at which each run begins. now : for each
    run the place of its last genome so far, and the row of its next needed genome; both are updated.
    """
    (needed, places, first), (at, row) = tree, now
    (run, parent, count), (gene, value) = rows, changed
    start = 0
    for i in range(run.size):
        mine = run[i]
        if first[mine] >= 0:
            at[mine] += 1
            if needed[at[mine]]:
                net = table[row[mine]]
                if parent[i] > 0:
                    net[:] = table[np.searchsorted(places, first[mine] + parent[i])]
                for m in range(start, start + count[i]):
                    net[gene[m]] = value[m]
                row[mine] += 1
        start += count[i]
