"""Findings on the driven recurrent graph: its dynamic range, and its branching ratio from a long record under weak
drive.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.branching import dynamic_range, regression
from emergent_dynamics.branching.parameters import Graph
from emergent_dynamics.branching.tables import bounds, highest, measured
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import mean_interval

FEWEST_EVENTS = 1000  # spikes from outside in the part of the records that is kept; with fewer MR is biased
LAGS = 100  # lags of the multistep regression: ten time constants at sigma = 0.9, four at 1


def find(activity: np.ndarray, record: np.ndarray, graph: Graph) -> dict[str, pd.DataFrame]:
    """Return the table `graph`, one row per sigma: the dynamic range of the mean activity over `drive`, and branching
    ratios from the record.

    activity : (sigma, drive, run, step). record : (sigma, run, step). The first tenth of the steps is left out as a
    transient.

    The dynamic range is computed for every run and averaged over the `runs` in which it is defined. Column `largest`
    : the number of runs in which no other sigma has a larger dynamic range. `events` : expected number of spikes from
    outside in the part of the record that is kept. `silent` : mean activity at the weakest drive, as a share of the
    nodes, an upper bound of the self-sustained activity.
    """
    rows = []
    kept = activity[..., activity.shape[-1] // 10 :]
    order = np.argsort(graph.drive)
    drives = np.array(graph.drive)[order]
    mean = kept[:, order].mean(-1) / graph.nodes  # (sigma, drive, run)
    ranges = np.array([[dynamic_range.decibels(drives, run, silent=run[0]) for run in one.T] for one in mean])
    best = np.where(np.isnan(ranges), -np.inf, ranges).max(0)
    for i, sigma in enumerate(graph.sigma):
        estimate = mean_interval(ranges[i])
        long = record[i, :, record.shape[-1] // 10 :]
        events = graph.record.drive * graph.nodes * long.size
        slope, decay = _ratios(long, events)
        rows.append(
            {"sigma": sigma}
            | bounds("dynamic_range", estimate)
            | {"runs": estimate.n, "largest": int((ranges[i] == best).sum())}
            | {"weakest_drive": drives[0], "silent": mean[i, 0].mean()}
            | {"record_drive": graph.record.drive, "events": events}
            | bounds("one_step", slope)
            | bounds("mr", decay)
            | {"n": long.size, "reason": decay.reason}
        )
    return {"graph": pd.DataFrame(rows), "graph_curves": curves(activity, graph)}


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


def summarise(tables: Mapping[str, pd.DataFrame], graph: Graph) -> dict[str, Headline]:
    """Return headlines of the largest dynamic range and its sigma, which Kinouchi & Copelli find at the critical
    point.
    """
    table = tables["graph"]
    if table["dynamic_range"].isna().all():
        undefined = "at no sigma does the weakest drive activate less than a tenth of the response"
        if len(graph.drive) == 1:
            undefined = "one drive has no dynamic range"
        best: dict[str, Any] = {"sigma": math.nan, "dynamic_range": math.nan, "runs": 0, "reason": undefined}
        best |= dict.fromkeys(("dynamic_range_lo", "dynamic_range_hi"), math.nan)
        place = undefined
    else:
        best = highest(table, "dynamic_range")
        place = (
            f"a place on a grid of {len(graph.sigma)} values has no interval; {best['largest']} of {best['runs']} runs "
            "have their largest there; refractoriness and finite drive steps move it"
        )
    alone = "one run has no interval: raise `runs`" if best["runs"] == 1 else None
    return {
        "graph_dynamic_range_max": measured(
            best,
            "dynamic_range",
            "dB",
            "Largest dynamic range of the recurrent graph over its branching ratios",
            n="runs",
            note=alone,
        ),
        "graph_dynamic_range_argmax": Headline(
            best["sigma"],
            None,
            best["runs"],
            "1",
            "Branching ratio at which the recurrent graph has its largest dynamic range",
            note=place,
        ),
    }
