"""Descent and species of all runs of an experiment, as the tables that others read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.nca import census, lineage, species
from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline

CLADES = 12  # founders whose descendants are counted by name, a run

DESCENT = ("surviving_founders", "ancestry", "depth", "mrca")
UNITS = {
    "genomes": "genomes ever",
    "surviving_founders": "clades",
    "ancestry": "genomes",
    "depth": "mutated births",
    "mrca": "generation",
} | dict.fromkeys(species.STATUS, "genomes")


@dataclass(frozen=True)
class Families:
    """lineage : one row a run. phylogeny : alife standard plus `run`. newick : one collapsed tree a run and line."""

    lineage: pd.DataFrame
    phylogeny: pd.DataFrame
    clades: pd.DataFrame
    species: pd.DataFrame
    newick: str


def find(frames: xr.Dataset, log: xr.Dataset) -> Families:
    """One run at a time; 36 bytes a genome ever born are held, and the trees of the living."""
    rows, trees, clades, kinds, texts = [], [], [], [], []
    for run in frames["run"].values.tolist():
        descent, counted = lineage.read(frames, log, run)
        tree = lineage.prune(descent)
        leading, counts = species.table(counted, descent)
        rows.append({"run": run} | lineage.statistics(descent, tree) | counts)
        trees.append(lineage.alife(tree).assign(run=run))
        clades.append(census.clade_cells(counted, int((descent.parent == 0).sum()), CLADES))
        kinds.append(leading)
        texts.append(lineage.newick(lineage.collapse(tree)))
    phylogeny, cells, leading = (pd.concat(parts, ignore_index=True) for parts in (trees, clades, kinds))
    return Families(pd.DataFrame(rows), phylogeny, cells, leading, "\n".join(texts) + "\n")


def summarise(found: Families, parameters: Mapping[str, Any], oldest: int | None) -> dict[str, Headline]:
    """Means over runs; what is undefined in a run is left out, and the note counts such runs.

    Three rows hold exactly in every world: the founders, no new genome without births or mutation, and that no cell is
    alive longer than its budget (`oldest`, over the full states). The originals' pickles tell no parents: of descent
    then nothing is known.
    """
    rows, ingested = {}, parameters.get("pickles") is not None
    for name, unit in UNITS.items():
        if ingested and name in DESCENT:
            continue
        estimate = mean_interval(found.lineage[name].to_numpy())
        without = int(found.lineage[name].isna().sum())
        note = f"undefined in {without} of {len(found.lineage)} runs" if without else None
        rows[name] = Headline(estimate.value, estimate.ci, estimate.n, unit, note=note)
    return rows if ingested else rows | _invariants(found.lineage, parameters, oldest)


def _invariants(
    lineage_table: pd.DataFrame, parameters: Mapping[str, Any], oldest: int | None
) -> dict[str, Headline]:
    runs, founders = len(lineage_table), lineage_table["founders"]
    exact = int(parameters["width"] * parameters["height"] * parameters["seed_fraction"])
    rows = {
        "founders": Headline(
            founders.mean(), None, runs, "cells", exact, "int(W H p)", bool((founders == exact).all())
        )
    }
    if 0 in (parameters["mutation"], parameters["inheritance"]):
        born = lineage_table["genomes"] - founders
        source = "no genome without inheritance and mutation"
        rows["new_genomes"] = Headline(born.mean(), None, runs, "genomes", 0, source, bool((born == 0).all()))
    if parameters["budget"] != "inf" and oldest is not None:
        budget = parameters["budget"]
        rows["oldest"] = Headline(
            oldest, None, runs, "generations", budget, "the budget, at most", oldest <= budget
        )
    return rows


def oldest(full: xr.Dataset) -> int | None:
    """The longest that any cell had been alive at generations 0, 100, 200, ...; None for a store without states."""
    blocks = store.slices(full[["age"]], "age_value")
    return max((int(block["age"].max()) for block in blocks), default=None)
