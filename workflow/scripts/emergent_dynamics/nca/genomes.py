"""Weights decoded from the genome log: a table of the living genomes that follows the frames in bounded memory.

A mutant is its parent's row with the logged genes replaced, so decoding is exact to the bit. A genome that no cell
holds in a frame can never be a parent again, so its row is reused.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.nca.genome_log import ROWS
from emergent_dynamics.nca.kernels.prefetch import AHEAD, fetch
from emergent_dynamics.nca.resources import runs_together
from emergent_dynamics.runtime.compiler import numba


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


_NONE = np.zeros(0, np.int32)
NOBODY = Births(
    _NONE, _NONE, _NONE, _NONE, np.zeros(1, np.int64), np.zeros(0, np.uint16), np.zeros(0, np.float32)
)


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
    next one of its run.
    """
    return _together(frames, log, genes, [run])


def follow_all(frames: xr.Dataset, log: xr.Dataset, genes: int) -> Iterator[Living]:
    """Yield the frames of all runs as `follow` does, generation by generation, so that the log is read only once.

    If the tables of all runs do not fit into `resources.TABLES_MB`, the runs are followed in groups, one group after
    the other, and the log is read once per group.
    """
    runs = frames["run"].values.tolist()
    size = runs_together(len(runs), frames.sizes["y"] * frames.sizes["x"], genes)
    for start in range(0, len(runs), size):
        yield from _together(frames, log, genes, runs[start : start + size])


def _together(frames: xr.Dataset, log: xr.Dataset, genes: int, runs: list[int]) -> Iterator[Living]:
    rows = _Rows(log, runs)
    tables = {run: _Table(genes, 4096) for run in runs}
    for block in store.slices(frames[["gid"]], "generation"):
        gids = {run: block["gid"].sel(run=run).values for run in runs}
        for i, generation in enumerate(block["generation"].values.tolist()):
            for run, table in tables.items():
                births = rows.until(generation, run)
                table.reserve(births.genome.size)
                fresh = table.add(births)
                row, cells = table.settle(gids[run][i])
                yield Living(
                    run, generation, gids[run][i], row, table.weights, table.genome, cells, fresh, births
                )


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
    """Reads the log of several runs forward, in blocks of `ROWS`.

    Rows of one run and generation are contiguous in a block and are returned as views, without a copy.
    """

    def __init__(self, log: xr.Dataset, runs: list[int]) -> None:
        self.log = log
        self.next_row = self.next_change = 0
        self.read_until = -1  # the generation of the last row that was read
        self.n_genomes = dict.fromkeys(runs, 0)
        self.held: dict[int, deque[Births]] = {run: deque() for run in runs}

    def until(self, generation: int, run: int) -> Births:
        """Return the births of a run up to a generation, except those that an earlier call has returned."""
        while self.read_until <= generation and self.next_row < self.log.sizes["genome"]:
            self._read()
        held, due = self.held[run], []
        while held and held[0].birth[0] <= generation:
            due.append(held.popleft())
        return due[0] if len(due) == 1 else _join(due)

    def _read(self) -> None:
        """Read the next block of the log, and divide it at every change of run or generation."""
        part = self.log.isel(genome=slice(self.next_row, self.next_row + ROWS))
        run, parent, birth, cell = (part[name].values for name in ("run", "parent", "birth", "cell"))
        start = np.append(0, np.cumsum(part["changes"].values, dtype=np.int64))
        changes = slice(self.next_change, self.next_change + int(start[-1]))
        gene, value = (self.log[name].isel(change=changes).values for name in ("gene", "value"))
        self.next_row += run.size
        self.next_change = changes.stop
        self.read_until = int(birth[-1])
        edges = np.flatnonzero((np.diff(run) != 0) | (np.diff(birth) != 0)) + 1
        for first, stop in pairwise([0, *edges.tolist(), run.size]):
            if (number := int(run[first])) in self.held:
                mine, before = slice(first, stop), self.n_genomes[number]
                ids = np.arange(before + 1, before + 1 + stop - first, dtype=np.int32)
                a, b = start[first], start[stop]
                changed = start[first : stop + 1] - a, gene[a:b], value[a:b]
                self.held[number].append(Births(ids, parent[mine], birth[mine], cell[mine], *changed))
                self.n_genomes[number] += ids.size


def _join(parts: list[Births]) -> Births:
    if not parts:
        return NOBODY
    names = ("genome", "parent", "birth", "cell", "gene", "value")
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    changes = np.concatenate([np.diff(part.start) for part in parts])
    return Births(**whole, start=np.append(0, np.cumsum(changes)))


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
    n = n_held = 0
    held = np.empty(cells.size, np.int32)
    for row in range(cells.size - 1, 0, -1):  # no branch, since the processor cannot predict it
        free[n] = held[n_held] = row
        lives = cells[row] != 0
        n += not lives
        n_held += lives
        genome[row] = genome[row] if lives else 0
    keys[:] = 0
    _insert(keys, rows, genome, held[:n_held])
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
