"""Which genomes dominate, which are rare, which are extinct: a table of the most successful ones.

A species is a genome here, exactly; clades of founders are in `census.clade_cells`.
"""

import numpy as np
import pandas as pd

from emergent_dynamics.nca.census import Census
from emergent_dynamics.nca.lineage import Descent, founders

DOMINANT = 0.01  # of the cells with a net in the last frame
STATUS = ("extinct", "rare", "common", "dominant")


def table(census: Census, descent: Descent, shown: int = 200) -> tuple[pd.DataFrame, dict[str, float]]:
    """The `shown` genomes with most cell-generations, and every dominant one.

    Columns: run, genome, parent, founder, birth, last, cell_generations, peak_cells, cells (in the last frame), status.
    Second: how many of all genomes have each status.
    """
    total, peak, cells = census.total, census.peak, census.cells
    leading = np.argsort(-total, kind="stable")[:shown]
    codes = status(cells)
    rows = np.union1d(leading, np.flatnonzero(codes == STATUS.index("dominant")))
    rows = rows[(rows > 0) & (total[rows] > 0)]
    rows = rows[np.argsort(-total[rows], kind="stable")]
    found = pd.DataFrame(
        {
            "run": census.run,
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


def status(cells: np.ndarray) -> np.ndarray:
    """Codes of STATUS by the cells of the last frame: none, one, more, or DOMINANT of the cells with a net."""
    bar = max(2.0, DOMINANT * float(cells.sum()))
    return np.where(cells >= bar, 3, np.minimum(cells, 2)).astype(np.uint8)


def counts(codes: np.ndarray) -> dict[str, float]:
    """How many genomes have each status; entry 0 of the codes is the empty net and not counted."""
    return {name: float((codes[1:] == code).sum()) for code, name in enumerate(STATUS)}
