"""Genetic diversity of every generation: numbers of RWSP and GHC colours, exact numbers of genomes, and Hill numbers.

The colourings are in `colouring`; `exact` counts genomes by their ids. Hill 1973: D_q = (sum p^q)^(1/(1-q)), the
effective number of genomes of order q.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics import store, streams
from emergent_dynamics.findings import Headline
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
from emergent_dynamics.nca.window import late, mean_over_runs, with_drift
from emergent_dynamics.statistics import Estimate, proportion_interval

COLUMNS = dict.fromkeys(
    ("run", "generation", "rwsp", "rwsp_colours", "ghc", "ghc_colours", "exact", "nets", "born"), np.int64
) | {"hill_1": np.float64, "hill_2": np.float64}

UNDEFINED = "no cell has a net in any generation of the window"
# {column: (unit, smallest possible value, rank, sentence)}
MEASURES: dict[str, tuple[str, float, int | None, str]] = {
    "exact": ("genomes", 0, 1, "Different genomes held at the same time, in the second half of the run"),
    "hill_1": ("genomes", 1, None, "Effective number of genomes of order 1, in the second half of the run"),
    "hill_2": ("genomes", 1, None, "Effective number of genomes of order 2, in the second half of the run"),
    "ghc": ("colours", 0, None, "Colours of the genetic hash (GHC) in the second half of the run"),
    "rwsp": ("colours", 0, None, "Colours of three weights (RWSP) in the second half of the run"),
}


def find(trajectory: Trajectory, parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the table gd, one row per run and generation; frames and log are read in blocks.

    parameters : channels, seed and rwsp (three parameters that RWSP shows, or None).

    rwsp, ghc : the authors' counts, unique colours of all cells minus one (for the black of empty cells). exact :
    genomes held by a cell. rwsp_colours, ghc_colours : unique colours among those genomes, without subtraction.
    hill_1, hill_2 : effective numbers of genomes, exp(Shannon) and 1 / Simpson; NaN when no cell has a net. alive :
    cells with alpha above 0. nets : cells with a net. born : genomes born since the frame before.
    """
    frames, log, _ = trajectory
    channels = parameters["channels"]
    positions = rwsp_positions(channels, parameters["seed"], parameters["rwsp"])
    rows = (tuple(row[name] for name in COLUMNS) for row in _rows(frames, log, channels, positions))
    table = np.fromiter(rows, list(COLUMNS.items()))  # takes a hundred bytes per row instead of a thousand
    table.sort(order=["run", "generation"])
    return {"gd": pd.DataFrame(table).assign(alive=_alive(frames))}


def _rows(frames: xr.Dataset, log: xr.Dataset, channels: int, positions: np.ndarray) -> Iterator[dict]:
    marks = colour_marks()
    colours: dict[int, list[np.ndarray]] = {}  # {run: [RWSP, GHC]}, each (row of the table,)
    for living in genomes.follow_all(frames, log, 10 * channels**2):
        held = colours.get(living.run, [np.zeros(1, np.uint32)] * 2)
        grown = np.zeros(living.genome.size - held[0].size, np.uint32)
        rwsp, ghc = colours[living.run] = [np.concatenate([c, grown]) for c in held] if grown.size else held
        new = living.weights[living.fresh]
        rwsp[living.fresh], ghc[living.fresh] = rwsp_colours(new, positions, channels), ghc_colours(new)
        yield {"run": living.run, "generation": living.generation} | count(living, rwsp, ghc, marks)


def count(living: Living, rwsp: np.ndarray, ghc: np.ndarray, marks: np.ndarray) -> dict[str, float]:
    """Return the counts of one frame; rwsp, ghc (row,) are the colours of the rows of the table, black for the empty
    row 0.
    """
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
    """Return the Hill number of an order, the effective number of types (Hill 1973); NaN without any.

    cells : (type,) number of cells of each type, above 0.
    """
    if cells.size == 0:
        return float("nan")
    types = np.bincount(cells)  # most types have one or two cells, so each number of cells is one term
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
    """Return the share of mutants that keep every unscaled bit of the hash, as the authors' notebook counts it.

    A net has 44 parameters U(-1, 1), rounded to two decimals; each is changed by U(-1, 1) with probability
    `mutation`. The bit is the parity of the integer part, so it changes when a weight leaves (-1, 1).
    """
    before = np.rint(100 * (2 * streams.uniform(seed, "nca.same_hash", 0, 0, 44 * trials) - 1))
    delta = 2 * streams.uniform(seed, "nca.same_hash", 0, 1, 44 * trials) - 1
    hit = streams.uniform(seed, "nca.same_hash", 0, 2, 44 * trials) < mutation
    after = np.rint(before + 100 * np.where(hit, delta, 0.0))
    kept = np.abs(before) // 100 % 2 == np.abs(after) // 100 % 2
    return proportion_interval(int(kept.reshape(trials, 44).all(axis=1).sum()), trials)


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Return headlines of means over the second half of each run, with the interval over runs, and theoretical or
    known values.

    table : gd.
    """
    table = table.assign(alive_share=table["alive"] / (parameters["width"] * parameters["height"]))
    known = theory.stationary_values(parameters)
    window = late(table, parameters)
    per_run = window.groupby("run")[[*MEASURES, "alive_share"]].mean()
    rows = {
        name: mean_over_runs(
            per_run[name],
            unit,
            sentence,
            (least, math.inf),
            UNDEFINED,
            rank=rank,
            expectation=known.get(name),
        )
        for name, (unit, least, rank, sentence) in MEASURES.items()
    }
    rows["alive_share"] = mean_over_runs(
        per_run["alive_share"],
        "share",
        "Share of cells that are alive, in the second half of the run",
        (0, 1),
        expectation=theory.alive_share(parameters),
        rank=2,
    )
    return (
        with_drift(rows, window)
        | _early(table, parameters)
        | _extinction(table, parameters)
        | _published_hash(parameters)
    )


def _early(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Return the headline of the share alive in generations 150 to 200, for worlds where it is known."""
    expected = theory.early_alive_share(parameters)
    if expected is None:
        return {}
    per_run = table[table["generation"].between(150, 200)].groupby("run")["alive_share"].mean()
    sentence = "Share of cells that are alive in generations 150 to 200"
    return {"early_alive_share": mean_over_runs(per_run, "share", sentence, (0, 1), expectation=expected)}


def _extinction(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Return the headline of the most cells alive after the founders have used up their budget, in a world without
    births.
    """
    expected = theory.alive_later(parameters)
    late = table[table["generation"] > parameters["budget"]] if expected else table[:0]
    if late.empty:
        return {}
    sentence = "Most cells alive in any generation after the founders' budget, without inheritance"
    return {
        "alive_later": Headline(
            late["alive"].max(), None, late["run"].nunique(), "cells", sentence, expected, exact=True
        )
    }


def _published_hash(parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Return the headline of the share of mutants that keep their hash, for the mutation probabilities with a
    published value.
    """
    expected = theory.same_hash(parameters)
    if expected is None:
        return {}
    estimate = same_hash(parameters["mutation"], parameters["seed"])
    sentence = "Share of mutants of random nets that keep every unscaled bit of the published hash"
    return {"same_unscaled_hash": Headline.from_estimate(estimate, "share", sentence, expectation=expected)}
