"""Which genomes dominate, which are rare, which are extinct: a table of the most successful ones.

A species is a genome here, exactly; clades of founders are in `lineage.clade_cells`.
"""

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.compiler import numba
from emergent_dynamics.nca.lineage import Descent, founders

DOMINANT = 0.01  # of the cells with a net in the last frame
STATUS = ("extinct", "rare", "common", "dominant")


def table(
    frames: xr.Dataset, descent: Descent, run: int, shown: int = 200
) -> tuple[pd.DataFrame, dict[str, float]]:
    """The `shown` genomes with most cell-generations, and every dominant one.

    Columns: run, genome, parent, founder, birth, last, cell_generations, peak_cells, cells (in the last frame), status.
    Second: how many of all genomes have each status. Frames are read in blocks; twelve bytes a genome are held.
    """
    total, peak, cells = abundance(frames, run, descent.parent.size)
    leading = np.argsort(-total, kind="stable")[:shown]
    codes = status(cells)
    rows = np.union1d(leading, np.flatnonzero(codes == STATUS.index("dominant")))
    rows = rows[(rows > 0) & (total[rows] > 0)]
    rows = rows[np.argsort(-total[rows], kind="stable")]
    found = pd.DataFrame(
        {
            "run": run,
            "genome": rows,
            "parent": descent.parent[rows],
            "founder": founders(descent.parent)[rows],
            "birth": descent.birth[rows],
            "last": descent.last[rows],
            "cell_generations": total[rows],
            "peak_cells": peak[rows],
            "cells": cells[rows],
            "status": np.array(STATUS)[codes[rows]],
        }
    )
    return found, counts(codes)


def abundance(frames: xr.Dataset, run: int, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per genome id: cells summed over all frames (int32), most cells in a frame, cells in the last frame."""
    total, peak, last = (np.zeros(size, np.int32) for _ in range(3))
    before = np.zeros(0, np.int32)
    for block in store.slices(frames[["gid"]], "generation"):
        for gid in block["gid"].sel(run=run).values.reshape(block.sizes["generation"], -1):
            _count(gid, before, total, peak, last)
            before = gid
    return total, peak, last


@numba.njit(cache=True)
def _count(gid, before, total, peak, cells):
    """Add one frame to the totals and peaks; cells (genome + 1,) come as the counts of the frame before."""
    for genome in before:
        cells[genome] = 0
    for genome in gid:
        if genome > 0:
            cells[genome] += 1
            total[genome] += 1
    for genome in gid:
        peak[genome] = max(peak[genome], cells[genome])


def status(cells: np.ndarray) -> np.ndarray:
    """Codes of STATUS by the cells of the last frame: none, one, more, or DOMINANT of the cells with a net."""
    bar = max(2.0, DOMINANT * float(cells.sum()))
    return np.where(cells >= bar, 3, np.minimum(cells, 2)).astype(np.uint8)


def counts(codes: np.ndarray) -> dict[str, float]:
    """How many genomes have each status; entry 0 of the codes is the empty net and not counted."""
    return {name: float((codes[1:] == code).sum()) for code, name in enumerate(STATUS)}
