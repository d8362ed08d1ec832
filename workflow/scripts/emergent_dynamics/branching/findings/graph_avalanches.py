"""Avalanches of the recurrent graph without drive, each from one node."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exponents, recurrent, theory
from emergent_dynamics.branching.parameters import Graph, Parameters
from emergent_dynamics.branching.tables import bounds, label, measured, row, shown
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import mean_interval, proportion_interval


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
                **bounds("p_large", large),
                "p_large_tree": 1.0 - theory.extinction(sigma, g.degree) if tree else np.nan,
                **bounds("p_childless", childless),
                "p_childless_exact": float(np.mean(alone)),
                "mean_duration": mean.value,
                **bounds("tau", tau.estimate),
                "reason": tau.reason,
            }
        )
    return {"graph_avalanches": pd.DataFrame(rows)}


def summarise(tables: Mapping[str, pd.DataFrame], graph: Graph) -> dict[str, Headline]:
    """How many roots stay childless, against the exact share."""
    headlines = {}
    for sigma in shown(graph.sigma):
        r = row(tables["graph_avalanches"], sigma=sigma)
        headlines[f"graph_p_childless_{label(sigma)}"] = measured(
            r,
            "p_childless",
            "share",
            f"Share of avalanches of the recurrent graph that end with their first spike at σ = {sigma:g}",
            expectation=theory.expected_childless(r["p_childless_exact"]),
        )
    return headlines
