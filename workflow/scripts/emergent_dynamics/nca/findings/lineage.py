"""Descent and species: the phylogeny of the living, clades of founders, and the most successful genomes.

A species is exactly one genome here. Whether it is dominant, common, rare or extinct depends on the number of cells
that hold it in the last frame.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.findings import Headline
from emergent_dynamics.nca import balance, census, descent, genome_log, theory
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.census import Census
from emergent_dynamics.nca.descent import Descent, founders
from emergent_dynamics.nca.genome_log import CHECKPOINT_EVERY
from emergent_dynamics.nca.parameters import unrecorded
from emergent_dynamics.nca.window import mean_over_runs

CLADES = 12  # founders per run whose descendants are counted separately
DOMINANT = 0.01  # share of the cells with a net in the last frame
STATUS = ("extinct", "rare", "common", "dominant")
DESCENT = ("surviving_founders", "ancestry", "depth", "mrca", "sackin", "colless", "phylogenetic_diversity")


class Measure(NamedTuple):
    """The headline of a column of the table lineage."""

    unit: str
    sentence: str
    rank: int | None = None
    undefined: str = ""


DEAD = "no genome is alive in the last generation"
MEASURES = {
    "genomes": Measure("genomes", "Genomes that ever existed"),
    "surviving_founders": Measure("clades", "Founders with living descendants at the end", rank=4),
    "ancestry": Measure("genomes", "Genomes alive at the end, and all their ancestors"),
    "depth": Measure(
        "births", "Mutated births between a genome alive at the end and its founder", undefined=DEAD
    ),
    "mrca": Measure(
        "generation",
        "Birth of the most recent common ancestor of all that are alive at the end",
        undefined="not exactly one founder has living descendants",
    ),
    "sackin": Measure(
        "branchings", "Branchings between living genomes and their founders, in all", undefined=DEAD
    ),
    "colless": Measure(
        "genomes",
        "Imbalance of the phylogeny after Colless: differences of living genomes below a branching",
        undefined=DEAD,
    ),
    "phylogenetic_diversity": Measure(
        "generations", "Length of all lineages that lead to genomes alive at the end", undefined=DEAD
    ),
    "extinct": Measure("genomes", "Genomes that no cell holds at the end"),
    "rare": Measure("genomes", "Genomes that one cell holds at the end"),
    "common": Measure("genomes", "Genomes that several cells hold at the end, but less than 1 % of the nets"),
    "dominant": Measure("genomes", "Genomes that at least 1 % of the nets hold at the end"),
}


def find(trajectory: Trajectory) -> dict[str, pd.DataFrame]:
    """Return the tables lineage, phylogeny, clades and species.

    Memory: 36 bytes for every genome ever born in a run, one run at a time.

    lineage : one row per run with the statistics of descent, the shape of the phylogeny, how many genomes have each
    status, and `oldest`, the longest time that a cell had been alive at generations 0, 100, 200, ... (NaN for a store
    without states). phylogeny : alife standard, with `genome` and `run`; ids are unique in the file. clades : cells
    of the largest clades of founders. species : the most successful genomes.
    """
    frames, log, states = trajectory
    rows, trees, clades, kinds = [], [], [], []
    before = 0  # number of genomes of earlier runs
    ages = oldest(states, frames.sizes["run"], frames.sizes["y"] * frames.sizes["x"])
    known = genome_log.pieces(log)
    for run in frames["run"].values.tolist():
        family, counted = descent.read(frames, log, run, known)
        tree = descent.prune(family)
        leading, counts = species(counted, family)
        found = descent.statistics(family, tree) | balance.shape(tree) | counts | {"oldest": ages[run]}
        rows.append({"run": run} | found)
        trees.append(descent.alife(tree, before).assign(run=run))
        before += family.parent.size - 1
        clades.append(census.clade_cells(counted, int((family.parent == 0).sum()), CLADES))
        kinds.append(leading)
    parts = {"phylogeny": trees, "clades": clades, "species": kinds}
    joined = {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()}
    return {"lineage": pd.DataFrame(rows)} | joined


def newick(phylogeny: pd.DataFrame, generations: int, runs: int) -> str:
    """Return one collapsed tree per run and line, in Newick, from the table phylogeny, whose ids are the names."""
    trees = (descent.collapse(descent.tree(phylogeny, generations, run)) for run in range(runs))
    return "".join(descent.newick(tree) + "\n" for tree in trees)


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Return headlines of means over runs; runs in which a value is undefined are left out and counted in the note.

    table : lineage. Three rows hold exactly in every world: the number of founders, no new genome without births or
    mutation, and no cell that is alive longer than its budget; they are not said of a recording, whose rule is not
    known. Where nobody recorded parents nothing is said of descent.
    """
    ingested = unrecorded(parameters)
    rows = {
        name: mean_over_runs(
            table[name], measure.unit, measure.sentence, (0, math.inf), measure.undefined, rank=measure.rank
        )
        for name, measure in MEASURES.items()
        if not (ingested and name in DESCENT)
    }
    return rows if ingested or parameters.get("recording") else rows | _identities(table, parameters)


def _identities(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Return headlines of what must hold in every run; each states the run with the largest deviation."""
    expected = theory.founders(parameters)
    counted = table["founders"].to_numpy()
    worst = counted[np.abs(counted - expected.value).argmax()]
    rows = {"founders": (worst, "cells", "Founders of the world", expected)}
    if nothing_new := theory.new_genomes(parameters):
        born = (table["genomes"] - table["founders"]).max()
        rows["new_genomes"] = (born, "genomes", "Genomes born in any run", nothing_new)
    budget = theory.oldest(parameters)
    if budget and table["oldest"].notna().any() and parameters["generations"] >= CHECKPOINT_EVERY:
        sentence = "Generations that the oldest cell had been alive, looked at in every hundredth generation"
        rows["oldest"] = (table["oldest"].max(), "generations", sentence, budget)
    return {
        name: Headline(value, None, len(table), unit, sentence, expectation, exact=True)
        for name, (value, unit, sentence, expectation) in rows.items()
    }


def oldest(states: xr.Dataset, runs: int, cells: int) -> np.ndarray:
    """Return (run,) the generations that the oldest cell had been alive, over the stored states; NaN for a store
    without states.

    states : `age`, flattened from (state, run, y, x), read in blocks. runs, cells : the sizes of a state.
    """
    longest, start = np.full(runs, np.nan), 0
    for block in store.slices(states[["age"]], "age_value"):
        age = block["age"].values
        run = np.arange(start, start + age.size) // cells % runs
        for one in np.unique(run):
            longest[one] = np.fmax(longest[one], age[run == one].max())
        start += age.size
    return longest


def species(counted: Census, family: Descent, shown: int = 200) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return a table of the `shown` genomes with most cell-generations and every dominant one, and how many of all
    genomes have each status.

    Columns: run, genome, parent, founder, birth, last, cell_generations, peak_cells, cells (in the last frame),
    status.
    """
    total, peak, cells = counted.total, counted.peak, counted.cells
    leading = largest(total, shown)
    codes = status(cells)
    rows = np.union1d(leading, np.flatnonzero(codes == STATUS.index("dominant")))
    rows = rows[(rows > 0) & (total[rows] > 0)]
    rows = rows[np.argsort(-total[rows], kind="stable")]
    table = pd.DataFrame(
        {
            "run": counted.run,
            "genome": rows,
            "parent": family.parent[rows],
            "founder": founders(family.parent)[rows],
            "birth": family.birth[rows],
            "last": family.last[rows],
            "cell_generations": total[rows],
            "peak_cells": peak[rows],
            "cells": cells[rows],
            "status": np.array(STATUS)[codes[rows]],
        }
    )
    return table, status_counts(codes)


def largest(values: np.ndarray, shown: int) -> np.ndarray:
    """Return the indices of the `shown` largest values (n,), largest first; equal values by their indices."""
    shown = min(shown, values.size)
    bar = np.partition(values, values.size - shown)[values.size - shown] if shown else 0
    high = np.flatnonzero(values >= bar)  # few values of millions, so that only these are sorted
    return high[np.argsort(-values[high], kind="stable")[:shown]]


def status(cells: np.ndarray) -> np.ndarray:
    """Return codes of STATUS by the number of cells in the last frame: none, one, several, or at least a share
    DOMINANT of the cells with a net.
    """
    bar = max(2.0, DOMINANT * float(cells.sum()))
    return np.where(cells >= bar, 3, np.minimum(cells, 2)).astype(np.uint8)


def status_counts(codes: np.ndarray) -> dict[str, float]:
    """Return how many genomes have each status; entry 0 of the codes is the empty net and not counted."""
    return {name: float((codes[1:] == code).sum()) for code, name in enumerate(STATUS)}
