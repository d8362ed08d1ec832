"""Avalanches of the recurrent graph without drive."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from emergent_dynamics.branching import recurrent
from emergent_dynamics.branching.findings import graph_avalanches
from tests.branching.findings import independent as other

Z = 1.959963984540054


@pytest.mark.parametrize("s", range(3))
def test_every_column_is_recomputed_from_sizes_and_durations(run, s):
    """900 avalanches of 60 nodes with 4 synapses; the tree dies where q = (1 + sigma (q - 1) / 4)^4."""
    sigma, r = other.EXPERIMENT["graph"]["sigma"][s], run.tables["graph_avalanches"].iloc[s]
    size, duration = (other.array(run.path, f"graph/{name}")[s].ravel() for name in ("size", "duration"))
    assert (r["sigma"], r["n"], r["reason"]) == (sigma, 900, "")
    for name, k in (("p_large", (size >= 60).sum()), ("p_childless", (size == 1).sum())):
        interval = stats.binomtest(int(k), 900).proportion_ci(method="exact")
        assert (r[name], r[f"{name}_lo"], r[f"{name}_hi"]) == pytest.approx(
            (k / 900, interval.low, interval.high)
        )
    assert r["p_childless_exact"] == pytest.approx((1 - sigma / 4) ** 4)
    dies = (
        1.0
        if sigma <= 1
        else optimize.brentq(lambda q: (1 + sigma * (q - 1) / 4) ** 4 - q, 0, 0.999, xtol=1e-14)
    )
    assert r["p_large_tree"] == pytest.approx(1 - dies, abs=1e-9)
    assert r["mean_duration"] == pytest.approx(duration[size < 60].mean())
    counts = dict(zip(*np.unique(np.minimum(size, 60), return_counts=True), strict=True))
    tau = other.exponent(counts, (5, 10))
    n = ((size >= 5) & (size <= 10)).sum()
    half = Z / math.sqrt(n * other.information_of(tau, (5, 10)))
    assert (r["tau"], r["tau_lo"], r["tau_hi"]) == pytest.approx((tau, tau - half, tau + half), rel=1e-7)


def test_the_window_of_sizes_ends_at_a_tenth_of_the_nodes(run):
    """200 nodes: 5 to 20, not 10."""
    p = replace(run.trajectory.p, runs=1, graph=replace(run.trajectory.p.graph, nodes=200, sigma=(1.0,)))
    size = np.repeat(np.arange(1, 31), np.arange(60, 0, -2))[None, None]
    r = graph_avalanches.find(size, np.ones_like(size), p)["graph_avalanches"].iloc[0]
    assert r["tau"] == pytest.approx(other.exponent({x: 62 - 2 * x for x in range(1, 31)}, (5, 20)), rel=1e-7)


def test_unequal_synapses_and_inhibition_have_no_tree_but_an_exact_share_without_offspring(run):
    """Mean over nodes of prod (1 - p), 1 for the inhibitory ones, averaged over the runs' graphs."""
    g = replace(run.trajectory.p.graph, weights="exponential", inhibitory=0.25, sigma=(0.9,))
    p = replace(run.trajectory.p, graph=g)
    size = np.ones((1, 3, 10), int)
    r = graph_avalanches.find(size, size, p)["graph_avalanches"].iloc[0]
    shares = []
    for which in range(3):
        probability = recurrent.build(g, p.seed, which)[0].probability
        shares += [1.0 if node < 15 else math.prod(1 - x for x in probability[node]) for node in range(60)]
    assert r["p_childless_exact"] == pytest.approx(np.mean(shares), rel=1e-12)
    assert math.isnan(r["p_large_tree"]) and math.isnan(r["tau"]) and r["reason"]
    equal = replace(p, graph=replace(g, weights="equal"))
    assert math.isnan(graph_avalanches.find(size, size, equal)["graph_avalanches"]["p_large_tree"][0])
    unequal = replace(p, graph=replace(g, inhibitory=0.0))
    assert math.isnan(graph_avalanches.find(size, size, unequal)["graph_avalanches"]["p_large_tree"][0])


@pytest.mark.parametrize("s", range(3))
def test_headlines_are_the_childless_roots(run, s):
    r, sigma = run.tables["graph_avalanches"].iloc[s], other.EXPERIMENT["graph"]["sigma"][s]
    h = run.headlines[f"graph_p_childless_sigma_{sigma:g}"]
    assert (h.value, h.ci) == (r["p_childless"], (r["p_childless_lo"], r["p_childless_hi"]))
    assert (h.n, h.unit) == (900, "share")
    assert h.sentence == (
        f"Share of avalanches of the recurrent graph that end with their first spike at σ = {sigma:g}"
    )
