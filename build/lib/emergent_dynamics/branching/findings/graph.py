"""What the driven recurrent graph does: dynamic range, and branching ratio under weak drive."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import dynamic_range, regression
from emergent_dynamics.branching.headlines import headline
from emergent_dynamics.branching.parameters import Graph
from emergent_dynamics.branching.tables import highest
from emergent_dynamics.store import Headline


def find(activity: np.ndarray, graph: Graph) -> dict[str, pd.DataFrame]:
    """`graph`, one row per sigma: dynamic range of the mean activity over `drive`, and branching ratios at the weakest
    drive.

    activity : (sigma, drive, run, step); the first tenth of the steps is left out as transient.
    `silent` : mean activity, as a share of the nodes, at the weakest drive, an upper bound for self-sustained
    activity.
    """
    rows = []
    kept = activity[..., activity.shape[-1] // 10 :]
    drives = np.array(graph.drive)
    order = np.argsort(drives)
    for sigma, seen in zip(graph.sigma, kept[:, order], strict=True):
        mean = seen.mean((-1, -2)) / graph.nodes
        lags = min(100, seen.shape[-1] // 20)
        table = (
            regression.pooled([regression.lagged(run, lags) for run in seen[0]])
            if seen[0].var() > 0
            else None
        )
        undefined = regression.Estimate(np.nan, np.nan, np.nan, "activity never changes")
        slope = regression.one_step(table) if table else undefined
        decay = regression.multistep(table) if table else undefined
        rows.append(
            {
                "sigma": sigma,
                "dynamic_range": dynamic_range.decibels(drives[order], mean, silent=mean[0]),
                "weakest_drive": drives[order][0],
                "silent": mean[0],
                "one_step": slope.value,
                "mr": decay.value,
                "mr_lo": decay.lo,
                "mr_hi": decay.hi,
                "n": seen.shape[-1] * seen.shape[-2],
                "reason": decay.reason,
            }
        )
    return {"graph": pd.DataFrame(rows), "graph_curves": curves(activity, graph)}


def curves(activity: np.ndarray, graph: Graph) -> pd.DataFrame:
    """sigma, drive, active: mean share of active nodes, transient left out."""
    kept = activity[..., activity.shape[-1] // 10 :].mean((-1, -2)) / graph.nodes
    rows = [
        {"sigma": s, "drive": d, "active": kept[i, j]}
        for i, s in enumerate(graph.sigma)
        for j, d in enumerate(graph.drive)
    ]
    return pd.DataFrame(rows)


def summarise(tables: Mapping[str, pd.DataFrame], graph: Graph) -> dict[str, Headline]:
    """Where the dynamic range is largest; Kinouchi & Copelli find it at the critical point."""
    best = highest(tables["graph"], "dynamic_range")
    note = f"on a grid of {len(graph.sigma)} sigmas; refractoriness and finite drive steps move it"
    headlines = {
        "graph_dynamic_range_max": headline(best["dynamic_range"], None, best["n"], "dB"),
        "graph_dynamic_range_argmax": headline(best["sigma"], None, best["n"], "1", note=note),
    }
    return headlines
