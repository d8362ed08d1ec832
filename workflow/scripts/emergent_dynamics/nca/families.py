"""Descent and species of all runs of an experiment, as the tables that others read."""

from dataclasses import dataclass

import pandas as pd
import xarray as xr

from emergent_dynamics.nca import lineage, species
from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline

CLADES = 12  # founders whose descendants are counted by name, a run

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
        descent = lineage.read(frames, log, run)
        tree = lineage.prune(descent)
        leading, counts = species.table(frames, descent, run)
        rows.append({"run": run} | lineage.statistics(descent, tree) | counts)
        trees.append(lineage.alife(tree).assign(run=run))
        clades.append(lineage.clade_cells(frames, descent, run, CLADES))
        kinds.append(leading)
        texts.append(lineage.newick(lineage.collapse(tree)))
    phylogeny, cells, leading = (pd.concat(parts, ignore_index=True) for parts in (trees, clades, kinds))
    return Families(pd.DataFrame(rows), phylogeny, cells, leading, "\n".join(texts) + "\n")


def summarise(found: Families) -> dict[str, Headline]:
    """Means over runs; what is undefined in a run is left out, and the note counts such runs."""
    rows = {}
    for name, unit in UNITS.items():
        estimate = mean_interval(found.lineage[name].to_numpy())
        without = int(found.lineage[name].isna().sum())
        note = f"undefined in {without} of {len(found.lineage)} runs" if without else None
        rows[name] = Headline(estimate.value, estimate.ci, estimate.n, unit, note=note)
    return rows
