"""Life by region: how a landscape with regions affects births, energy, genomes and clades of its strips of columns.

Only for experiments whose landscape has strips (`landscape`). Cells of neighbouring regions inherit from one another,
so a region is not a world of its own.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics import store
from emergent_dynamics.findings import Headline
from emergent_dynamics.nca import descent, genome_log, landscape, theory
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.parameters import UNBOUNDED, Parameters
from emergent_dynamics.nca.window import late, mean_over_runs

UNDEFINED = "nobody is alive in one of the regions, or not every generation is stored"
# unit, name, and the number of cells to which a column of the table refers (0: as it is)
MEASURES = {
    "living": ("share", "Share of cells that are alive", 1),
    "births": ("births", "Births per cell and generation", 1),
    "energy": ("1", "Mean alpha of living cells", 0),
    "genomes": ("genomes", "Genomes per 1,000 cells", 1000),
    "clades": ("clades", "Founders with descendants", 0),
}


def find(trajectory: Trajectory, parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the table regions, a row per run, generation and region; frames are read once, in blocks.

    cells : of the region. living, nets : cells with alpha above 0, and with a net. births, deaths : cells that got
    and that lost a net since the generation before; NaN in the first, and where frames are further apart. energy :
    mean alpha of the living cells, NaN without any. genomes, clades : genomes that some cell of the region holds, and
    their founders.
    """
    p = Parameters.from_config(parameters)
    strip = landscape.strip_of(p.width, landscape.strips(p))
    runs = trajectory.frames["run"].values.tolist()
    rows = (row for run in runs for row in _rows(trajectory, run, strip))
    table = pd.DataFrame(rows)
    whole = ["run", "generation", "region", "cells", "living", "nets", "genomes", "clades"]
    return {"regions": table.astype(dict.fromkeys(whole, np.int64))}


def _rows(trajectory: Trajectory, run: int, strip: np.ndarray) -> Iterator[dict[str, float]]:
    parent = np.append(np.int32(-1), genome_log.column(trajectory.log, run, "parent")).astype(np.int32)
    founder = descent.founders(parent)
    before: tuple[int, np.ndarray] | None = None
    for block in store.slices(trajectory.frames[["gid", "alpha"]], "generation"):
        gids, alphas = (block[name].sel(run=run).values for name in ("gid", "alpha"))
        for generation, gid, alpha in zip(block["generation"].values.tolist(), gids, alphas, strict=True):
            last = before[1] if before and before[0] == generation - 1 else None
            columns = count(gid, alpha, last, strip, founder)
            before = generation, gid
            for region, values in enumerate(zip(*columns.values(), strict=True)):
                found = dict(zip(columns, values, strict=True))
                yield {"run": run, "generation": generation, "region": region} | found


def count(
    gid: np.ndarray, alpha: np.ndarray, before: np.ndarray | None, strip: np.ndarray, founder: np.ndarray
) -> dict[str, np.ndarray]:
    """Return (region,) columns of the table for one frame.

    gid, alpha (in tenths), before (gid of the generation before, if known) : (y, x). strip : (x,) the region of each
    column. founder : (genome + 1,) of `descent.founders`.
    """

    def by_region(cells: np.ndarray) -> np.ndarray:
        return np.bincount(strip, weights=cells.sum(axis=0))

    kinds = founder.size
    held = np.unique((strip * kinds + gid.astype(np.int64))[gid > 0])
    kin = np.unique(held // kinds * kinds + founder[held % kinds])
    n = int(strip.max()) + 1
    living = by_region(alpha > 0)
    unknown = np.full(n, np.nan)
    with np.errstate(invalid="ignore"):
        energy = by_region(alpha) / 10 / living
    return {
        "cells": by_region(np.ones_like(gid)),
        "living": living,
        "nets": by_region(gid > 0),
        "births": unknown if before is None else by_region((before == 0) & (gid > 0)),
        "deaths": unknown if before is None else by_region((before > 0) & (gid == 0)),
        "energy": energy,
        "genomes": np.bincount(held // kinds, minlength=n),
        "clades": np.bincount(kin // kinds, minlength=n),
    }


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Return headlines of the share alive in the first and the last region, with its bound, and of the differences
    between the last and the first region.

    table : regions.
    """
    means = late_means(table, parameters)
    first, last = 0, int(table["region"].max())
    budgets = _budgets(parameters)
    rows = {}
    for name, region in (("first", first), ("last", last)):
        rows[f"region_alive_{name}"] = mean_over_runs(
            means["living"][region],
            "share",
            f"Share of cells that are alive in the {name} region, in the second half of the run",
            (0, 1),
            expectation=theory.region_alive(parameters, budgets[region]),
        )
    for name, (unit, what, _) in MEASURES.items():
        rows[f"region_{name}_contrast"] = mean_over_runs(
            means[name][last] - means[name][first],
            unit,
            f"{what}: last region minus first, in the second half of the run",
            (-1, 1) if unit == "share" else (-math.inf, math.inf),
            UNDEFINED,
        )
    return rows


def late_means(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return (run, region) means of each measure over the second half of the run, in the units of `MEASURES`."""
    window = late(table, parameters)
    scaled = {
        name: window[name] * per / window["cells"] if per else window[name]
        for name, (_, _, per) in MEASURES.items()
    }
    shown = window[["run", "region"]].assign(**scaled)
    means = shown.groupby(["run", "region"], as_index=False).mean()
    return {name: means.pivot_table(name, "run", "region", dropna=False) for name in MEASURES}


def _budgets(parameters: Mapping[str, Any]) -> list[float]:
    """Return the budget of each region at the end; infinite where there is none."""
    p = Parameters.from_config(parameters)
    end = landscape.ground(p, p.generations).budget
    strip = landscape.strip_of(p.width, landscape.strips(p))
    return [_finite(end[strip == region].max()) for region in range(int(strip.max()) + 1)]


def _finite(budget: float) -> float:
    return math.inf if budget == UNBOUNDED else float(budget)
