"""Capture: by hand, in blocks, and monotone in the radius."""

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics.causal.findings import capture


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
    parameters = {
        "beta": 64, "tokens": 200, "dimension": 2, "mask": "causal", "attention": "softmax", "initial": None,
        "gap": {"scaled": 0.49}, "value": "identity", "query": "identity", "key": "identity", "capture": 1,
    }  # fmt: skip
    found = capture.summarise(capture.measure(trajectory, beta=64.0, radius=1.0), parameters)
    assert found["captured_renyi_t0"].expected == 0.390
    assert found["captured_renyi_t0"].ok
    assert found["captured_strong_t0"].ok
    assert found["captured_strong_t0"].value == pytest.approx(0.274, abs=0.02)
