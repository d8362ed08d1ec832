"""Weights decoded from the genome log: a table of the living genomes that follows the frames in bounded memory.

A mutant is its parent's row with the logged genes replaced, so decoding is exact to the bit. A genome that no cell
holds in a frame can never be a parent again, so its row is reused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.nca.kernels.prefetch import AHEAD, fetch
from emergent_dynamics.runtime.compiler import numba

ROWS = 2**18  # log rows read at once: a stored chunk


class Births(NamedTuple):
    """New genomes of one run in the order of their ids; genome i has the entries start[i] to start[i + 1] of gene and
    value.
    """

    genome: np.ndarray
    parent: np.ndarray
    birth: np.ndarray
    cell: np.ndarray
    start: np.ndarray
    gene: np.ndarray
    value: np.ndarray


@dataclass(frozen=True)
class Living:
    """The genomes of one frame. Row 0 of the table is the empty net; the contents of rows of extinct genomes are
    meaningless.
    """

    run: int
    generation: int
    gid: np.ndarray  # (y, x) int32
    row: np.ndarray  # (y, x) int32 into the table
    weights: np.ndarray  # (row, gene) float32
    genome: np.ndarray  # (row,) int32
    cells: np.ndarray  # (row,) int32, number of cells of this frame that hold it
    fresh: np.ndarray  # (n,) int32, rows filled since the frame before
    births: Births


def follow(frames: xr.Dataset, log: xr.Dataset, genes: int, run: int) -> Iterator[Living]:
    """Yield the frames of one run with the weights of all living genomes; frames and log are read once, in blocks.

    frames : gid (run, generation, y, x). log : the group "genome". The arrays of a `Living` are overwritten by the
    next one.
    """
    rows = _Rows(log, run)
    table = _Table(genes, 4096)
    for block in store.slices(frames[["gid"]], "generation"):
        gids = block["gid"].sel(run=run).values
        for generation, gid in zip(block["generation"].values.tolist(), gids, strict=True):
            births = rows.until(generation)
            table.reserve(births.genome.size)
            fresh = table.add(births)
            row, cells = table.settle(gid)
            yield Living(run, generation, gid, row, table.weights, table.genome, cells, fresh, births)


class _Table:
    """Rows by genome id, found through a hash table that is rebuilt from the living genomes after every frame."""

    def __init__(self, genes: int, size: int) -> None:
        self.weights = np.zeros((size, genes), np.float32)
        self.genome = np.zeros(size, np.int32)
        self.free = np.arange(size - 1, 0, -1, dtype=np.int32)
        self.n_free = size - 1
        self.netted = np.empty(0, np.int32)
        self._hash(2 * size)

    def reserve(self, births: int) -> None:
        """Make room for so many more rows; the table is doubled when it is too short, which happens while a
        population grows.
        """
        if self.n_free >= births:
            return
        old = self.genome.size
        size = max(2 * old, old + births)
        self.weights = np.concatenate(
            [self.weights, np.zeros((size - old, self.weights.shape[1]), np.float32)]
        )
        self.genome = np.concatenate([self.genome, np.zeros(size - old, np.int32)])
        free = np.concatenate([np.arange(size - 1, old - 1, -1, dtype=np.int32), self.free[: self.n_free]])
        self.free, self.n_free = np.resize(free, size), free.size
        held = np.flatnonzero(self.genome)
        self._hash(2 * size)
        _insert(self.keys, self.rows, self.genome, held.astype(np.int32))

    def add(self, births: Births) -> np.ndarray:
        fresh = self.free[self.n_free - births.genome.size : self.n_free][::-1].copy()
        self.n_free -= fresh.size
        _add(self.keys, self.rows, self.weights, self.genome, fresh, births)
        return fresh

    def settle(self, gid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the row of every cell (y, x) and the number of cells of every row; rows that no cell holds are
        released.
        """
        row, cells = np.empty(gid.shape, np.int32), np.zeros(self.genome.size, np.int32)
        if self.netted.size <= gid.size:
            self.netted = np.empty(gid.size + 1, np.int32)
        lost = _find(self.keys, self.rows, gid.reshape(-1), row.reshape(-1), cells, self.netted)
        if lost:
            raise ValueError(f"genome {lost} of a frame is not in the log")
        self.n_free = _free(self.keys, self.rows, self.genome, cells, self.free)
        return row, cells

    def _hash(self, size: int) -> None:
        size = 1 << max(10, int(size - 1).bit_length())
        if getattr(self, "keys", np.empty(0)).size != size:
            self.keys, self.rows = np.empty(size, np.int32), np.empty(size, np.int32)
        self.keys[:] = 0


class _Rows:
    """The log of one run, read forward in blocks of `ROWS`."""

    def __init__(self, log: xr.Dataset, run: int) -> None:
        self.log, self.run = log, run
        self.next_row = self.next_change = 0
        self.n_genomes = 0
        self.held, self.at = self._read(), 0

    def until(self, generation: int) -> Births:
        """Return the births up to a generation that no earlier call has returned."""
        while (
            self.next_row < self.log.sizes["genome"] and not self.held.birth[-1:].max(initial=-1) > generation
        ):
            self.held = _join(_part(self.held, self.at, self.held.genome.size), self._read())
            self.at = 0
        # the key has the type of the array, or NumPy would convert the whole array first
        born = np.searchsorted(self.held.birth, self.held.birth.dtype.type(generation), side="right")
        first, self.at = self.at, int(born)
        return _part(self.held, first, self.at)

    def _read(self) -> Births:
        part = self.log.isel(genome=slice(self.next_row, self.next_row + ROWS))
        changes = part["changes"].values.astype(np.int64)
        stop = self.next_change + int(changes.sum())
        gene = self.log["gene"].isel(change=slice(self.next_change, stop)).values
        value = self.log["value"].isel(change=slice(self.next_change, stop)).values
        mine = part["run"].values == self.run
        of_mine = np.repeat(mine, changes)
        self.next_row += changes.size
        self.next_change = stop
        ids = self.n_genomes + 1 + np.arange(int(mine.sum()), dtype=np.int32)
        self.n_genomes += ids.size
        return Births(
            ids,
            part["parent"].values[mine],
            part["birth"].values[mine],
            part["cell"].values[mine],
            np.append(0, np.cumsum(changes[mine])),
            gene[of_mine],
            value[of_mine],
        )


def _join(one: Births, two: Births) -> Births:
    names = ("genome", "parent", "birth", "cell", "gene", "value")
    whole = {name: np.concatenate([getattr(one, name), getattr(two, name)]) for name in names}
    changes = np.concatenate([np.diff(one.start), np.diff(two.start)])
    return Births(**whole, start=np.append(0, np.cumsum(changes)))


def _part(births: Births, first: int, stop: int) -> Births:
    a, b = births.start[first], births.start[stop]
    per_genome = {name: getattr(births, name)[first:stop] for name in ("genome", "parent", "birth", "cell")}
    start = births.start[first : stop + 1] - a
    return Births(**per_genome, start=start, gene=births.gene[a:b], value=births.value[a:b])


@numba.njit(cache=True)
def _place(keys, genome):
    """Return where a genome is, or would be, in the open-addressing table (Knuth's multiplicative hash, linear
    probing).
    """
    mask = keys.size - 1
    at = (np.uint32(genome) * np.uint32(2654435761) >> np.uint32(7)) & np.uint32(mask)
    while keys[at] != 0 and keys[at] != genome:
        at = (at + np.uint32(1)) & np.uint32(mask)
    return at


@numba.njit(cache=True)
def _insert(keys, rows, genome, held):
    for row in held:
        at = _place(keys, genome[row])
        keys[at], rows[at] = genome[row], row


@numba.njit(cache=True)
def _find(keys, rows, gid, row, cells, netted):
    """Write the row of each cell, 0 for the empty net, and count cells by row; return a genome that has no row, or
    0.
    """
    n = 0
    for i in range(gid.size):  # no branch, since it cannot be predicted which cells are empty
        row[i] = 0
        netted[n] = i
        n += gid[i] != 0
    for i in netted[:n]:
        at = _place(keys, gid[i])
        if keys[at] != gid[i]:
            return gid[i]
        row[i] = rows[at]
        cells[row[i]] += 1
    return 0


@numba.njit(cache=True)
def _free(keys, rows, genome, cells, free):
    """Release rows without a cell: they are pushed on the stack `free`, with low ones on top. Returns how many are
    free.
    """
    n = 0
    keys[:] = 0
    for row in range(cells.size - 1, 0, -1):
        if cells[row]:
            at = _place(keys, genome[row])
            keys[at], rows[at] = genome[row], row
        else:
            genome[row] = 0
            free[n] = row
            n += 1
    return n


@numba.njit(cache=True)
def _add(keys, rows, weights, genome, fresh, births):
    """Fill the rows `fresh` with newborn genomes, parents before children; a founder's parent is the empty row 0."""
    ids, parents, _, _, start, gene, value = births
    n = ids.size
    for i in range(n):
        at = _place(keys, ids[i])
        keys[at], rows[at], genome[fresh[i]] = ids[i], fresh[i], ids[i]
    source = np.zeros(n, np.int32)
    for i in range(n):
        if parents[i]:
            source[i] = rows[_place(keys, parents[i])]
    for i in range(n):
        fetch(weights, source[min(i + AHEAD, n - 1)])
        weights[fresh[i]] = weights[source[i]]
        for m in range(start[i], start[i + 1]):
            weights[fresh[i], gene[m]] = value[m]
