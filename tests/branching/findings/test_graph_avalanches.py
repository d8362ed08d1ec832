"""Avalanches of the recurrent graph without drive."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from emergent_dynamics.branching import recurrent, shapes
from emergent_dynamics.branching.findings import graph_avalanches
from tests.branching.findings import independent as other

Z = 1.959963984540054
NO_SHAPES = np.zeros((1, 3, 65, 64), int)


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


@pytest.mark.parametrize("s", range(3))
def test_exponents_shapes_and_their_relation_are_recomputed(run, s):
    """Durations of avalanches below 60 spikes, alpha on 5 to 10, gamma on 3 to 7 where 10 avalanches have them."""
    r, found = run.tables["graph_avalanches"].iloc[s], other.graph_exponents(run.path, s)
    assert r[["tau", "alpha", "gamma", "dcc"]].tolist() == pytest.approx(list(found.values()), rel=1e-7)
    assert r["gamma_predicted"] == pytest.approx((found["alpha"] - 1) / (found["tau"] - 1))
    size, duration = (other.array(run.path, f"graph/{name}")[s].ravel() for name in ("size", "duration"))
    size, duration = size[size < 60], duration[size < 60]
    n = ((duration >= 5) & (duration <= 10)).sum()
    half = Z / math.sqrt(n * other.information_of(r["alpha"], (5, 10)))
    assert (r["alpha_n"], r["alpha_lo"], r["alpha_hi"]) == (
        n, pytest.approx(r["alpha"] - half, rel=1e-7), pytest.approx(r["alpha"] + half, rel=1e-7),
    )  # fmt: skip
    d = [d for d in range(3, 8) if (duration == d).sum() >= 10]
    error = np.array([stats.sem(size[duration == x]) / size[duration == x].mean() for x in d])
    x = np.log(d) - np.mean(np.log(d))
    half = Z * math.sqrt(((x * error) ** 2).sum()) / (x @ x)
    assert (r["gamma_n"], r["gamma_hi"]) == (
        np.isin(duration, d).sum(), pytest.approx(r["gamma"] + half, rel=1e-7),
    )  # fmt: skip
    assert r["dcc_n"] == min(r["tau_n"], r["alpha_n"], r["gamma_n"])
    assert (r["tau_window"], r["alpha_window"], r["gamma_window"]) == ("5-10", "5-10", "3-7")


def test_the_exponents_of_the_tree_are_those_of_its_exact_law(run):
    """Sigma 1, 4 synapses: sizes by Dwass, generations by 1 - q -> 1 - f(q), mean sizes by a complex step."""
    r = run.tables["graph_avalanches"].iloc[1]
    s = np.arange(1, 11)
    sizes = dict(zip(s.tolist(), stats.binom.pmf(s - 1, 4 * s, 0.25) / s, strict=True))
    died, total = [0.0], [0j]
    for _ in range(10):
        died.append((1 + (died[-1] - 1) / 4) ** 4)
        total.append((1 + 1e-30j) * (1 + (total[-1] - 1) / 4) ** 4)
    ends = dict(enumerate(np.diff(died).tolist(), start=1))
    mean = {d: (total[d] - total[d - 1]).imag / 1e-30 / ends[d] for d in range(1, 11)}
    tau, alpha, gamma = (
        other.exponent(sizes, (5, 10)),
        other.exponent(ends, (5, 10)),
        other.slope(mean, (3, 7)),
    )
    expected = [tau, alpha, gamma, abs(gamma - (alpha - 1) / (tau - 1))]
    assert r[["tau_tree", "alpha_tree", "gamma_tree", "dcc_tree"]].tolist() == pytest.approx(
        expected, rel=1e-6
    )
    assert f"the infinite tree has {gamma:.3g} there" in run.headlines["graph_gamma_sigma_1"].note


def test_shapes_that_grow_like_a_power_collapse_with_it(run):
    """A(t | D) = D^(g - 1) parabola(t / D) with g = 1.7, 20 avalanches of each duration from 5 to 10."""
    g = replace(run.trajectory.p.graph, sigma=(1.0,))
    p = replace(run.trajectory.p, runs=1, graph=g)
    profile = np.zeros((1, 1, 65, 64))
    duration = np.repeat(np.arange(5, 11), 20)[None, None]
    for d in range(5, 11):
        x = (np.arange(d) + 0.5) / d
        profile[0, 0, d, :d] = 20 * d**0.7 * x * (1 - x)
    r = graph_avalanches.find(np.full_like(duration, 7), duration, profile, p)["graph_avalanches"].iloc[0]
    assert r["gamma_collapse"] == pytest.approx(1.7, abs=0.06)
    few = np.repeat(np.arange(5, 11), 9)[None, None]
    r = graph_avalanches.find(np.full_like(few, 7), few, profile, p)["graph_avalanches"].iloc[0]
    assert math.isnan(r["gamma_collapse"])


def test_the_collapse_has_a_jackknife_over_runs(run):
    """Of three runs, each left out in turn; one run has no interval and its headline says so."""
    r = run.tables["graph_avalanches"].iloc[1]
    size, duration = (other.array(run.path, f"graph/{name}")[1] for name in ("size", "duration"))
    profile = other.array(run.path, "graph/profile")[1]
    often = [d for d in range(5, 11) if ((duration == d) & (size < 60)).sum() >= 10]

    def gamma(runs):
        shape = np.full((65, 64), np.nan)
        for d in often:
            shape[d] = profile[runs, d].sum(0) / ((duration[runs] == d) & (size[runs] < 60)).sum()
        return shapes.collapse(shape, 5, 10)

    left_out = np.array([gamma([k for k in range(3) if k != out]) for out in range(3)])
    half = stats.t.ppf(0.975, 2) * math.sqrt(2 / 3 * ((left_out - left_out.mean()) ** 2).sum())
    value = gamma([0, 1, 2])
    assert (r["gamma_collapse"], r["gamma_collapse_lo"], r["gamma_collapse_hi"]) == pytest.approx(
        (value, value - half, value + half), rel=1e-6
    )
    headline = run.headlines["graph_gamma_collapse_sigma_1"]
    assert (headline.value, headline.n, headline.note) == (r["gamma_collapse"], 3, "jackknife over the runs")
    p = replace(run.trajectory.p, runs=1)
    whole = [np.tile(x.reshape(1, 1, -1), (3, 1, 1)) for x in (size, duration)]
    alone = graph_avalanches.find(*whole, np.tile(profile.sum(0), (3, 1, 1, 1)), p)
    headline = graph_avalanches.summarise(alone, p)["graph_gamma_collapse_sigma_1"]
    assert headline.ci is None and headline.note == graph_avalanches.ALONE


def test_the_window_of_sizes_ends_at_a_tenth_of_the_nodes(run):
    """200 nodes: 5 to 20, not 10."""
    p = replace(run.trajectory.p, runs=1, graph=replace(run.trajectory.p.graph, nodes=200, sigma=(1.0,)))
    size = np.repeat(np.arange(1, 31), np.arange(60, 0, -2))[None, None]
    r = graph_avalanches.find(size, np.ones_like(size), NO_SHAPES, p)["graph_avalanches"].iloc[0]
    assert r["tau"] == pytest.approx(other.exponent({x: 62 - 2 * x for x in range(1, 31)}, (5, 20)), rel=1e-7)


def test_unequal_synapses_and_inhibition_have_no_tree_but_an_exact_share_without_offspring(run):
    """Mean over nodes of prod (1 - p), 1 for the inhibitory ones, averaged over the runs' graphs."""
    g = replace(run.trajectory.p.graph, weights="exponential", inhibitory=0.25, sigma=(0.9,))
    p = replace(run.trajectory.p, graph=g)
    size = np.ones((1, 3, 10), int)
    r = graph_avalanches.find(size, size, NO_SHAPES, p)["graph_avalanches"].iloc[0]
    shares = []
    for which in range(3):
        probability = recurrent.build(g, p.seed, which)[0].probability
        shares += [1.0 if node < 15 else math.prod(1 - x for x in probability[node]) for node in range(60)]
    assert r["p_childless_exact"] == pytest.approx(np.mean(shares), rel=1e-12)
    assert math.isnan(r["p_large_tree"]) and math.isnan(r["tau"]) and r["reason"]
    equal = replace(p, graph=replace(g, weights="equal"))
    assert math.isnan(
        graph_avalanches.find(size, size, NO_SHAPES, equal)["graph_avalanches"]["p_large_tree"][0]
    )
    unequal = replace(p, graph=replace(g, inhibitory=0.0))
    assert math.isnan(
        graph_avalanches.find(size, size, NO_SHAPES, unequal)["graph_avalanches"]["p_large_tree"][0]
    )


@pytest.mark.parametrize("s", range(3))
def test_headlines_are_the_childless_roots(run, s):
    r, sigma = run.tables["graph_avalanches"].iloc[s], other.EXPERIMENT["graph"]["sigma"][s]
    h = run.headlines[f"graph_p_childless_sigma_{sigma:g}"]
    assert (h.value, h.ci) == (r["p_childless"], (r["p_childless_lo"], r["p_childless_hi"]))
    assert (h.n, h.unit) == (900, "share")
    assert h.sentence == (
        f"Share of avalanches of the recurrent graph that end with their first spike at σ = {sigma:g}"
    )
