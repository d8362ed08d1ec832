"""Evolutionary activity, and how much of it exceeds a neutral shadow in which nobody's genome matters.

a_i(t) counts the generations in which genome i has been present. A_cum = sum of a_i over those present, its mean
A_cum / D, and A_new = (1/D) sum of a_i in [a0, 2 a0), the adaptations just established. Bedau, Snyder & Packard 1998.
The shadow repeats every birth, death and mutation of the run with random cells and parents (Rechtsteiner & Bedau 1999).
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics import store, streams
from emergent_dynamics.findings import Headline
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.window import mean_over_runs
from emergent_dynamics.runtime.compiler import numba

NEUTRAL = 0.999  # a0 is this quantile of the shadow's final activities: neutral genomes hardly get there
DEAD = "no genome is alive in the window"
CLASSES = (
    "1 none, 2 bounded (the excess is above 0 beyond the interval over runs), 3 unbounded (its growth is too); the"
    " shadow knows neither lattice nor budget, so class 2 does not show selection"
)


def find(trajectory: Trajectory, parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The table activity, per run and generation: diversity, mean_activity, new_activity and the same of the shadow.

    excess = mean_activity - shadow_mean_activity, in generations. Frames are read once, in blocks; four bytes per
    genome are held for the run and four for its shadow, and of every frame how often each activity occurs.
    """
    frames = trajectory.frames
    runs = [_run(frames, parameters["seed"], run) for run in frames["run"].values.tolist()]
    return {"activity": pd.concat(runs, ignore_index=True)}


def _run(frames: xr.Dataset, seed: int, run: int) -> pd.DataFrame:
    counters = {"": np.zeros(1, np.int32), "shadow_": np.zeros(1, np.int32)}
    generations, seen = [], []
    for generation, gid, labels in neutral(frames, seed, run):
        generations.append(generation)
        for name, held in (("", gid), ("shadow_", labels)):
            counters[name] = _reaching(counters[name], int(gid.max()))
            seen.append(_occurrences(counters[name][_present(counters[name], held)]))
    final = counters["shadow_"]
    bar = float(np.quantile(final[final > 0], NEUTRAL)) if (final > 0).any() else np.nan
    found = pd.DataFrame({"run": run, "generation": generations})
    for name, occurrences in (("", seen[::2]), ("shadow_", seen[1::2])):
        columns = ("diversity", "mean_activity", "new_activity")
        found[[f"{name}{column}" for column in columns]] = [_measures(*one, bar) for one in occurrences]
        found[f"{name}diversity"] = found[f"{name}diversity"].astype(int)
    excess = found["mean_activity"] - found["shadow_mean_activity"]
    return found.assign(threshold=bar, excess=excess)


def _occurrences(activity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The activities that genomes have, and how many have each: what the bar, known at the end, will ask for."""
    counts = np.bincount(activity)
    kinds = np.flatnonzero(counts).astype(np.int32)
    return kinds, counts[kinds].astype(np.int32)


def _measures(activity: np.ndarray, genomes: np.ndarray, bar: float) -> tuple[int, float, float]:
    """Diversity, mean activity and new activity of one frame."""
    n = int(genomes.sum())
    if n == 0:
        return 0, np.nan, np.nan
    total = activity.astype(np.int64) * genomes
    return n, total.sum() / n, total[(activity >= bar) & (activity < 2 * bar)].sum() / n


def _reaching(counter: np.ndarray, newest: int) -> np.ndarray:
    """The counter, long enough for this id: doubled when it is not."""
    if newest < counter.size:
        return counter
    return np.concatenate(
        [counter, np.zeros(max(newest + 1, 2 * counter.size) - counter.size, counter.dtype)]
    )


def neutral(frames: xr.Dataset, seed: int, run: int) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """(generation, gid (cell,), labels (individual,)): the shadow has one individual for each cell with a net.

    As many births, deaths and mutations as between the frames, but who dies and who begets is drawn uniformly.
    """
    before = None
    newest = 0
    for generation, gid in _frames(frames, run):
        gid = gid.reshape(-1)
        if before is None:
            labels, newest = gid[gid > 0], int(gid.max())
        else:
            deaths, births, mutants, latest = _events(before, gid, newest)
            draws = streams.uniform(seed, "nca.shadow", run, generation, deaths + births)
            labels = _drift(labels, deaths, births, mutants, newest, draws)
            newest = latest
        before = gid
        yield generation, gid, labels


@numba.njit(cache=True)
def _events(before, gid, newest):
    """Between two frames: cells that lost a net, that got one, genomes above `newest`, and the newest of them."""
    deaths = births = mutants = 0
    latest = newest
    for i in range(gid.size):
        if gid[i] != before[i]:
            deaths += before[i] > 0
            births += gid[i] > 0
            latest = max(latest, gid[i])
    seen = np.zeros(latest - newest, np.bool_)
    for genome in gid:
        if genome > newest and not seen[genome - newest - 1]:
            seen[genome - newest - 1] = True
            mutants += 1
    return deaths, births, mutants, latest


@numba.njit(cache=True)
def _drift(labels, deaths, births, mutants, newest, draws):
    """Parents are drawn from all before anyone dies; the first `mutants` newborn get new labels newest + 1, ..."""
    n = labels.size
    children = np.empty(births, labels.dtype)
    for i in range(births):
        children[i] = newest + 1 + i if i < mutants else labels[int(draws[deaths + i] * n)]
    left = labels.copy()
    for i in range(deaths):  # Fisher and Yates: the dead move behind the living
        at = int(draws[i] * (n - i))
        left[at] = left[n - i - 1]
    return np.concatenate((left[: n - deaths], children))


@numba.njit(cache=True)
def _present(counter, held):
    """Add one generation to every genome held; returns those ids, each once, in the order of appearance."""
    seen = np.empty(held.size, np.int32)
    n = 0
    for genome in held:
        if genome > 0 and counter[genome] >= 0:
            counter[genome] = -counter[genome] - 1  # negative: counted in this generation
            seen[n] = genome
            n += 1
    for i in range(n):
        counter[seen[i]] = -counter[seen[i]]
    return seen[:n]


def _frames(frames: xr.Dataset, run: int) -> Iterator[tuple[int, np.ndarray]]:
    for block in store.slices(frames[["gid"]], "generation"):
        yield from zip(block["generation"].values.tolist(), block["gid"].sel(run=run).values, strict=True)


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Over the second half: excess activity, its trend per generation, and the class of Bedau et al. by these two.

    table : activity.
    """
    late = table[table["generation"] >= parameters["generations"] / 2]
    runs = late.groupby("run")
    excess = mean_over_runs(
        runs["excess"].mean(),
        "generations",
        "Mean activity of the genomes present beyond that of a well-mixed neutral shadow, second half of the run",
        undefined=DEAD,
    )
    trend = mean_over_runs(
        [_slope(rows) for _, rows in runs],
        "generations per generation",
        "Growth of this excess in the second half of the run",
        undefined="fewer than three generations with a genome",
    )
    new = mean_over_runs(
        runs["new_activity"].mean(),
        "generations",
        "New activity per genome, just beyond what neutral genomes reach, in the second half of the run",
        (0, math.inf),
        DEAD,
    )
    return {
        "excess_activity": excess,
        "excess_trend": trend,
        "new_activity": new,
        "activity_class": Headline(
            activity_class(excess, trend),
            None,
            excess.n,
            "1",
            "Class of evolutionary activity beside the well-mixed shadow",
            note=CLASSES if excess.ci and trend.ci else "no class without intervals over runs",
        ),
    }


def activity_class(excess: Headline, trend: Headline) -> float:
    """1: no more activity than the shadow's; 2: more, but not growing; 3: more and growing. NaN without intervals.

    "More" and "growing" mean that the 95 % interval over runs lies above 0.
    """
    if excess.ci is None or trend.ci is None:
        return math.nan
    if excess.ci[0] <= 0:
        return 1.0
    return 3.0 if trend.ci[0] > 0 else 2.0


def _slope(rows: pd.DataFrame) -> float:
    kept = rows.dropna(subset=["excess"])
    return float(np.polyfit(kept["generation"], kept["excess"], 1)[0]) if len(kept) > 2 else np.nan
