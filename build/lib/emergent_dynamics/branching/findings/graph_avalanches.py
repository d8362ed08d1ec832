"""Avalanches of the recurrent graph without drive, each from one node."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exponents, recurrent, theory
from emergent_dynamics.branching.headlines import headline
from emergent_dynamics.branching.parameters import Graph, Parameters
from emergent_dynamics.branching.tables import label, row, shown
from emergent_dynamics.statistics import mean_interval, proportion_interval
from emergent_dynamics.store import Headline


def find(size: np.ndarray, duration: np.ndarray, p: Parameters) -> dict[str, pd.DataFrame]:
    """`graph_avalanches`, one row per sigma, of sizes and durations (sigma, run, avalanche).

    p_large : share that reached as many spikes as there are nodes, and was stopped; p_childless : share of size 1,
    whose exact value is the mean over nodes of prod (1 - p), 1 for inhibitory ones; tau : of sizes from 5 to a tenth
    of the nodes.
    """
    g, rows = p.graph, []
    tree = g.weights == "equal" and not g.inhibitory
    graphs = zip(*(recurrent.build(g, p.seed, run) for run in range(p.runs)), strict=True)
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
    return {"graph_avalanches": pd.DataFrame(rows)}


def summarise(tables: Mapping[str, pd.DataFrame], graph: Graph) -> dict[str, Headline]:
    """How many roots stay childless, against the exact share."""
    headlines = {}
    for sigma in shown(graph.sigma):
        r = row(tables["graph_avalanches"], sigma=sigma)
        ci = (r["p_childless_lo"], r["p_childless_hi"])
        name, source = f"graph_p_childless_{label(sigma)}", "mean over the nodes of prod (1 - p)"
        headlines[name] = headline(r["p_childless"], ci, r["n"], "1", r["p_childless_exact"], source)
    return headlines
