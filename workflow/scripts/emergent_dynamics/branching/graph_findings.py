"""What the recurrent graph does: dynamic range, branching ratio under weak drive, avalanches without drive."""

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exponents, graph, ratio, response, theory
from emergent_dynamics.branching.headlines import headline, highest, label, row, shown
from emergent_dynamics.branching.model import Graph, Parameters
from emergent_dynamics.statistics import mean_interval, proportion_interval
from emergent_dynamics.store import Headline


def tabulate(activity: np.ndarray, graph: Graph) -> pd.DataFrame:
    """One row per sigma: dynamic range of the mean activity over `drive`, and branching ratios at the weakest
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
        table = ratio.pooled([ratio.lagged(run, lags) for run in seen[0]]) if seen[0].var() > 0 else None
        undefined = ratio.Estimate(np.nan, np.nan, np.nan, "activity never changes")
        slope = ratio.one_step(table) if table else undefined
        decay = ratio.multistep(table) if table else undefined
        rows.append(
            {
                "sigma": sigma,
                "dynamic_range": response.dynamic_range(drives[order], mean, silent=mean[0]),
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
    return pd.DataFrame(rows)


def mean_activity(activity: np.ndarray, graph: Graph) -> pd.DataFrame:
    """sigma, drive, active: mean share of active nodes, transient left out."""
    kept = activity[..., activity.shape[-1] // 10 :].mean((-1, -2)) / graph.nodes
    rows = [
        {"sigma": s, "drive": d, "active": kept[i, j]}
        for i, s in enumerate(graph.sigma)
        for j, d in enumerate(graph.drive)
    ]
    return pd.DataFrame(rows)


def tabulate_avalanches(size: np.ndarray, duration: np.ndarray, p: Parameters) -> pd.DataFrame:
    """One row per sigma; size, duration (sigma, run, avalanche) of avalanches from one node without drive.

    p_large : share that reached as many spikes as there are nodes, and was stopped; p_childless : share of size 1,
    whose exact value is the mean over nodes of prod (1 - p), 1 for inhibitory ones; tau : of sizes from 5 to a tenth
    of the nodes.
    """
    g, rows = p.graph, []
    tree = g.weights == "equal" and not g.inhibitory
    graphs = zip(*(graph.build(g, p.seed, run) for run in range(p.runs)), strict=True)
    for sigma, sizes, durations, runs in zip(g.sigma, size, duration, graphs, strict=True):
        alone = []
        for synapses in runs:
            silent = np.broadcast_to((1.0 - synapses.probability).prod(1), g.nodes).copy()
            silent[: synapses.inhibiting] = 1.0
            alone.append(silent.mean())
        large = proportion_interval(int((sizes >= g.nodes).sum()), sizes.size)
        childless = proportion_interval(int((sizes == 1).sum()), sizes.size)
        mean = mean_interval(durations[sizes < g.nodes])
        tau = exponents.fit(np.bincount(np.minimum(sizes, g.nodes).ravel()), 5, max(10, g.nodes // 10))
        rows.append(
            {
                "sigma": sigma,
                "n": sizes.size,
                "p_large": large.value,
                "p_large_lo": large.lo,
                "p_large_hi": large.hi,
                "p_large_tree": 1.0 - theory.extinction(sigma, g.degree) if tree else np.nan,
                "p_childless": childless.value,
                "p_childless_lo": childless.lo,
                "p_childless_hi": childless.hi,
                "p_childless_exact": float(np.mean(alone)),
                "mean_duration": mean.value,
                "tau": tau.exponent,
                "tau_lo": tau.interval()[0],
                "tau_hi": tau.interval()[1],
                "reason": tau.reason,
            }
        )
    return pd.DataFrame(rows)


def summarise(found: pd.DataFrame, avalanches: pd.DataFrame, graph: Graph) -> dict[str, Headline]:
    """Where the dynamic range is largest; Kinouchi & Copelli find it at the critical point. How many roots stay
    childless, against the exact share.
    """
    best = highest(found, "dynamic_range")
    note = f"on a grid of {len(graph.sigma)} sigmas; refractoriness and finite drive steps move it"
    headlines = {
        "graph_dynamic_range_max": headline(best["dynamic_range"], None, best["n"], "dB"),
        "graph_dynamic_range_argmax": headline(best["sigma"], None, best["n"], "1", note=note),
    }
    for sigma in shown(graph.sigma):
        r = row(avalanches, sigma=sigma)
        ci = (r["p_childless_lo"], r["p_childless_hi"])
        name, source = f"graph_p_childless_{label(sigma)}", "mean over the nodes of prod (1 - p)"
        headlines[name] = headline(r["p_childless"], ci, r["n"], "1", r["p_childless_exact"], source)
    return headlines
