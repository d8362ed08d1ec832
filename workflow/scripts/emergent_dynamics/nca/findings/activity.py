"""Evolutionary activity, and tests that distinguish selection from drift: a run compared with its neutral shadow.

a_i(t) is the number of generations in which genome i has been present. A_cum is the sum of a_i over the genomes
present, and its mean is A_cum / D, where D is their number. A_new = (1/D) sum of a_i in [a0, 2 a0) measures
adaptations that have just become established (Bedau, Snyder & Packard 1998). Where nets do not matter, the lattice
shadow has the law of the run. Four differences then have mean 0: those of activity, of the number of genomes, of the
effective number of clades, and of how unequally clades survive.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.nca import descent, genome_log, shadow
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.parameters import unrecorded
from emergent_dynamics.nca.shadow import Shadowed
from emergent_dynamics.nca.window import mean_over_runs
from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.statistics import student_p

NEUTRAL = 0.999  # a0 is this quantile of the shadow's final activities, which neutral genomes rarely reach
FALSE_ALARMS = 0.01  # share of strictly neutral experiments in which any of the four tests finds selection
DEAD = "no genome is alive in the window"
ALONE = "fewer than two clades are left"
GAPS = "the shadow needs every generation (archive checkpoint stores every hundredth)"
MIXED = "the well-mixed shadow knows neither lattice nor budget, and follows no clades"
CLASSES = (
    "1 none, 2 bounded (the excess is above 0 beyond the interval over runs), 3 unbounded (its growth is too)"
)
# differences from the shadow with mean 0 in a neutral world: unit, why they may be undefined, sentence
SIGNS = {
    "excess_activity": (
        "generations",
        "Mean activity of the genomes present beyond that of the neutral shadow, second half of the run",
    ),
    "excess_genomes": (
        "1",
        "Genomes present relative to the neutral shadow, minus 1, second half of the run",
    ),
    "excess_clades": (
        "nat",
        "Logarithm of the effective number of clades relative to the neutral shadow, second half of the run",
    ),
    "unequal_survival": (
        "nat",
        "Logarithm of how much more unequally the clades survive than in the neutral shadow, second half of the run",
    ),
}


class Survival(NamedTuple):
    """For each clade (clade,): the number of cells that could lose their net from one generation to the next, and of
    those that did.
    """

    exposed: np.ndarray
    died: np.ndarray


def find(trajectory: Trajectory, parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the table activity, per run and generation: measures of the run and, named shadow_*, of its neutral
    shadow.

    parameters : seed, generations, shadow, inheritance, update, pickles, recording.

    diversity : number of genomes present. mean_activity, new_activity : generations. clades : effective number of
    founders' clades, 1 / sum of squared shares of nets. dispersion : of deaths among clades in the second half of the
    run, one value per run; see `dispersion`. excess = mean_activity - shadow_mean_activity, in generations.

    Frames are read once, in blocks. Memory: four bytes per genome for the run, its shadow and the founders, and for
    every frame the number of times that each activity occurs. Without recorded parents every genome counts as a
    clade.
    """
    known = genome_log.pieces(trajectory.log)
    runs = [_run(trajectory, parameters, run, known) for run in trajectory.frames["run"].values.tolist()]
    return {"activity": pd.concat(runs, ignore_index=True)}


def _run(
    trajectory: Trajectory, parameters: Mapping[str, Any], run: int, known: genome_log.Pieces
) -> pd.DataFrame:
    founder = None if unrecorded(parameters) else _founders(trajectory.log, run, known)
    counters = {"": np.zeros(1, np.int32), "shadow_": np.zeros(1, np.int32)}
    survived = {name: Survival(np.zeros(1, np.int64), np.zeros(1, np.int64)) for name in counters}
    seen: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {name: [] for name in counters}
    generations, clades = [], []
    before: tuple[np.ndarray, tuple[np.ndarray, np.ndarray]] | None = None
    for frame in shadow.SHADOWS[parameters["shadow"]](trajectory.frames, parameters, run):
        generations.append(frame.generation)
        for name, held in (("", frame.gid), ("shadow_", frame.labels)):
            counters[name] = _reaching(counters[name], int(held.max(initial=0)))
            seen[name].append(_occurrences(counters[name][_present(counters[name], held)]))
        kin = _kin(frame, founder)
        clades.append([effective(cells) for cells in kin])
        if before is not None and 2 * frame.generation > parameters["generations"]:
            gid, of = before
            for name, cells in zip(survived, of, strict=True):
                survived[name] = _survive(survived[name], cells, gid, frame.gid)
        before = frame.gid, kin
    final = counters["shadow_"]
    bar = float(np.quantile(final[final > 0], NEUTRAL)) if (final > 0).any() else np.nan
    found = pd.DataFrame({"run": run, "generation": generations})
    for i, name in enumerate(counters):
        columns = ("diversity", "mean_activity", "new_activity")
        measures = [_measures(activity, genomes, bar) for activity, genomes in seen[name]]
        found[[f"{name}{column}" for column in columns]] = measures
        found[f"{name}diversity"] = found[f"{name}diversity"].astype(int)
        found[f"{name}clades"] = [pair[i] for pair in clades]
        found[f"{name}dispersion"] = dispersion(survived[name])
    excess = found["mean_activity"] - found["shadow_mean_activity"]
    return found.assign(threshold=bar, excess=excess)


def _founders(log: xr.Dataset, run: int, known: genome_log.Pieces) -> np.ndarray:
    return descent.founders(np.append(np.int32(-1), genome_log.column(log, run, "parent", known)))


def _kin(frame: Shadowed, founder: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return (cell,) the clades of the run and of its shadow; if parents are unknown, these are the genomes."""
    if frame.clades is None:
        return frame.gid[:0], frame.gid[:0]
    return (frame.gid, frame.labels) if founder is None else (founder[frame.gid], frame.clades)


def effective(clades: np.ndarray) -> float:
    """Return the effective number of clades, 1 / sum of squared shares, of ids (cell,), 0 for a cell without a net;
    NaN without any.
    """
    cells = np.bincount(clades)[1:].astype(float)
    return float(cells.sum() ** 2 / (cells**2).sum()) if cells.any() else math.nan


def _survive(sums: Survival, clades: np.ndarray, before: np.ndarray, now: np.ndarray) -> Survival:
    """Add one generation to the counts; `clades` are those of the cells in the frame before."""
    if not clades.size:
        return sums
    added = max(0, int(clades.max()) + 1 - sums.exposed.size)
    longer = Survival(*(np.append(counts, np.zeros(added, np.int64)) for counts in sums))
    _add_deaths(longer.exposed, longer.died, clades, before, now)
    return longer


@numba.njit(cache=True)
def _add_deaths(exposed, died, clades, before, now):
    """Add, per clade, the cells that had a net to `exposed`, and those of them that now have none to `died`."""
    for i in range(clades.size):  # no branch, since the processor cannot predict it
        exposed[clades[i]] += before[i] > 0
        died[clades[i]] += (before[i] > 0) & (now[i] == 0)


def dispersion(sums: Survival) -> float:
    """Return sum_c (d_c - p e_c)^2 / (p (1 - p) sum_c e_c) with p = sum d / sum e.

    The expected value is 1 where all cells lose their net independently with equal probability. e_c, d_c : the number
    of cells of clade c that could lose their net, and that did. NaN with fewer than two clades, and where none or all
    did.
    """
    exposed, died = sums
    share = died.sum() / exposed.sum() if exposed.any() else 0.0
    if np.count_nonzero(exposed) < 2 or not 0 < share < 1:
        return math.nan
    return float(((died - share * exposed) ** 2).sum() / (share * (1 - share) * exposed.sum()))


def _occurrences(activity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the activities that genomes have, and how many genomes have each, because the threshold a0 is known only
    at the end of the run.
    """
    counts = np.bincount(activity)
    kinds = np.flatnonzero(counts).astype(np.int32)
    return kinds, counts[kinds].astype(np.int32)


def _measures(activity: np.ndarray, genomes: np.ndarray, bar: float) -> tuple[int, float, float]:
    """Return diversity, mean activity and new activity of one frame."""
    n = int(genomes.sum())
    if n == 0:
        return 0, np.nan, np.nan
    total = activity.astype(np.int64) * genomes
    return n, total.sum() / n, total[(activity >= bar) & (activity < 2 * bar)].sum() / n


def _reaching(counter: np.ndarray, newest: int) -> np.ndarray:
    """Return the counter, long enough for the id `newest`; its length at least doubles when it is too short."""
    if newest < counter.size:
        return counter
    return np.concatenate(
        [counter, np.zeros(max(newest + 1, 2 * counter.size) - counter.size, counter.dtype)]
    )


@numba.njit(cache=True)
def _present(counter, held):
    """Add one generation to the activity of every genome held; return their ids, each once, in the order of
    appearance.
    """
    seen = np.empty(held.size + 1, np.int32)
    n = 0
    for genome in held:  # no branch, since the processor cannot predict it
        activity = counter[genome]
        first = (genome > 0) & (activity >= 0)
        counter[genome] = -activity - 1 if first else activity  # negative: already counted in this generation
        seen[n] = genome
        n += first
    for i in range(n):
        counter[seen[i]] = -counter[seen[i]]
    return seen[:n]


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Return headlines of the second half of a run beside its neutral shadow.

    They are the four differences from the shadow, whether any of them shows selection, the trend, and Bedau's class.

    table : activity.
    """
    late = table[table["generation"] >= parameters["generations"] / 2]
    runs = late.groupby("run")
    lattice = parameters["shadow"] == "lattice"
    gone = DEAD if not lattice or (late["shadow_diversity"] > 0).any() else f"{DEAD}, or {GAPS}"
    undefined = dict.fromkeys(SIGNS, gone) | {"unequal_survival": f"{gone}, or {ALONE}"}
    if not lattice:
        undefined |= {"excess_clades": MIXED, "unequal_survival": MIXED}
    signs = {
        name: mean_over_runs(values, *SIGNS[name], undefined=undefined[name])
        for name, values in differences(late).items()
    }
    trend = mean_over_runs(
        [_slope(rows) for _, rows in runs],
        "generations per generation",
        "Growth per generation of the excess of mean activity over the neutral shadow, second half of the run",
        undefined="fewer than three generations with a genome and a shadow",
    )
    new = mean_over_runs(
        runs["new_activity"].mean(),
        "generations",
        "New activity per genome, just beyond what neutral genomes reach, in the second half of the run",
        (0, math.inf),
        DEAD,
    )
    excess = signs["excess_activity"]
    return signs | {
        "selection": _selection(differences(late), lattice),
        "excess_trend": trend,
        "new_activity": new,
        "activity_class": Headline(
            activity_class(excess, trend),
            None,
            excess.n,
            "1",
            "Class of evolutionary activity beside the neutral shadow",
            note=CLASSES if excess.ci and trend.ci else "no class without intervals over runs",
        ),
    }


def differences(late: pd.DataFrame) -> dict[str, pd.Series]:
    """Return (run,) for each name of `SIGNS` the mean over the window `late` of a quantity whose mean is 0 in a
    strictly neutral world.
    """
    living = late[(late["diversity"] > 0) & (late["shadow_diversity"] > 0)]
    found = living.assign(
        excess_activity=living["excess"],
        excess_genomes=np.log(living["diversity"] / living["shadow_diversity"]),
        excess_clades=np.log(living["clades"] / living["shadow_clades"]),
        unequal_survival=np.log(
            living["dispersion"].where(living["dispersion"] > 0) / living["shadow_dispersion"]
        ),
    )
    return {name: found.groupby("run")[name].mean() for name in SIGNS}


def p_values(values: Mapping[str, pd.Series]) -> dict[str, float]:
    """Return Student's two-sided p of each difference over runs; only of those with at least two defined and
    different values.
    """
    found = {}
    for name, of_runs in values.items():
        defined = of_runs.dropna()
        if len(defined) > 1 and defined.min() < defined.max():
            found[name] = student_p(defined.to_numpy())
    return found


def _selection(values: Mapping[str, pd.Series], lattice: bool) -> Headline:
    """Return the headline that is 1 if the smallest p of the differences is below FALSE_ALARMS divided by their number
    (Bonferroni), and else 0.
    """
    sentence = "Whether the runs differ from their neutral shadows beyond chance (1) or not (0), second half of the run"
    p = p_values(values)
    n = max((int(one.notna().sum()) for one in values.values()), default=0)
    if not lattice or not p:
        return Headline(
            math.nan, None, n, "1", sentence, note=MIXED if not lattice else "no verdict without several runs"
        )
    name = min(p, key=lambda one: p[one])
    bar = FALSE_ALARMS / len(p)
    told = f"smallest p of {len(p)} differences {p[name]:.2g}, of {name.replace('_', ' ')}; 1 below {bar:g}"
    return Headline(float(p[name] < bar), None, n, "1", sentence, note=told)


def activity_class(excess: Headline, trend: Headline) -> float:
    """Return Bedau's class; NaN without intervals.

    1: no more activity than the shadow. 2: more, but not growing. 3: more and growing. "More" and "growing" mean that
    the 95 % interval over runs lies above 0.
    """
    if excess.ci is None or trend.ci is None:
        return math.nan
    if excess.ci[0] <= 0:
        return 1.0
    return 3.0 if trend.ci[0] > 0 else 2.0


def _slope(rows: pd.DataFrame) -> float:
    kept = rows.dropna(subset=["excess"])
    return float(np.polyfit(kept["generation"], kept["excess"], 1)[0]) if len(kept) > 2 else np.nan
