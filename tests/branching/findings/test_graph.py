"""The driven recurrent graph: dynamic range over runs, branching ratios at the weakest drive."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from emergent_dynamics.branching.findings import graph
from tests.branching.findings import independent as other
from tests.branching.findings.test_ratio import jackknife, without_each_block

SIGMAS = other.EXPERIMENT["graph"]["sigma"]


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
    weakest = activity[0].astype(float)
    assert (r["weakest_drive"], r["n"], r["reason"]) == (1e-4, 3 * 360, "")
    assert r["silent"] == pytest.approx(weakest.mean() / 60)
    assert r["one_step"] == pytest.approx(other.correlations(weakest, 18)[1], rel=1e-9)
    left = np.array([other.decay(x) for x in without_each_block(weakest, 18)])
    expected = jackknife(other.decay(other.correlations(weakest, 18)), left)
    assert (r["mr"], r["mr_lo"], r["mr_hi"]) == pytest.approx(expected, rel=1e-5)


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
    tables = graph.find(staircase((0, 2, 6, 10)), g)
    level = [0.0, 0.2, 0.6, 1.0]
    r = tables["graph"].iloc[0]
    assert r["dynamic_range"] == pytest.approx(other.decibels(g.drive, level, 0.0)) and r["runs"] == 1
    assert math.isnan(r["dynamic_range_lo"]) and r["largest"] == 1
    assert r["reason"] == "activity never changes" and math.isnan(r["mr"]) and math.isnan(r["one_step"])
    h = graph.summarise(tables, g)
    assert h["graph_dynamic_range_max"].note == "one run has no interval: raise `runs`"
    assert h["graph_dynamic_range_max"].ci is None
    none = graph.find(staircase((5, 5, 5, 5)), g)
    assert math.isnan(none["graph"]["dynamic_range"][0])
    undefined = graph.summarise(none, g)
    assert all(math.isnan(x.value) and x.n == 0 and "weakest drive" in x.note for x in undefined.values())


def test_a_drive_given_out_of_order_is_sorted(run):
    g = replace(run.trajectory.p.graph, nodes=10, sigma=(1.0,), drive=(1e-3, 1e-2, 1e-1, 1.0))
    mixed = replace(g, drive=(1.0, 1e-3, 1e-1, 1e-2))
    a, b = graph.find(staircase((0, 2, 6, 10)), g), graph.find(staircase((10, 0, 6, 2)), mixed)
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
    assert place.note.startswith(
        f"a place on a grid of 3 values has no interval; {agree} of 3 runs have their largest there"
    )
