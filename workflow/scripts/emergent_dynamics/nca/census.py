"""Counts of every genome and of every founder's clade, from a single pass over the frames of a run."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.runtime.compiler import numba


@dataclass(frozen=True)
class Census:
    """The counts of one run; arrays (genome + 1,) int32 by genome id, where entry 0 is the empty net.

    total : cells summed over the frames. peak : most cells in a frame. cells : cells in the last frame. last : last
    frame in which a cell holds the genome, -1 if there is none. clades : for each frame, the founders that have
    descendants and the number of cells that these hold.
    """

    run: int
    generations: np.ndarray
    total: np.ndarray
    peak: np.ndarray
    cells: np.ndarray
    last: np.ndarray
    clades: list[tuple[np.ndarray, np.ndarray]]


class Counters(NamedTuple):
    """Arrays (genome + 1,) int32 by genome id that are updated frame by frame, except `founder`, which is only read.

    total, peak, cells, last : as in `Census`. of_clade : work space, the cells of every founder's clade in one frame.
    """

    founder: np.ndarray
    total: np.ndarray
    peak: np.ndarray
    cells: np.ndarray
    last: np.ndarray
    of_clade: np.ndarray


def take(frames: xr.Dataset, run: int, founder: np.ndarray) -> Census:
    """Count the living of every generation in one pass over the frames, block by block.

    founder : (genome + 1,) int32 of `descent.founders`.
    """
    sums = Counters(founder, *(np.zeros(founder.size, np.int32) for _ in range(5)))
    sums.last.fill(-1)
    before, clades = np.zeros(0, np.int32), []
    for block in store.slices(frames[["gid"]], "generation"):
        gids = block["gid"].sel(run=run).values.reshape(block.sizes["generation"], -1)
        for generation, gid in zip(block["generation"].values.tolist(), gids, strict=True):
            clades.append(_count(gid, before, generation, sums))
            before = gid
    return Census(run, frames["generation"].values, sums.total, sums.peak, sums.cells, sums.last, clades)


@numba.njit(cache=True)
def _count(gid, before, generation, sums):
    """Add one frame to the counters, whose cells are those of the frame before.

    Returns the clades that are alive, and their numbers of cells.
    """
    founder, total, peak, cells, last, of_clade = sums
    for genome in before:
        cells[genome] = 0
    present = np.empty(gid.size, np.int32)
    n = 0
    for genome in gid:
        if genome > 0:
            cells[genome] += 1
            total[genome] += 1
            last[genome] = generation
            clade = founder[genome]
            if of_clade[clade] == 0:
                present[n] = clade
                n += 1
            of_clade[clade] += 1
    for genome in gid:
        peak[genome] = max(peak[genome], cells[genome])
    held = present[:n].copy()
    counted = of_clade[held]
    of_clade[held] = 0
    return held, counted


def leading(census: Census, founders: int, shown: int) -> np.ndarray:
    """Return up to `shown` founders whose clades have most cells over all frames, in the order of their ids."""
    total = np.zeros(founders + 1, np.int64)
    for held, cells in census.clades:
        total[held] += cells
    return np.sort(np.argsort(-total[1:], kind="stable")[:shown]) + 1


def clade_cells(census: Census, founders: int, shown: int) -> pd.DataFrame:
    """Return the cells held by each founder's clade over the generations: columns run, generation, founder, cells.

    The `shown` clades with most cells over all frames have rows of their own; all others are added up as founder 0.
    Founders have the ids 1 ... founders.
    """
    named = leading(census, founders, shown)
    column = np.full(founders + 1, named.size)  # the last column is for all others
    column[named] = np.arange(named.size)
    counts = np.array(
        [np.bincount(column[held], weights=cells, minlength=named.size + 1) for held, cells in census.clades]
    ).astype(np.int64)
    names = np.append(named, 0)
    return pd.DataFrame(
        {
            "run": census.run,
            "generation": np.repeat(census.generations, names.size),
            "founder": np.tile(names, census.generations.size),
            "cells": counts.reshape(-1),
        }
    )
