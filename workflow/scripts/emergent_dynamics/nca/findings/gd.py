"""Genetic diversity of every generation: RWSP and GHC colour counts, exact genotype counts and Hill numbers.

The colourings are in `colouring`; `exact` counts genomes by their ids.
Hill 1973: D_q = (sum p^q)^(1/(1-q)), the effective number of genomes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics import store, streams
from emergent_dynamics.nca import genomes, theory
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.colouring import (
    colour_marks,
    ghc_colours,
    n_unique,
    rwsp_colours,
    rwsp_positions,
)
from emergent_dynamics.nca.genomes import Living
from emergent_dynamics.nca.window import headline, stationary
from emergent_dynamics.statistics import Estimate, proportion_interval
from emergent_dynamics.store import Headline

COLUMNS = dict.fromkeys(
    ("run", "generation", "rwsp", "rwsp_colours", "ghc", "ghc_colours", "exact", "nets", "born"), np.int64
) | {"hill_1": np.float64, "hill_2": np.float64}


def find(trajectory: Trajectory, parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The table gd: one row per run and generation; frames and log are read in blocks.

    parameters : channels, seed and rwsp (three parameters that RWSP shows, or None).
    rwsp, ghc : the authors' counts, unique colours of all cells minus one (for the black of empty cells).
    exact : genomes held by a cell. rwsp_colours, ghc_colours : unique colours among those, nothing subtracted.
    hill_1, hill_2 : effective numbers of genomes, exp(Shannon) and 1 / Simpson; NaN when no cell has a net.
    alive : cells with alpha above 0. nets : cells with a net. born : genomes born since the frame before.
    """
    frames, log, _ = trajectory
    channels = parameters["channels"]
    positions = rwsp_positions(channels, parameters["seed"], parameters["rwsp"])
    rows = (
        tuple(row[name] for name in COLUMNS)
        for run in frames["run"].values.tolist()
        for row in _rows(frames, log, channels, positions, run)
    )
    table = np.fromiter(rows, list(COLUMNS.items()))  # a hundred bytes per row instead of a thousand
    return {"gd": pd.DataFrame(table).assign(alive=_alive(frames))}


def _rows(
    frames: xr.Dataset, log: xr.Dataset, channels: int, positions: np.ndarray, run: int
) -> Iterator[dict]:
    rwsp, ghc, marks = np.zeros(1, np.uint32), np.zeros(1, np.uint32), colour_marks()
    for living in genomes.follow(frames, log, 10 * channels**2, run):
        grown = living.genome.size - rwsp.size
        if grown:
            rwsp, ghc = (np.concatenate([c, np.zeros(grown, np.uint32)]) for c in (rwsp, ghc))
        new = living.weights[living.fresh]
        rwsp[living.fresh], ghc[living.fresh] = rwsp_colours(new, positions, channels), ghc_colours(new)
        yield {"run": run, "generation": living.generation} | count(living, rwsp, ghc, marks)


def count(living: Living, rwsp: np.ndarray, ghc: np.ndarray, marks: np.ndarray) -> dict[str, float]:
    """The counts of one frame; rwsp, ghc (row,) are the colours of the table's rows, black for the empty row 0."""
    held = np.flatnonzero(living.cells)
    cells = living.cells[held]
    nets = int(cells.sum())
    found: dict[str, float] = {}
    for name, colours in (("rwsp", rwsp[held]), ("ghc", ghc[held])):
        colourful, black = n_unique(colours, marks)
        found[name] = colourful + (black or nets < living.row.size) - 1
        found[f"{name}_colours"] = colourful + black
    found |= {"exact": held.size, "nets": nets, "born": living.births.genome.size}
    return found | {"hill_1": hill(cells, 1), "hill_2": hill(cells, 2)}


def hill(cells: np.ndarray, order: int) -> float:
    """Effective number of types that hold so many cells each, (type,) above 0; NaN without any. Hill 1973."""
    if cells.size == 0:
        return float("nan")
    types = np.bincount(cells)  # most hold one or two cells: one term for all of them
    held = np.flatnonzero(types)
    types, share = types[held], held / cells.sum()
    if order == 1:
        return float(np.exp(-(types * share * np.log(share)).sum()))
    return float((types * share**order).sum() ** (1 / (1 - order)))


def _alive(frames: xr.Dataset) -> np.ndarray:
    """(run generation,) cells with alpha above 0, in the order of the table."""
    counted = [
        (block["alpha"] > 0).sum(("y", "x")) for block in store.slices(frames[["alpha"]], "generation")
    ]
    return xr.concat(counted, "generation").transpose("run", "generation").values.reshape(-1)


def same_hash(mutation: float, seed: int, trials: int = 20_000) -> Estimate:
    """Share of mutants that keep every unscaled hash bit, as the authors' notebook counts it.

    44 parameters U(-1, 1) to two decimals, each changed by U(-1, 1) with probability `mutation`; the bit is the parity
    of the integer part, so it changes when a weight leaves (-1, 1).
    """
    before = np.rint(100 * (2 * streams.uniform(seed, "nca.same_hash", 0, 0, 44 * trials) - 1))
    delta = 2 * streams.uniform(seed, "nca.same_hash", 0, 1, 44 * trials) - 1
    hit = streams.uniform(seed, "nca.same_hash", 0, 2, 44 * trials) < mutation
    after = np.rint(before + 100 * np.where(hit, delta, 0.0))
    kept = np.abs(before) // 100 % 2 == np.abs(after) // 100 % 2
    return proportion_interval(int(kept.reshape(trials, 44).all(axis=1).sum()), trials)


def _published_hash(parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Their published share beside ours, for the mutation probabilities that they tried."""
    known = theory.SAME_HASH.get(parameters["mutation"])
    if known is None:
        return {}
    found = same_hash(parameters["mutation"], parameters["seed"])
    spread = 4 * np.sqrt(known * (1 - known) * (1 / found.n + 1 / theory.SAME_HASH_TRIALS))
    ok = bool(abs(found.value - known) < spread)
    return {
        "same_unscaled_hash": Headline(
            found.value, found.ci, found.n, "1", known, theory.SAME_HASH_SOURCE, ok
        )
    }


def _extinction(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Without inheritance nobody is born, and founders last for the budget and frame 0: then nobody is alive."""
    if parameters["inheritance"] or parameters["budget"] == "inf":
        return {}
    late = table[table["generation"] > parameters["budget"]]
    if late.empty:
        return {}
    alive, runs = int(late["alive"].max()), late["run"].nunique()
    return {"alive_later": Headline(alive, None, runs, "cells", 0, "nobody outlives the budget", alive == 0)}


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Means over the stationary window of each run, with the interval over runs, beside theory and known values."""
    cells = parameters["width"] * parameters["height"]
    table = table.assign(alive_share=table["alive"] / cells)
    known = theory.stationary_values(parameters)
    window = stationary(table, parameters)
    units = {
        "exact": "genomes",
        "hill_1": "genomes",
        "hill_2": "genomes",
        "ghc": "colours",
        "rwsp": "colours",
    }
    found = {name: headline(window, name, unit, known.get(name)) for name, unit in units.items()}
    found |= {"alive_share": headline(window, "alive_share", "1", theory.dense_life(parameters))}
    if early := theory.early_life(parameters):
        soon = table[table["generation"].between(150, 200)].rename(
            columns={"alive_share": "early_alive_share"}
        )
        found |= {"early_alive_share": headline(soon, "early_alive_share", "1", early)}
    return found | _extinction(table, parameters) | _published_hash(parameters)
