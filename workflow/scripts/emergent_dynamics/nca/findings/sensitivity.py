"""Sensitivity to initial conditions: the effect of the loss of one founder, generation by generation.

A twin world starts without one founder and takes the same random words at the same addresses, so every difference is
caused by that cell. Damage spreading: Stanley et al. 1987, Phys. Rev. Lett. 59, 2326.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics import streams
from emergent_dynamics.findings import Headline
from emergent_dynamics.nca import model, resources
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.nca.phenotype import gep
from emergent_dynamics.nca.simulation import NcaSimulation, State
from emergent_dynamics.nca.window import mean_over_runs
from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.statistics import proportion_interval

DEAD = "nobody is alive"
# {column: (unit, least and greatest value, rank, sentence)}
MEASURES: dict[str, tuple[str, tuple[float, float], int | None, str]] = {
    "damage": (
        "share",
        (0, 1),
        None,
        "Share of cells whose alpha differs at the end after the loss of one founder",
    ),
    "clades": (
        "share",
        (0, 1),
        None,
        "Share of cells whose founder differs at the end after the loss of one founder",
    ),
    "gep_shift": ("1", (-1, 1), None, "Change of GEP at the end by the loss of one founder"),
    "genomes_shift": (
        "1",
        (-1, math.inf),
        None,
        "Relative change of the number of genomes at the end by the loss of one founder",
    ),
    "damage_relative": (
        "1",
        (0, math.inf),
        5,
        "Cells that differ at the end after the loss of one founder, relative to unrelated worlds",
    ),
}


def find(parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the table sensitivity of twins of run 0, as many and for as long as the experiment requests; see
    `compare_twins`.
    """
    p, asked = Parameters.from_config(parameters), parameters["sensitivity"]
    return {"sensitivity": compare_twins(p, asked["twins"], asked["generations"])}


def compare_twins(p: Parameters, twins: int, generations: int) -> pd.DataFrame:
    """Return one row per twin and generation of run 0: how it differs from the world that lost no founder.

    damage : share of cells whose alpha, in tenths, differs. clades : share whose founder differs. unrelated :
    expected damage between two independent worlds with the same counts of alpha, 1 - sum_v p_v q_v. radius : root
    mean square distance of the damaged cells from the lost founder, in cells; NaN without damage. gep_shift : GEP of
    the twin minus that of the original. genomes_shift : relative difference of the number of genomes held.
    """
    p = replace(p, runs=1, engine="cpu", archive="lineage", generations=min(p.generations, generations))
    simulation = NcaSimulation(p)
    lost = streams.choice_without_replacement(p.seed, "nca.twins", 0, 0, p.founders, min(twins, p.founders))
    together = resources.twins_together(p.width * p.height, p.channels)
    numbered = list(enumerate(lost.tolist()))
    groups = [numbered[first : first + together] for first in range(0, len(numbered), together)]
    table = pd.DataFrame([row for group in groups for row in _follow(simulation, group)])
    return table.sort_values(["generation", "twin"], ignore_index=True)


def _follow(simulation: NcaSimulation, lost: list[tuple[int, int]]) -> list[dict[str, float]]:
    """Return the rows of some twins, (number, lost founder) each, which live at once beside the world that lost no
    founder.
    """
    worlds = [simulation.initial() for _ in range(len(lost) + 1)]
    homes = [int(np.flatnonzero(worlds[0]["slot"].reshape(-1) == k + 1)[0]) for _, k in lost]
    for world, home in zip(worlds[1:], homes, strict=True):
        _lose(world, home)
    founder = [np.arange(simulation.p.founders + 1, dtype=np.int32) for _ in worlds]
    rows = []
    for generation in range(simulation.p.generations + 1):
        if generation:
            for i, world in enumerate(worlds):
                worlds[i], founder[i] = _advance(simulation, world, founder[i], generation)
        seen = [_seen(world, of) for world, of in zip(worlds, founder, strict=True)]
        for (twin, _), home, found in zip(lost, homes, seen[1:], strict=True):
            rows.append({"twin": twin, "generation": generation} | compare(seen[0], found, home))
    return rows


def _lose(world: State, home: int) -> None:
    """Empty the cell of a founder, in place."""
    y, x = divmod(home, world["slot"].shape[2])
    world["layers"][0, :, y, x], world["slot"][0, y, x] = 0, 0


def _advance(
    simulation: NcaSimulation, world: State, founder: np.ndarray, generation: int
) -> tuple[State, np.ndarray]:
    """Return the next generation, and the founder of every genome that exists then."""
    found = simulation.advance({k: v for k, v in world.items() if "/" not in k}, generation - 1, generation)
    return found, _extend(founder, found.get("genome/parent", np.empty(0, np.int32)))


@numba.njit(cache=True)
def _extend(founder, parent):
    """Append the founders of newborn genomes, whose parents may be of the same generation."""
    found = np.empty(founder.size + parent.size, founder.dtype)
    found[: founder.size] = founder
    for i in range(parent.size):
        found[founder.size + i] = found[parent[i]]
    return found


@dataclass(frozen=True)
class Seen:
    """A frame of one world: alpha in tenths and the founder of every cell (y, x), and the number of genomes held."""

    alpha: np.ndarray
    founder: np.ndarray
    genomes: int


def _seen(world: State, founder: np.ndarray) -> Seen:
    slot = world["slot"][0]  # each genome has one slot, and 0 is the empty net
    held = np.count_nonzero(np.bincount(slot.reshape(-1))[1:])
    alpha = model.stored_tenths(world["layers"][0, 0])
    return Seen(alpha, founder[world["genome"][0]][slot], int(held))


def compare(one: Seen, twin: Seen, home: int) -> dict[str, float]:
    """Return the measures of `compare_twins` for two frames; home is the index of the lost founder's cell."""
    differs = one.alpha != twin.alpha
    counts = np.stack([np.bincount(world.alpha.reshape(-1), minlength=256) for world in (one, twin)])
    share = counts / differs.size
    entropy = gep(counts)
    return {
        "damage": float(differs.mean()),
        "clades": float((one.founder != twin.founder).mean()),
        "unrelated": float(1 - (share[0] * share[1]).sum()),
        "radius": _radius(differs, home),
        "gep_shift": float(entropy[1] - entropy[0]),
        "genomes_shift": twin.genomes / one.genomes - 1 if one.genomes else np.nan,
    }


def _radius(differs: np.ndarray, home: int) -> float:
    height, width = differs.shape
    y, x = np.nonzero(differs)
    if not y.size:
        return np.nan
    down, across = np.abs(y - home // width), np.abs(x - home % width)
    squares = np.minimum(down, height - down) ** 2 + np.minimum(across, width - across) ** 2
    return float(np.sqrt(squares.mean()))


def summarise(table: pd.DataFrame) -> dict[str, Headline]:
    """Return headlines over twins at the last generation: damage, also relative to that of unrelated worlds, and
    changes of diversity.

    table : sensitivity.
    """
    last = table[table["generation"] == table["generation"].max()]
    last = last.assign(damage_relative=last["damage"] / last["unrelated"].where(last["unrelated"] > 0))
    rows = {
        f"twin_{name}": mean_over_runs(last[name], unit, sentence, limits, DEAD, rank=rank)
        for name, (unit, limits, rank, sentence) in MEASURES.items()
    }
    healed = proportion_interval(int((last["damage"] == 0).sum()), len(last))
    rows["twins_healed"] = Headline.from_estimate(
        healed, "share", "Share of twins in which no cell's alpha differs any more at the end"
    )
    return rows
