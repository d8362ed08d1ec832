"""Births and merges: by hand, the balance of counts, blocks."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from emergent_dynamics.causal import groups
from emergent_dynamics.causal.findings import lineage


def frames(*labels, time=None):
    """A one-run groups dataset, labels[time][token]."""
    values = np.array(labels, np.int32)[None]
    clock = np.arange(len(labels), dtype=float) if time is None else time
    return xr.Dataset(
        {
            "label": (("run", "time", "token"), values),
            "n_clusters": (("run", "time"), groups.n_clusters(values)),
        },
        coords={"time": ("time", clock, {"units": "1"})},
    )


def rows(table):
    return table.drop(columns=["run"]).to_dict("records")


def test_a_merge_worked_out_by_hand():
    found = lineage.find(frames([0, 0, 2, 2, 4], [0, 0, 0, 0, 4], time=[1.0, 3.0]))["lineage"]
    assert rows(found) == [
        {
            "event": "merge", "after": 1.0, "time": 3.0, "leader": 2, "other": 0,
            "size": 2, "other_size": 2, "joint_size": 4,
        }
    ]  # fmt: skip


def test_a_birth_worked_out_by_hand():
    """Three of five tokens leave token 0's group; the smallest of them, 1, leads them."""
    found = lineage.find(frames([0, 0, 0, 0, 0], [0, 1, 1, 0, 1]))["lineage"]
    assert rows(found) == [
        {
            "event": "birth", "after": 0.0, "time": 1.0, "leader": 1, "other": 0,
            "size": 3, "other_size": 2, "joint_size": 5,
        }
    ]  # fmt: skip


def test_a_leader_that_changes_sides_leaves_an_heir():
    """Token 1 joins 0; its followers 2 and 3 go on under 2: a merge and a birth, one group each way."""
    found = lineage.find(frames([0, 1, 1, 1], [0, 0, 2, 2]))["lineage"]
    merge, birth = (found[found["event"] == e].iloc[0] for e in ("merge", "birth"))
    assert (merge["leader"], merge["other"]) == (1, 0)
    assert (birth["leader"], birth["other"], birth["other_size"]) == (2, 1, 0)


def test_nothing_happens_when_only_followers_move():
    """Token 3 changes sides and returns; token 1 gains it and loses it."""
    assert lineage.find(frames([0, 1, 0, 0], [0, 1, 0, 1], [0, 1, 0, 0]))["lineage"].empty


def test_a_single_frame_has_no_events():
    found = lineage.find(frames([0, 1, 2]))["lineage"]
    assert found.empty
    assert list(found.columns) == lineage.COLUMNS


def random_groups(seed, runs=5, frames=12, tokens=40):
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, (runs, 1, tokens)) + 0.1 * rng.standard_normal((runs, frames, tokens))
    labels = groups.label(np.stack([np.cos(angle), np.sin(angle)], -1), 0.15)
    return xr.Dataset(
        {
            "label": (("run", "time", "token"), labels),
            "n_clusters": (("run", "time"), groups.n_clusters(labels)),
        },
        coords={"time": ("time", np.arange(frames, dtype=float), {"units": "1"})},
    )


def test_births_less_merges_is_the_change_in_the_number_of_groups():
    """In every run and between every two frames, for groups that come and go at random."""
    found = random_groups(1)
    table = lineage.find(found)["lineage"]
    net = (
        table.assign(change=np.where(table["event"] == "birth", 1, -1))
        .groupby(["run", "time"])["change"]
        .sum()
    )
    counts = found["n_clusters"].values
    for run in range(5):
        for k in range(1, 12):
            assert net.get((run, float(k)), 0) == counts[run, k] - counts[run, k - 1]


def test_blocks_of_frames_give_what_the_whole_gives():
    whole = random_groups(2)
    chunked = whole.copy()
    chunked["label"].encoding["chunks"] = (5, 5, 40)
    assert lineage.find(chunked)["lineage"].equals(lineage.find(whole)["lineage"])


def test_headlines_count_events_per_run():
    found = frames([0, 1, 2], [0, 0, 2], [0, 0, 0], time=[1.0, 2.0, 4.0])
    headlines = lineage.summarise(lineage.find(found)["lineage"], found)
    assert headlines["merges"].value == 2
    assert headlines["births"].value == 0
    assert headlines["half_of_merges_by"].value == pytest.approx(3.0)


def test_headlines_leave_out_the_dense_cloud():
    """Groups 2, 3, 2, 3, 1: the birth before the peak at t = 2 and nothing else is left out."""
    found = frames([0, 1, 0], [0, 1, 2], [0, 1, 0], [0, 1, 2], [0, 0, 0], time=[1.0, 2.0, 3.0, 4.0, 5.0])
    table = lineage.find(found)["lineage"]
    headlines = lineage.summarise(table, found)
    assert (table["event"] == "birth").sum() == 2 and headlines["births"].value == 1
    assert headlines["merges"].value == 3 and headlines["half_of_merges_by"].value == 5.0


def test_headlines_have_intervals_that_do_not_go_below_zero():
    """Two runs, one with a merge: 0.5 +- 6.35 is cut at 0; its time, 2, rests on that run alone."""
    labels = np.array([[[0, 1, 2], [0, 0, 2]], [[0, 1, 2], [0, 1, 2]]], np.int32)
    found = xr.Dataset(
        {
            "label": (("run", "time", "token"), labels),
            "n_clusters": (("run", "time"), groups.n_clusters(labels)),
        },
        coords={"time": ("time", [1.0, 2.0], {"units": "ODE time"})},
    )
    headlines = lineage.summarise(lineage.find(found)["lineage"], found)
    assert headlines["merges"].value == 0.5
    assert headlines["merges"].ci == pytest.approx((0.0, 0.5 + 0.5 * 12.7062), abs=1e-4)
    assert (headlines["births"].value, headlines["births"].ci, headlines["births"].n) == (0.0, None, 2)
    half = headlines["half_of_merges_by"]
    assert (half.value, half.n, half.unit, half.note) == (2.0, 1, "ODE time", "no interval: a single sample")


def test_the_time_of_half_the_merges_is_the_median_of_a_run_and_the_mean_of_runs():
    """Merges at 2, 3 and 6 in one run, at 1 in the other: medians 3 and 1; the interval ends with the frames."""
    table = pd.DataFrame(
        {"run": [0, 0, 0, 1, 1], "event": ["merge"] * 4 + ["birth"], "time": [2.0, 3.0, 6.0, 1.0, 5.0]}
    ).assign(after=0.0)
    found = frames([0], [0], time=[0.0, 6.5])
    found = xr.concat([found] * 3, "run")
    headlines = lineage.summarise(table, found)
    assert headlines["half_of_merges_by"].value == 2.0
    assert headlines["half_of_merges_by"].ci == (0.0, 6.5)
    assert headlines["merges"].value == pytest.approx(4 / 3)
    assert headlines["births"].value == pytest.approx(1 / 3)
    assert headlines["merges"].ci[0] == 0.0


def test_without_a_merge_the_time_is_undefined_and_says_why():
    found = frames([0, 1], [0, 1])
    half = lineage.summarise(lineage.find(found)["lineage"], found)["half_of_merges_by"]
    assert np.isnan(half.value) and half.note == "no groups merged"
