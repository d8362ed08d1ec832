"""Findings on the driven recurrent graph: its dynamic range, and its susceptibility and branching ratio from a long
record under weak drive.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.branching import dynamic_range, regression
from emergent_dynamics.branching.parameters import Graph
from emergent_dynamics.branching.resampling import FEWEST_RUNS, place_of_largest
from emergent_dynamics.branching.tables import bounds, highest, measured
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import mean_interval

FEWEST_EVENTS = 1000  # spikes from outside in the part of the records that is kept; with fewer MR is biased
ALONE = "one run has no interval: raise `runs`"
SEED = 1  # of the bootstrap over runs
LAGS = 100  # lags of the multistep regression: ten time constants at sigma = 0.9, four at 1


def find(activity: np.ndarray, record: np.ndarray, graph: Graph) -> dict[str, pd.DataFrame]:
    """Return the table `graph`, one row per sigma: the dynamic range of the mean activity over `drive`, and branching
    ratios from the record.

    activity : (sigma, drive, run, step). record : (sigma, run, step). The first tenth of the steps is left out as a
    transient.

    The dynamic range is computed for every run and averaged over the `runs` in which it is defined. Columns `largest`,
    `susceptibility_agree` : number of runs in which no other sigma has a larger dynamic range or susceptibility.
    `events` : expected number of spikes from outside in the part of the record that is kept. `silent` : mean activity
    at the weakest drive, as a share of the nodes, an upper bound of the self-sustained activity. `susceptibility` :
    Var(A) / nodes of the record, in nodes, mean over the runs. `<name>_place`, `<name>_place_lo`, `<name>_place_hi`
    (the same in every row): the sigma at which the mean over the runs is largest.
    """
    rows = []
    kept = activity[..., activity.shape[-1] // 10 :]
    order = np.argsort(graph.drive)
    drives = np.array(graph.drive)[order]
    mean = kept[:, order].mean(-1) / graph.nodes  # (sigma, drive, run)
    ranges = np.array([[dynamic_range.decibels(drives, run, silent=run[0]) for run in one.T] for one in mean])
    spread = record[..., record.shape[-1] // 10 :].var(-1) / graph.nodes  # (sigma, run)
    places = _place("dynamic_range", ranges, graph) | _place("susceptibility", spread, graph)
    for i, sigma in enumerate(graph.sigma):
        estimate = mean_interval(ranges[i])
        long = record[i, :, record.shape[-1] // 10 :]
        events = graph.record.drive * graph.nodes * long.size
        slope, decay = _ratios(long, events)
        rows.append(
            {"sigma": sigma}
            | bounds("dynamic_range", estimate)
            | {"runs": estimate.n, "largest": _agree(ranges, i)}
            | {"weakest_drive": drives[0], "silent": mean[i, 0].mean()}
            | {"record_drive": graph.record.drive, "events": events}
            | bounds("one_step", slope)
            | bounds("mr", decay)
            | {"n": long.size, "reason": decay.reason}
            | bounds("susceptibility", mean_interval(spread[i], low=0.0))
            | {"susceptibility_n": spread.shape[1], "susceptibility_agree": _agree(spread, i)}
            | places
        )
    return {"graph": pd.DataFrame(rows), "graph_curves": curves(activity, graph)}


def _agree(curves: np.ndarray, i: int) -> int:
    """Return the number of runs in which no other sigma has a larger value than number i; curves : (sigma, run)."""
    return int((curves[i] == np.where(np.isnan(curves), -np.inf, curves).max(0)).sum())


def _place(name: str, curves: np.ndarray, graph: Graph) -> dict[str, float]:
    """Return the columns for the sigma at which the mean of curves (sigma, run) is largest, with its interval."""
    order = np.argsort(graph.sigma)
    return bounds(f"{name}_place", place_of_largest(np.array(graph.sigma)[order], curves[order], SEED))


def _ratios(activity: np.ndarray, events: float) -> tuple[regression.Ratio, regression.Ratio]:
    """Return the one-step slope and the multistep estimate of activity (run, step). events : expected number of spikes
    from outside.
    """
    if activity.var() == 0:
        return (regression.undefined("activity never changes"),) * 2
    if events < FEWEST_EVENTS:
        few = f"about {events:.0f} spikes from outside, fewer than {FEWEST_EVENTS}: raise graph.record"
        return (regression.undefined(few),) * 2
    lags = min(LAGS, activity.shape[-1] // 20)
    table = regression.pooled([regression.lagged(run, lags) for run in activity])
    return regression.one_step(table), regression.multistep(table)


def curves(activity: np.ndarray, graph: Graph) -> pd.DataFrame:
    """Return a table with sigma, drive and active, the mean share of active nodes without the transient."""
    kept = activity[..., activity.shape[-1] // 10 :].mean((-1, -2)) / graph.nodes
    rows = [
        {"sigma": s, "drive": d, "active": kept[i, j]}
        for i, s in enumerate(graph.sigma)
        for j, d in enumerate(graph.drive)
    ]
    return pd.DataFrame(rows)


AGREE = {"dynamic_range": "largest", "susceptibility": "susceptibility_agree"}
MOVED = {
    "dynamic_range": "refractoriness and finite drive steps shift it",
    "susceptibility": "the drive, refractoriness and the number of nodes shift it",
}


def summarise(tables: Mapping[str, pd.DataFrame], graph: Graph) -> dict[str, Headline]:
    """Return headlines of the largest dynamic range, which Kinouchi & Copelli find at the critical point, of the
    largest susceptibility, and of the sigmas of both.
    """
    reason = "at no sigma does the weakest drive activate less than a tenth of the response"
    if len(graph.drive) == 1:
        reason = "one drive has no dynamic range"
    best = _best(tables["graph"], "dynamic_range", reason)
    widest = _best(tables["graph"], "susceptibility", "there is no record")
    widest["runs"] = widest["susceptibility_n"]
    return {
        "graph_dynamic_range_max": measured(
            best,
            "dynamic_range",
            "dB",
            "Largest dynamic range of the recurrent graph over its branching ratios",
            n="runs",
            note=ALONE if best["runs"] == 1 else None,
        ),
        "graph_dynamic_range_argmax": _where(best, "dynamic_range", graph, "its largest dynamic range"),
        "graph_susceptibility_max": measured(
            widest,
            "susceptibility",
            "node",
            "Largest variance of the activity of the recurrent graph per node, over its branching ratios",
            n="runs",
            note=ALONE if widest["runs"] == 1 else "the largest of several means is biased upwards a little",
        ),
        "graph_susceptibility_argmax": _where(
            widest, "susceptibility", graph, "its largest variance of activity"
        ),
    }


def _best(table: pd.DataFrame, name: str, undefined: str) -> dict[str, Any]:
    """Return the row in which a column is largest; if the column is NaN in all rows, a row of NaN with the reason."""
    if not table[name].isna().all():
        return highest(table, name)
    none: dict[str, Any] = dict.fromkeys(table.columns, math.nan)
    return none | {"runs": 0, "susceptibility_n": 0, "reason": undefined}


def _where(best: Mapping[str, Any], name: str, graph: Graph, what: str) -> Headline:
    """Return the headline of the sigma at which a column is largest, with its interval over the runs."""
    place, lo, hi = (best[f"{name}_place{end}"] for end in ("", "_lo", "_hi"))
    grid, note = f"one of {len(graph.sigma)} values on a grid", str(best["reason"])
    if best["runs"]:
        agree = f"{best[AGREE[name]]} of {best['runs']} runs have their largest value there"
        few = f"; no interval with fewer than {FEWEST_RUNS} runs" if math.isnan(lo) else ""
        note = f"{grid}{few}; {agree}; {MOVED[name]}"
    sentence = f"Branching ratio at which the recurrent graph has {what}"
    ends = None if math.isnan(lo) else (lo, hi)
    return Headline(place, ends, int(best["runs"]), "1", sentence, note=note)
