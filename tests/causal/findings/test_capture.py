"""Capture: by hand, in blocks, and monotone in the radius."""

import tracemalloc

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics.causal.findings import capture
from emergent_dynamics.findings import agrees


def moving(*frames):
    """One run on the circle, angles[time][token]."""
    angles = np.array(frames)
    x = np.stack([np.cos(angles), np.sin(angles)], -1)[None]
    return xr.Dataset(
        {"x": (("run", "time", "token", "coord"), x)}, coords={"time": np.arange(len(frames), dtype=float)}
    )


TWO_CENTRES = moving([0.0, 3.0, 0.5, 2.0], [0.0, 3.0, 0.05, 2.0], [0.0, 2.5, 0.05, 2.45])


def test_capture_follows_the_centres_present_positions():
    """Beta 16, c = 4, delta = 1: tokens 0 and 1 are centres (3 is exactly delta from 1); radius 0.1 rad."""
    found = capture.measure(TWO_CENTRES, beta=16.0, radius=0.4)
    assert found["captured"].sel(kind="strong").values.tolist() == [[0.5, 0.75, 1.0]]


def test_blocks_of_frames_give_what_the_whole_gives():
    whole = capture.measure(TWO_CENTRES, beta=16.0, radius=0.4)
    chunked = TWO_CENTRES.copy()
    chunked["x"].encoding["chunks"] = (1, 2, 4, 2)
    xr.testing.assert_identical(capture.measure(chunked, beta=16.0, radius=0.4), whole)


def test_every_token_is_within_half_the_circle_and_none_but_centres_within_nothing():
    x = TWO_CENTRES["x"].values
    chosen = np.array([[True, True, False, False]])
    assert capture.share(x, chosen, 4.0).tolist() == [[1.0, 1.0, 1.0]]
    assert capture.share(x, chosen, 0.0).tolist() == [[0.5, 0.5, 0.5]]


def test_renyi_centres_capture_at_least_what_strong_ones_do():
    """Strong centres are a subset of the centres."""
    x = np.random.default_rng(1).standard_normal((20, 2, 80, 3))
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    trajectory = xr.Dataset({"x": (("run", "time", "token", "coord"), x)}, coords={"time": [0.0, 1.0]})
    found = capture.measure(trajectory, beta=16.0, radius=1.0)["captured"]
    assert (found.sel(kind="renyi") >= found.sel(kind="strong")).all()


def test_the_table_has_mean_interval_and_deciles():
    table = capture.find(capture.measure(TWO_CENTRES, beta=16.0, radius=0.4))["capture"]
    row = table[(table["kind"] == "strong") & (table["time"] == 1.0)].iloc[0]
    assert (row["value"], row["p10"], row["p90"], row["n"]) == (0.75, 0.75, 0.75, 1)
    assert np.isnan(row["lo"])


def test_start_of_the_independent_experiment_is_reproduced():
    """Beta 64, 200 tokens: 39.0 % and 27.4 % are within 1/8 rad of a centre at time 0."""
    angle = np.random.default_rng(2).uniform(0, 2 * np.pi, (200, 1, 200))
    x = np.stack([np.cos(angle), np.sin(angle)], -1)
    trajectory = xr.Dataset({"x": (("run", "time", "token", "coord"), x)}, coords={"time": [0.0]})
    assert trajectory.sizes["run"] == 200
    parameters = {
        "beta": 64, "tokens": 200, "dimension": 2, "mask": "causal", "attention": "softmax", "initial": None,
        "gap": {"scaled": 0.49}, "value": "identity", "query": "identity", "key": "identity", "capture": 1,
    "integrator": "ode",
    }  # fmt: skip
    found = capture.summarise(capture.measure(trajectory, beta=64.0, radius=1.0), parameters)
    assert found["captured_renyi_t0"].expectation.value == pytest.approx(0.390, abs=3e-3)
    assert found["captured_strong_t0"].expectation.value == pytest.approx(0.274, abs=3e-3)
    assert agrees(found["captured_renyi_t0"]).outcome == "agrees"
    assert agrees(found["captured_strong_t0"]).outcome == "agrees"
    others = capture.summarise(
        capture.measure(trajectory, beta=64.0, radius=2.0), parameters | {"capture": 2}
    )
    assert sorted(others) == ["captured_renyi_end", "captured_strong_end"]
    assert found["captured_strong_t0"].value == pytest.approx(0.274, abs=0.02)


def captured(*runs, times):
    """What `measure` gives for both kinds alike, shares[run][frame]."""
    values = np.array([runs, runs], float)
    dims = ("kind", "run", "time")
    return xr.Dataset(
        {"captured": (dims, values)}, coords={"kind": ["strong", "renyi"], "time": np.array(times)}
    )


SEED = {
    "beta": 64, "tokens": 200, "dimension": 2, "mask": "causal", "attention": "softmax", "initial": None,
    "gap": {"scaled": 0.49}, "value": "identity", "query": "identity", "key": "identity", "capture": 1,
    "integrator": "ode",
}  # fmt: skip


def test_headlines_take_the_last_frame_and_read_between_close_ones():
    """At t = 5, in ln time half way between 4.8 and 5.2083; t = 10 lies past the end, 0 is a frame."""
    found = capture.summarise(captured([0.3, 0.5, 0.7], [0.3, 0.7, 0.8], times=[0.0, 4.8, 25 / 4.8]), SEED)
    assert found["captured_strong_end"].value == pytest.approx(0.75)
    assert found["captured_renyi_t5"].value == pytest.approx((0.6 + 0.75) / 2)
    assert found["captured_renyi_t0"].value == 0.3
    assert {name.partition("_t")[2] for name in found if "_t" in name} == {"0", "5"}
    assert (found["captured_renyi_end"].rank, found["captured_strong_end"].rank) == (5, None)
    assert found["captured_renyi_end"].unit == "share"
    assert "within 1 / sqrt(beta) of a strong Rényi centre" in found["captured_strong_end"].sentence


def test_the_table_of_two_runs_worked_out_by_hand():
    """0.5 and 0.7: t(1) = 12.7 standard errors of 0.1 are cut at 0 and 1; deciles 0.52 and 0.68."""
    table = capture.find(captured([0.2, 0.5], [0.2, 0.7], times=[0.0, 1.0]))["capture"]
    assert table["kind"].tolist() == ["strong"] * 2 + ["renyi"] * 2
    assert table["time"].tolist() == [0, 1, 0, 1]
    assert table.iloc[3, 2:].tolist() == pytest.approx([0.6, 0.0, 1.0, 0.52, 0.68, 2])
    assert table.iloc[0, 2:5].tolist() == pytest.approx([0.2, 0.2 - 0.842 * 0.2, 0.2 + 0.842 * 0.8], abs=1e-3)


def test_a_token_at_the_radius_is_captured_and_beyond_it_is_not():
    """At 0.25 rad of a centre: within 0.2501 and within 0.25 to rounding, not within 0.2499."""
    angle = np.array([0.0, 0.25, 3.0])
    x = np.stack([np.cos(angle), np.sin(angle)], -1)[None, None]
    chosen = np.array([[True, False, False]])
    shares = [capture.share(x, chosen, radius)[0, 0] for radius in (0.2499, 0.2501, 2.9, 3.1, np.pi, 9.0)]
    assert shares == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1, 1, 1])
    assert (
        capture.share(x, chosen, 2 * np.arcsin(np.linalg.norm(x[0, 0, 1] - x[0, 0, 0]) / 2) + 1e-15)[0, 0]
        > 0.5
    )


def test_a_sphere_measures_all_coordinates():
    """Tokens that differ in the third coordinate only are apart."""
    x = np.array([[0.6, 0.0, 0.8], [0.6, 0.0, -0.8]])[None, None]
    assert capture.share(x, np.array([[True, False]]), 1.0)[0, 0] == 0.5


def test_the_table_takes_its_numbers_and_no_objects():
    """Two kinds of eight runs: 128 bytes per frame of table, a copy while both are joined, and the percentiles."""
    peaks = []
    for frames in (500, 5000):
        shares = np.random.default_rng(1).random((2, 8, frames))
        captured = xr.Dataset(
            {"captured": (("kind", "run", "time"), shares)},
            {"kind": ["strong", "renyi"], "time": np.arange(float(frames))},
        )
        tracemalloc.start()
        capture.find(captured)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 4500 < 500
