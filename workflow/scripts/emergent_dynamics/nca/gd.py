"""Genetic diversity of every generation: RWSP and GHC colour counts, exact genotype counts and Hill numbers.

RWSP shows three weights as a colour, GHC hashes 24 of them to one bit each (Jain & Nichele 2024). Both miss mutants;
`exact` counts genomes by their ids. Hill 1973: D_q = (sum p^q)^(1/(1-q)), the effective number of genomes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics import store, streams
from emergent_dynamics.nca import genomes, theory
from emergent_dynamics.nca.genomes import Living
from emergent_dynamics.nca.stationary import anchors, dense_life, early_life, headline, stationary
from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.statistics import Estimate, proportion_interval
from emergent_dynamics.store import Headline

COLUMNS = dict.fromkeys(
    ("run", "generation", "rwsp", "rwsp_colours", "ghc", "ghc_colours", "exact", "nets", "born"), np.int64
) | {"hill_1": np.float64, "hill_2": np.float64}
HASHED = 24  # GHC: bits of one colour, from the first parameters


def parameters_to_genes(channels: int) -> np.ndarray:
    """(parameter,) the gene of each parameter (fc1.weight, fc1.bias, fc2.weight, fc2.bias), -1 for a bias."""
    c = channels
    gene = np.arange(10 * c * c)
    return np.concatenate([gene[: 9 * c * c], np.full(c, -1), gene[9 * c * c :], np.full(c, -1)])


def rwsp_positions(channels: int, seed: int, chosen: Sequence[int] | None = None) -> np.ndarray:
    """(3,) distinct parameters that RWSP shows: those chosen, or drawn once a seed from all, biases included."""
    if chosen:
        return np.array(chosen)
    n = parameters_to_genes(channels).size
    return np.sort(streams.choice_without_replacement(seed, "nca.rwsp", 0, 0, n, 3))


def rwsp_colours(weights: np.ndarray, positions: Sequence[int] | np.ndarray, channels: int) -> np.ndarray:
    """(net, gene) float32 -> (net,) uint32 colours 0xRRGGBB: trunc(255 w) mod 256 of w rounded to one decimal.

    Wraps for w < 0 and |w| > 1, as the authors' cast to uint8 does; a bias is 0 for ever, so black.
    """
    return _rwsp(weights, parameters_to_genes(channels)[np.asarray(positions)])


@numba.njit(cache=True)
def _rwsp(weights, shown):
    colours = np.zeros(len(weights), np.uint32)
    for i in range(len(weights)):
        for gene in shown:
            tone = 0.0 if gene < 0 else np.trunc(255.0 * (np.rint(10.0 * weights[i, gene]) / 10.0))
            colours[i] = colours[i] << np.uint32(8) | np.uint32(np.int64(tone) & 255)
    return colours


@numba.njit(cache=True)
def ghc_colours(weights):
    """(net, gene) float32 -> (net,) uint32 colours: bit = Python's hash(10 round(w, 2)) mod 2 of the first 24 genes.

    Closed form, checked for |w| <= 10: floor(10 |w|) mod 2 of the rounded w, but 0 for w = -0.10 (hash(-1.0) is -2).
    """
    # Integers of 32 bits, and no order in the sum: the genes of a net are one vector. NumPy takes ten times as long.
    colours = np.empty(len(weights), np.uint32)
    for i in range(len(weights)):
        net, colour = weights[i], np.uint32(0)
        for gene in range(HASHED):
            hundredths = np.int32(np.rint(100.0 * net[gene]))
            tenths = np.uint32(abs(hundredths)) // np.uint32(10)
            bit = (tenths & np.uint32(1)) * np.uint32(hundredths != -10)
            colour |= bit << np.uint32(HASHED - 1 - gene)
        colours[i] = colour
    return colours


def table(frames: xr.Dataset, log: xr.Dataset, channels: int, positions: np.ndarray) -> pd.DataFrame:
    """One row a run and generation; frames and log are read in blocks.

    positions : (3,) of `rwsp_positions`.
    rwsp, ghc : the authors' counts, unique colours of all cells minus one (for the black of empty cells).
    exact : genomes held by a cell. rwsp_colours, ghc_colours : unique colours among those, nothing subtracted.
    hill_1, hill_2 : effective numbers of genomes, exp(Shannon) and 1 / Simpson; NaN when no cell has a net.
    alive : cells with alpha above 0. nets : cells with a net. born : genomes born since the frame before.
    """
    rows = (
        tuple(row[name] for name in COLUMNS)
        for run in frames["run"].values.tolist()
        for row in _rows(frames, log, channels, positions, run)
    )
    found = np.fromiter(rows, list(COLUMNS.items()))  # a hundred bytes a row instead of a thousand
    return pd.DataFrame(found).assign(alive=_alive(frames))


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


def n_unique(colours: np.ndarray, marks: np.ndarray) -> tuple[int, bool]:
    """(number of distinct colours but black, whether black is among them); marks is work space of `colour_marks`."""
    n = _n_unique(colours, marks)
    black = bool((colours == 0).any())
    return n - black, black


def colour_marks() -> np.ndarray:
    """One bit a colour, all unset: 2 MB, the second-level cache."""
    return np.zeros(2**24 // 64, np.uint64)


@numba.njit(cache=True)
def _n_unique(colours, marks):
    # np.unique sorts, ten times slower at 10,000.
    n = 0
    for colour in colours:
        word, bit = colour >> np.uint32(6), np.uint64(colour & np.uint32(63))
        n += (marks[word] >> bit & np.uint64(1)) == 0
        marks[word] |= np.uint64(1) << bit
    for colour in colours:
        marks[colour >> np.uint32(6)] = 0
    return n


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
    window = stationary(table, parameters)
    units = {
        "exact": "genomes",
        "hill_1": "genomes",
        "hill_2": "genomes",
        "ghc": "colours",
        "rwsp": "colours",
    }
    found = {
        name: headline(window, name, unit, anchors(parameters).get(name)) for name, unit in units.items()
    }
    found |= {"alive_share": headline(window, "alive_share", "1", dense_life(parameters))}
    if early := early_life(parameters):
        soon = table[table["generation"].between(150, 200)].rename(
            columns={"alive_share": "early_alive_share"}
        )
        found |= {"early_alive_share": headline(soon, "early_alive_share", "1", early)}
    return found | _extinction(table, parameters) | _published_hash(parameters)
