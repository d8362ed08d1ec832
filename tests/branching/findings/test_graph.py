"""The driven recurrent graph: dynamic range over runs, branching ratios from the record."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from emergent_dynamics.branching import recurrent
from emergent_dynamics.branching.findings import graph
from emergent_dynamics.branching.parameters import Members, Parameters
from emergent_dynamics.config.schema import read_schemas, resolve
from tests.branching.findings import independent as other
from tests.branching.findings.test_ratio import jackknife, without_each_block

SIGMAS = other.EXPERIMENT["graph"]["sigma"]
NO_RECORD = np.zeros((1, 2, 200), int)


@pytest.mark.parametrize("s", range(3))
def test_every_column_is_recomputed_from_the_stored_activity(run, s):
    """The first 40 of 400 steps are left out; the weakest drive is the first of four, though not the list's order."""
    r, activity = run.tables["graph"].iloc[s], other.array(run.path, "graph/activity")[s, :, :, 40:]
    ranges = other.graph_ranges(run.path)
    mean, half = ranges[s].mean(), stats.t.ppf(0.975, 2) * stats.sem(ranges[s])
    assert (r["dynamic_range"], r["dynamic_range_lo"], r["dynamic_range_hi"]) == pytest.approx(
        (mean, mean - half, mean + half), rel=1e-9
    )
    assert (r["sigma"], r["runs"], r["largest"]) == (SIGMAS[s], 3, (ranges.argmax(0) == s).sum())
    assert (r["weakest_drive"], r["silent"]) == (1e-4, pytest.approx(activity[0].mean() / 60))
    record = other.array(run.path, "graph/record")[s, :, 300:].astype(float)  # of 3,000 steps
    assert (r["record_drive"], r["events"], r["n"], r["reason"]) == (
        0.01, pytest.approx(0.01 * 60 * 8100), 8100, "",
    )  # fmt: skip
    spread = other.record(run.path)
    mean, half = spread[s].mean(), stats.t.ppf(0.975, 2) * stats.sem(spread[s])
    assert (r["susceptibility"], r["susceptibility_lo"], r["susceptibility_hi"]) == pytest.approx(
        (mean, max(0.0, mean - half), mean + half), rel=1e-9
    )
    assert (r["susceptibility_n"], r["susceptibility_agree"]) == (3, (spread.argmax(0) == s).sum())
    assert r["susceptibility_place"] == SIGMAS[spread.mean(1).argmax()]
    assert r["dynamic_range_place"] == SIGMAS[ranges.mean(1).argmax()]
    assert math.isnan(r["susceptibility_place_lo"]) and math.isnan(r["dynamic_range_place_hi"])
    slopes, left = other.correlations(record, 100), without_each_block(record, 100)
    expected = jackknife(slopes[1], left[:, 1])
    assert (r["one_step"], r["one_step_lo"], r["one_step_hi"]) == pytest.approx(expected, rel=1e-9)
    expected = jackknife(other.decay(slopes), np.array([other.decay(x) for x in left]))
    assert (r["mr"], r["mr_lo"], r["mr_hi"]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("drive", "reason"), [(0.01, ""), (0.00205, "about 996 spikes from outside, fewer than 1000")]
)
def test_a_record_with_few_spikes_from_outside_has_no_branching_ratio(run, drive, reason):
    """60 nodes and 8,100 steps kept: 996 at a drive of 0.00205."""
    g = run.trajectory.p.graph
    g = replace(g, record=replace(g.record, drive=drive))
    r = graph.find(run.trajectory.graph_activity, run.trajectory.graph_record, g)["graph"].iloc[1]
    assert r["reason"].startswith(reason) and math.isnan(r["mr"]) == bool(reason) == math.isnan(
        r["one_step_hi"]
    )


DEFAULT = (0.8, 0.9, 1.0, 1.1, 1.2)
TRUE = {  # mean and standard error over eight graphs, 200,000 steps each: seeds 1000 to 1007 of `records`
    0.8: (0.7958, 0.0023), 0.9: (0.8893, 0.0019), 1.0: (0.9656, 0.0004), 1.1: (0.9421, 0.0017), 1.2: (0.8227, 0.001),
}  # fmt: skip


def records(seeds, steps):
    """(seed, sigma, step) of the default graph with a record of `steps`, and its parameters."""
    default = Parameters.from_config(resolve(read_schemas()[1]["branching"], {})).graph
    g, rows = replace(default, record=replace(default.record, steps=steps)), []
    for seed in seeds:
        rows.append([])
        for synapses in recurrent.build(g, seed):
            active, ready = recurrent.start(seed, g.nodes), np.zeros(g.nodes, np.int64)
            rows[-1].append(
                recurrent.advance(synapses, g.record.drive, Members(seed, 0, 0, steps), active, ready)
            )
    return np.array(rows), g


def multistep(record, g):
    """(sigma, 3) value, lo, hi of one seed's record (sigma, step)."""
    silent = np.zeros((len(g.sigma), len(g.drive), 1, 10))
    return graph.find(silent, record[:, None], g)["graph"][["mr", "mr_lo", "mr_hi"]].to_numpy()


def test_the_default_record_is_long_enough_for_its_ratio():
    """Seed 5, 50,000 steps: within 4 of its standard errors of the ratio of eight records of 200,000 steps."""
    found, g = records([5], 50_000)
    value, lo, hi = multistep(found[0], g).T
    for sigma, m, half in zip(DEFAULT, value, (hi - lo) / 2, strict=True):
        truth, error = TRUE[sigma]
        assert abs(m - truth) < 4 * math.hypot(half / 2.09, error) and half < 0.05, sigma


@pytest.mark.slow  # 200 records of each sigma: three minutes
def test_the_interval_of_the_multistep_ratio_covers_the_truth():
    """Seeds 1 to 200, the truth with its own error: 95 % give or take 4 standard errors of 200 repeats (6.2 %)."""
    inside = []
    for seed in range(1, 201):
        record, g = records([seed], 50_000)
        for sigma, (_, lo, hi) in zip(g.sigma, multistep(record[0], g), strict=True):
            truth, error = TRUE[sigma]
            inside.append(lo - error <= truth <= hi + error)
    share = np.reshape(inside, (200, -1)).mean(0)
    assert (share > 0.888).all(), share


def test_curves_are_mean_activity_by_sigma_and_drive(run):
    curves = run.tables["graph_curves"]
    activity = other.array(run.path, "graph/activity")[..., 40:].mean((2, 3)) / 60
    assert curves["sigma"].tolist() == [s for s in SIGMAS for _ in range(4)]
    assert curves["drive"].tolist() == other.EXPERIMENT["graph"]["drive"] * 3
    assert curves["active"].tolist() == pytest.approx(activity.ravel().tolist())


def staircase(*mean):
    """(1, drive, run, step) of constant activity by drive, one run per tuple; 10 nodes."""
    return np.array(mean).T[None, :, :, None].repeat(200, -1)


def test_ranges_belong_to_runs_and_undefined_ones_to_none(run):
    """Run 1 answers over 20 dB, run 2 starts above a tenth of its answer: one run counts, and it has no interval."""
    g = replace(run.trajectory.p.graph, nodes=10, sigma=(1.0,), drive=(1e-3, 1e-2, 1e-1, 1.0))
    tables = graph.find(staircase((0, 2, 6, 10)), NO_RECORD, g)
    level = [0.0, 0.2, 0.6, 1.0]
    r = tables["graph"].iloc[0]
    assert r["dynamic_range"] == pytest.approx(other.decibels(g.drive, level, 0.0)) and r["runs"] == 1
    assert math.isnan(r["dynamic_range_lo"]) and r["largest"] == 1
    assert r["reason"] == "activity never changes" and math.isnan(r["mr"]) and math.isnan(r["one_step"])
    h = graph.summarise(tables, g)
    assert h["graph_dynamic_range_max"].note == "one run has no interval: raise `runs`"
    assert h["graph_dynamic_range_max"].ci is None
    none = graph.find(staircase((5, 5, 5, 5)), NO_RECORD, g)
    assert math.isnan(none["graph"]["dynamic_range"][0])
    undefined = graph.summarise(none, g)
    assert undefined.pop("graph_susceptibility_max").value == 0.0
    assert undefined.pop("graph_susceptibility_argmax").n == 2
    assert all(math.isnan(x.value) and x.n == 0 and "weakest drive" in x.note for x in undefined.values())


def test_a_drive_given_out_of_order_is_sorted(run):
    g = replace(run.trajectory.p.graph, nodes=10, sigma=(1.0,), drive=(1e-3, 1e-2, 1e-1, 1.0))
    mixed = replace(g, drive=(1.0, 1e-3, 1e-1, 1e-2))
    a, b = (graph.find(staircase(x), NO_RECORD, y) for x, y in (((0, 2, 6, 10), g), ((10, 0, 6, 2), mixed)))
    assert a["graph"]["dynamic_range"][0] == pytest.approx(b["graph"]["dynamic_range"][0])
    assert b["graph"]["weakest_drive"][0] == 1e-3 and b["graph"]["silent"][0] == 0.0


def test_headlines_are_the_largest_mean_range_and_its_place(run):
    """The place has no interval: the note says how many of the runs agree."""
    ranges, h = other.graph_ranges(run.path), run.headlines
    best = ranges.mean(1).argmax()
    r = run.tables["graph"].iloc[best]
    x, place = h["graph_dynamic_range_max"], h["graph_dynamic_range_argmax"]
    assert (x.value, x.ci, x.n, x.unit, x.note) == (
        r["dynamic_range"], (r["dynamic_range_lo"], r["dynamic_range_hi"]), 3, "dB", None,
    )  # fmt: skip
    assert (place.value, place.ci, place.n, place.unit) == (SIGMAS[best], None, 3, "1")
    agree = (ranges.argmax(0) == best).sum()
    few = "no interval with fewer than 8 runs"
    assert place.note.startswith(
        f"one of 3 values on a grid; {few}; {agree} of 3 runs have their largest value there"
    )
    spread = other.record(run.path)
    best = spread.mean(1).argmax()
    x, place = h["graph_susceptibility_max"], h["graph_susceptibility_argmax"]
    assert (x.value, x.n, x.unit) == (pytest.approx(spread.mean(1).max()), 3, "node")
    agree = (spread.argmax(0) == best).sum()
    assert place.note.startswith(f"one of 3 values on a grid; {few}; {agree} of 3 runs")


def test_eight_runs_give_a_place_its_interval(run):
    """The record of every run varies most at 1.0: the interval is its neighbours on the grid, 0.8 and 1.2."""
    g = replace(run.trajectory.p.graph, sigma=(0.8, 1.0, 1.2))
    record = np.tile([0, 10], 500) * np.array([1, 3, 2])[:, None, None] + np.zeros((3, 8, 1), int)
    tables = graph.find(np.zeros((3, len(g.drive), 8, 200)), record, g)
    place = graph.summarise(tables, g)["graph_susceptibility_argmax"]
    assert (place.value, place.ci, place.n) == (1.0, (0.8, 1.2), 8)
    assert place.note.startswith("one of 3 values on a grid; 8 of 8 runs have their largest value there")
    mixed = replace(g, sigma=(1.2, 0.8, 1.0))
    other_order = graph.find(np.zeros((3, len(g.drive), 8, 200)), record[[2, 0, 1]], mixed)
    assert graph.summarise(other_order, mixed)["graph_susceptibility_argmax"].ci == (0.8, 1.2)
