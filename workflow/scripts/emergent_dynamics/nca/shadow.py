"""Neutral shadows of a run: its births, deaths and mutations, with parents drawn without regard to their nets.

`lattice` preserves everything that is not selection: the neighbourhood from which a parent comes, the budget, and
where and when cells get and lose a net. In a world whose nets do not matter it has the law of the run itself, so any
difference beyond chance is selection. `well_mixed` (Rechtsteiner & Bedau 1999) draws parents from all individuals; it
also differs from a neutral world on a lattice.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from emergent_dynamics import store, streams
from emergent_dynamics.nca.kernels.inheritance import PLACES, wrapped
from emergent_dynamics.nca.landscape import strip_of
from emergent_dynamics.nca.resources import most_strips
from emergent_dynamics.runtime.compiler import numba


class Shadowed(NamedTuple):
    """One frame of a run beside its neutral shadow.

    gid : (cell,) genome ids of the run. labels : genome ids of the shadow, (cell,) with 0 for an empty cell, or
    (individual,) for a well-mixed shadow. clades : (cell,) founder of each label; None where founders are not
    followed. labels and clades are empty where there is no shadow.
    """

    generation: int
    gid: np.ndarray
    labels: np.ndarray
    clades: np.ndarray | None


class Rule(NamedTuple):
    """The parameters of inheritance. in_place : cells read neighbours that this generation has changed."""

    height: int
    width: int
    inheritance: float
    in_place: bool


class Cells(NamedTuple):
    """(cell,) arrays: the genome before and now, whether the cell was alive before, and which births are mutated."""

    before: np.ndarray
    now: np.ndarray
    alive: np.ndarray
    mutated: np.ndarray


def lattice(frames: xr.Dataset, parameters: Mapping[str, Any], run: int) -> Iterator[Shadowed]:
    """Yield the frames of the shadow on the run's own lattice, which has one individual for each cell with a net.

    A cell that gets a net takes the label of a living neighbour, each equally likely; a cell that has one does so with
    probability `inheritance`. In each strip of the landscape, the number of births with a new label is the number of
    new genomes there; each birth is equally likely to be chosen. Frames must be consecutive generations, since
    otherwise the events between them are unknown: labels are empty from there on.
    """
    height, width = frames.sizes["y"], frames.sizes["x"]
    strip = np.tile(strip_of(width, most_strips(parameters.get("landscape", []))), height)
    rule = Rule(height, width, parameters["inheritance"], parameters["update"] == "sequential")
    last, before = -1, np.zeros(0, np.int32)
    alive = np.zeros(0, np.bool_)
    for generation, gid, alpha in _frames(frames, ("gid", "alpha"), run):
        gid = gid.reshape(-1)
        if not before.size:
            labels, clades, newest = gid, gid, int(gid.max())
        elif generation != last + 1:
            labels = clades = gid[:0]
        if before.size and labels.size:
            draws = streams.uniform(parameters["seed"], "nca.shadow", run, generation, 3 * gid.size)
            cells = Cells(before, gid, alive, _mutated(before, gid, draws[2::3], newest, strip))
            labels, clades = _inherit(labels, clades, cells, draws.reshape(-1, 3), rule, newest)
            newest = max(newest, int(gid.max()))
        before, alive, last = gid, alpha.reshape(-1) > 0, generation
        yield Shadowed(generation, gid, labels, clades)


def _mutated(
    before: np.ndarray, now: np.ndarray, draws: np.ndarray, newest: int, strip: np.ndarray
) -> np.ndarray:
    """Return (cell,) in each strip the births with the smallest draws, as many as genomes above `newest` first occur
    there.

    strip : (cell,) of the landscape. A genome that has spread in the generation of its birth is counted at its first
    cell.
    """
    born, mutants = _newborn(before, now, newest, strip, int(strip.max()) + 1)
    mutated = np.zeros(now.size, np.bool_)
    for number, count in enumerate(mutants.tolist()):
        here = born[strip[born] == number] if mutants.size > 1 else born
        if count < here.size:
            here = _smallest(draws[here], count, here)
        mutated[here] = True
    return mutated


@numba.njit(cache=True)
def _newborn(before, now, newest, strip, strips):
    """Return the cells that got a net, and (strip,) how many genomes above `newest` occur there for the first time."""
    born = np.empty(now.size + 1, np.int64)
    latest, n = newest, 0
    for c in range(now.size):  # no branch, since the processor cannot predict it
        born[n] = c
        n += (before[c] == 0) & (now[c] > 0)
        latest = max(latest, now[c])
    seen, mutants = np.zeros(latest - newest + 1, np.bool_), np.zeros(strips, np.int64)
    for c in range(now.size):
        genome = max(now[c] - newest, 0)
        mutants[strip[c]] += (genome > 0) & (not seen[genome])
        seen[genome] = True
    return born[:n].copy(), mutants


def _smallest(draws: np.ndarray, count: int, cells: np.ndarray) -> np.ndarray:
    """Return the cells with the `count` smallest draws (cell,); of cells with equal draws the first."""
    if count == 0:
        return cells[:0]
    bar = np.partition(draws, count - 1)[count - 1]
    below, equal = cells[draws < bar], cells[draws == bar]
    return np.append(below, equal[: count - below.size])


@numba.njit(cache=True)
def _inherit(labels, clades, cells, draws, rule, newest):
    """Scan the cells once, row by row; return the labels and founders of the next generation."""
    into, kin = labels.copy(), clades.copy()
    source, of = (into, kin) if rule.in_place else (labels, clades)
    living = cells.alive & (labels > 0)
    # if labels are inherited in place, a living cell may get its first label during the scan; then the neighbours are
    # examined one by one
    foreseen = not rule.in_place or living.sum() == cells.alive.sum()
    patterns = _patterns(living.reshape(rule.height, rule.width)).reshape(-1)
    around = np.empty(9, np.int64)
    heirs, n_heirs = np.empty(labels.size + 1, np.int64), 0
    for c in range(labels.size):  # no branch, since the processor cannot predict it
        heirs[n_heirs] = c
        has = cells.before[c] > 0
        n_heirs += (has & (draws[c, 0] < rule.inheritance)) | ((not has) & (cells.now[c] > 0))
    for c in heirs[:n_heirs]:
        pattern = patterns[c] if foreseen else np.uint16(0)
        n = np.int64(PLACES[pattern, 9])
        if n:
            place = np.int64(PLACES[pattern, int(draws[c, 1] * n)])
            at = _neighbour(c, place, rule)
            into[c], kin[c] = source[at], of[at]
        else:
            n = _living(around, c, source, cells.alive, rule)
            if n:
                at = around[int(draws[c, 1] * n)]
                into[c], kin[c] = source[at], of[at]
        if cells.mutated[c]:
            newest += 1
            into[c] = newest
            if not n:
                kin[c] = newest
    for c in range(labels.size):
        empty = cells.now[c] == 0
        into[c] = 0 if empty else into[c]
        kin[c] = 0 if empty else kin[c]
    return into, kin


@numba.njit(cache=True)
def _patterns(living):
    """Return (y, x) uint16, of which bit 3 dy + dx is set if that cell of the wrapped 3x3 neighbourhood is living."""
    height, width = living.shape
    unrolled = np.empty((height + 2, width + 2), np.uint16)
    for y in range(height + 2):
        row = living[(y - 1) % height]
        for x in range(width):
            unrolled[y, x + 1] = row[x]
        unrolled[y, 0], unrolled[y, width + 1] = row[width - 1], row[0]
    patterns = np.zeros((height, width), np.uint16)
    for y in range(height):
        for bit in range(9):
            row = unrolled[y + bit // 3]
            for x in range(width):
                patterns[y, x] |= row[x + bit % 3] << np.uint16(bit)
    return patterns


@numba.njit(cache=True)
def _neighbour(c, place, rule):
    """Return the cell at the place 3 dy + dx of the wrapped 3x3 neighbourhood of cell c."""
    y, x = divmod(c, rule.width)
    row = wrapped(y + place // 3 - 1, rule.height)
    return row * rule.width + wrapped(x + place % 3 - 1, rule.width)


@numba.njit(cache=True)
def _living(around, c, labels, alive, rule):
    """Write the living cells of the wrapped 3x3 neighbourhood that have a label, or all that have one if none is
    alive.

    Returns how many there are.
    """
    for living in (True, False):
        n = 0
        for place in range(9):
            at = _neighbour(c, place, rule)
            if labels[at] > 0 and (alive[at] or not living):
                around[n] = at
                n += 1
        if n:
            return n
    return 0


def well_mixed(frames: xr.Dataset, parameters: Mapping[str, Any], run: int) -> Iterator[Shadowed]:
    """Yield the frames of the shadow without lattice and budget, one individual for each cell with a net.

    There are as many births, deaths and mutations as between the frames, but the individuals that die and the parents
    are drawn uniformly. Founders are not followed.
    """
    before = None
    newest = 0
    for generation, gid in _frames(frames, ("gid",), run):
        gid = gid.reshape(-1)
        if before is None:
            labels, newest = gid[gid > 0], int(gid.max())
        else:
            deaths, births, mutants, latest = events(before, gid, newest)
            draws = streams.uniform(parameters["seed"], "nca.shadow", run, generation, deaths + births)
            labels = _drift(labels, deaths, births, mutants, newest, draws)
            newest = latest
        before = gid
        yield Shadowed(generation, gid, labels, None)


SHADOWS = {"lattice": lattice, "well_mixed": well_mixed}


@numba.njit(cache=True)
def events(before, gid, newest):
    """Count between two frames the cells that lost a net, the cells that got one, and the genomes above `newest`;
    return also the newest of these.
    """
    deaths = births = mutants = 0
    latest = newest
    for i in range(gid.size):
        if gid[i] != before[i]:
            deaths += before[i] > 0
            births += gid[i] > 0
            latest = max(latest, gid[i])
    seen = np.zeros(latest - newest, np.bool_)
    for genome in gid:
        if genome > newest and not seen[genome - newest - 1]:
            seen[genome - newest - 1] = True
            mutants += 1
    return deaths, births, mutants, latest


@numba.njit(cache=True)
def _drift(labels, deaths, births, mutants, newest, draws):
    """Draw parents from all individuals before any dies; the first `mutants` newborn get new labels newest + 1, ...."""
    n = labels.size
    children = np.empty(births, labels.dtype)
    for i in range(births):
        children[i] = newest + 1 + i if i < mutants else labels[int(draws[deaths + i] * n)]
    left = labels.copy()
    for i in range(deaths):  # Fisher and Yates: the dead are moved behind the living
        at = int(draws[i] * (n - i))
        left[at] = left[n - i - 1]
    return np.concatenate((left[: n - deaths], children))


def _frames(frames: xr.Dataset, names: tuple[str, ...], run: int) -> Iterator[tuple]:
    """Yield (generation, array (y, x) of each name) of one run, read in blocks."""
    for block in store.slices(frames[list(names)], "generation"):
        arrays = (block[name].sel(run=run).values for name in names)
        yield from zip(block["generation"].values.tolist(), *arrays, strict=True)
