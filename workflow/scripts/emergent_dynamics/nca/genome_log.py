"""The genome log: a row per genome that was ever born, ordered by generation, run and id, and the states from which
`replay` starts.

Row k of a run (k = 1, 2, ...) is its genome k. The parent of a founder is 0 and all its genes are listed; a mutant
lists its changed genes with their NEW values, so that decoding adds nothing up and is exact.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from emergent_dynamics.nca.model import Birth
from emergent_dynamics.store import Variable

Rows = dict[str, list[np.ndarray]]

ROWS = 2**18  # rows of the log that are read at a time: a stored chunk
CHECKPOINT_EVERY = 100  # generations between full states, from which `replay` starts

COLUMNS = {
    "genome/run": ("genome", "uint16", "replicate of the genome", "1"),
    "genome/parent": ("genome", "int32", "genome of the parent (0: none)", "1"),
    "genome/birth": ("genome", "int32", "generation of birth", "generations"),
    "genome/cell": ("genome", "int32", "cell of birth, y * width + x", "1"),
    "genome/changes": ("genome", "uint16", "number of genes that differ from the parent's", "genes"),
    "genome/gene": ("change", "uint16", "which gene changed, all genomes in a row", "1"),
    "genome/value": ("change", "float32", "its new value", "1"),
    "checkpoint/layers": (
        "layer_value",
        "float32",
        "(run, channel, y, x) at generations 0, 100, 200, ..., flattened one after another",
        "1",
    ),
    "checkpoint/age": (
        "age_value",
        "int32",
        "(run, y, x) generations alive at generations 0, 100, 200, ..., flattened",
        "generations",
    ),
}


def log_variables() -> dict[str, Variable]:
    """Return the layout of the groups genome and checkpoint."""
    return {
        name: Variable((dim,), (0,), dtype, text, unit, "log", codec="table")
        for name, (dim, dtype, text, unit) in COLUMNS.items()
    }


def empty_log() -> Rows:
    """Return an empty list of rows for every column."""
    return {name: [] for name in COLUMNS}


def joined(log: Rows) -> dict[str, np.ndarray]:
    """Return the gathered rows as arrays of the stored types."""
    return {name: np.concatenate(parts) for name, parts in log.items() if parts}


def log_births(log: Rows, run: int, generation: int, births: Sequence[Birth]) -> None:
    """Append rows to the genome log for the births of one step of the reference model."""
    if births:
        rows = np.array([(b.genome, b.parent, b.cell, b.genes.size) for b in births]).T
        genes = np.concatenate([b.genes for b in births])
        log_rows(log, run, generation, rows, genes, np.concatenate([b.values for b in births]))


def log_rows(
    log: Rows, run: int, generation: int, rows: np.ndarray, genes: np.ndarray, values: np.ndarray
) -> None:
    """Append rows (4, birth): genome, parent, cell, changed genes; genes and values (change,) are those of all
    births, one birth after another.
    """
    n = rows.shape[1]
    columns = {
        "genome/run": np.full(n, run),
        "genome/parent": rows[1],
        "genome/birth": np.full(n, generation),
        "genome/cell": rows[2],
        "genome/changes": rows[3],
        "genome/gene": genes,
        "genome/value": values,
    }
    for name, column in columns.items():
        log[name].append(column.astype(COLUMNS[name][1]))  # a copy: kernels reuse the buffers


def log_state(log: Rows, state: dict[str, np.ndarray]) -> None:
    """Append the channels and ages of the present generation, which weights and ids do not determine."""
    log["checkpoint/layers"].append(state["layers"].reshape(-1).copy())
    log["checkpoint/age"].append(state["age"].reshape(-1).copy())


class Pieces(NamedTuple):
    """The pieces of a stored log that belong to one run and one generation; all arrays are (piece,).

    Rows `start` up to `stop` of the log are births of run `run` in generation `birth`. No piece crosses a multiple of
    `ROWS`.
    """

    run: np.ndarray
    birth: np.ndarray
    start: np.ndarray
    stop: np.ndarray

    def genomes(self, run: int) -> int:
        """Return the number of genomes that were born in a run."""
        return int((self.stop - self.start)[self.run == run].sum())


def pieces(log: xr.Dataset) -> Pieces:
    """Return the positions of the rows of all runs in a stored log, which is read once, in blocks."""
    blocks = []
    for first in range(0, log.sizes["genome"], ROWS):
        run, birth = (log[name][first : first + ROWS].values for name in ("run", "birth"))
        start = np.append(0, np.flatnonzero((np.diff(run) != 0) | (np.diff(birth) != 0)) + 1)
        blocks.append((run[start], birth[start], first + start, first + np.append(start[1:], run.size)))
    whole = [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
    return Pieces(*whole) if whole else Pieces(*[np.zeros(0, np.int64)] * 4)


def column(log: xr.Dataset, run: int, name: str, known: Pieces | None = None) -> np.ndarray:
    """Return (genome,) one column of the log of one run, in the order of ids from 1 on, reading the log in blocks.

    known : the `pieces` of this log, if already read.
    """
    known = known or pieces(log)
    mine = np.flatnonzero(known.run == run)
    starts, stops = known.start[mine], known.stop[mine]
    entries = np.empty(int((stops - starts).sum()), log[name].dtype)
    at = 0
    for first in np.unique(starts // ROWS * ROWS).tolist():
        block = log[name][first : first + ROWS].values
        here = starts // ROWS * ROWS == first
        for start, stop in zip((starts[here] - first).tolist(), (stops[here] - first).tolist(), strict=True):
            entries[at : at + stop - start] = block[start:stop]
            at += stop - start
    return entries
