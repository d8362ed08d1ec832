"""The complete state of any generation, dense weights included, from an archive that stores only ids and changes.

Weights are decoded from the log by descent, and channels and ages are those of the last stored state before; from
there the simulation is run again. The replayed generation equals the original one to the bit, since every random
number is addressed by its generation.
"""

import numpy as np
import xarray as xr

from emergent_dynamics.nca.descent import mark_ancestors
from emergent_dynamics.nca.genome_log import CHECKPOINT_EVERY
from emergent_dynamics.nca.kernels.workspace import slots
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.nca.simulation import NcaSimulation, State
from emergent_dynamics.runtime.compiler import numba

ROWS = 2**18


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
    """Return (id, gene) float32 of ascending genome ids (id,), by going up to the founders and down again.

    Reads the log once, in blocks; the parents of all genomes and the rows of the ancestors are in memory.
    """
    parent = np.append(np.int32(0), column(log, run, "parent"))
    needed = np.zeros(parent.size, bool)
    needed[ids] = True
    mark_ancestors(needed, parent)
    row = np.cumsum(needed, dtype=np.int32) - 1  # rows of the needed genomes, in the order of their ids
    table = np.zeros((int(needed.sum()), genes), np.float32)
    genome = change = 0
    for start in range(0, log.sizes["genome"], ROWS):
        part = log[["run", "changes"]].isel(genome=slice(start, start + ROWS)).load()
        changes = part["changes"].values.astype(np.int64)
        stop = change + int(changes.sum())
        gene, value = (log[name].isel(change=slice(change, stop)).values for name in ("gene", "value"))
        mine = part["run"].values == run
        genome = _fill(table, (row, needed, parent), mine, changes, gene, value, genome)
        change = stop
    return table[row[ids]]


def column(log: xr.Dataset, run: int, name: str) -> np.ndarray:
    """Return (genome,) one column of the log of one run, in the order of ids from 1 on; it is read in blocks."""
    blocks = (
        log[["run", name]].isel(genome=slice(s, s + ROWS)).load() for s in range(0, log.sizes["genome"], ROWS)
    )
    parts = [block[name].values[block["run"].values == run] for block in blocks]
    return np.concatenate(parts) if parts else np.empty(0, np.int32)


def _born_until(log: xr.Dataset, run: int, generation: int) -> int:
    return int(np.searchsorted(column(log, run, "birth"), generation, side="right"))


@numba.njit(cache=True)
def _fill(table, tree, mine, changes, gene, value, genome):
    """Fill the rows of one block of the log; return the id of the last genome seen. tree : row, needed, parent."""
    row, needed, parent = tree
    at = 0
    for i in range(mine.size):
        if mine[i]:
            genome += 1
            if needed[genome]:
                if parent[genome] > 0:
                    table[row[genome]] = table[row[parent[genome]]]
                for m in range(at, at + changes[i]):
                    table[row[genome], gene[m]] = value[m]
        at += changes[i]
    return genome
