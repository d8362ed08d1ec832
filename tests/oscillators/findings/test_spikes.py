"""Spikes of a level made by hand."""

import numpy as np
import pytest

from emergent_dynamics.oscillators.findings import spikes
from tests.oscillators.experiments import assert_headline, by_hand, complete, cut


def test_spikes_as_level_events_and_first_time():
    """One unit: 0 1 1 0 1: rate 3/5, events at 1 and 4, first at 0.5, last at 2.0; the other never."""
    level = np.zeros((1, 5, 1, 1, 2), bool)
    level[0, [1, 2, 4], 0, 0, 0] = True
    found = spikes.find(by_hand(np.zeros(level.shape), level), complete())
    assert list(found["rates"]["rate"]) == [0, 0.5, 0.5, 0, 0.5]
    assert list(found["rates"]["events"]) == [0, 0.5, 0, 0, 0.5]
    assert found["first_spike"].ravel() == pytest.approx([0.5, np.nan], nan_ok=True)
    assert found["last_spike"].ravel() == pytest.approx([2.0, np.nan], nan_ok=True)
    assert list(found["events"].ravel()) == [2, 0]


def test_headlines_of_spikes_are_means_over_runs_inside_their_range():
    """Three runs of five frames, two units: run 0 spikes always, run 1 every other frame, run 2 one unit once."""
    level = np.zeros((3, 5, 1, 1, 2), bool)
    level[0, 1:] = True
    level[1, 1::2] = True
    level[2, 4, 0, 0, 0] = True
    tables = spikes.find(by_hand(np.zeros(level.shape), level), complete())
    rows = spikes.summarise(tables, complete())
    assert list(tables["rates"].index) == list(range(15)) and list(tables["rates"]["step"]) == [*range(5)] * 3
    assert_headline(rows["spike_rate"], [1, 0.5, 0.125], 1, "share")
    assert_headline(rows["spike_events"], [1, 2, 0.5], 2.5, "events")
    assert_headline(rows["spike_silent"], [0, 0, 0.5], 1, "share")
    last = rows["last_spike_time"]
    assert (last.value, last.ci[1], last.unit, last.n) == (
        pytest.approx((2 + 1.5 + 2) / 3),
        2.0,
        "model time",
        3,
    )


def test_what_the_frames_hide_and_who_never_spikes_is_said():
    level = np.zeros((3, 3, 1, 1, 2), bool)
    level[0, 1:] = level[1, 2] = True
    tables = spikes.find(by_hand(np.zeros(level.shape), level), complete())
    rows = spikes.summarise(tables, complete(save={"every": 4}))
    assert rows["spike_rate"].note == "as seen in frames every 4 steps"
    hidden = "as seen in frames every 4 steps; 1 of 3 runs are left out: no unit spikes"
    assert rows["last_spike_time"].note == hidden
    alone = spikes.find(by_hand(np.zeros((1, 3, 1, 1, 2)), level[:1]), complete())
    assert spikes.summarise(alone, complete())["spike_rate"].note == "no interval: one run"
    silent = spikes.find(by_hand(np.zeros((1, 3, 1, 1, 2)), level[2:]), complete())
    assert np.isnan(spikes.summarise(silent, complete())["last_spike_time"].value)


def test_first_last_and_events_do_not_depend_on_how_the_store_is_cut(monkeypatch):
    """A level that lasts over the end of a chunk is one event."""
    rng = np.random.default_rng(6)
    level = rng.random((2, 40, 2, 3, 3)) < 0.3
    level[:, 0] = False
    theta = np.zeros(level.shape)
    whole = spikes.find(by_hand(theta, level), complete())
    monkeypatch.setattr(spikes, "slices", cut(7))
    parts = spikes.find(by_hand(theta, level), complete())
    for name in ("first_spike", "last_spike", "events"):
        np.testing.assert_array_equal(whole[name], parts[name])
    begins = level & ~np.concatenate([np.zeros_like(level[:, :1]), level[:, :-1]], 1)
    np.testing.assert_array_equal(whole["events"], begins.sum(1))
    np.testing.assert_array_equal(whole["first_spike"], np.where(level.any(1), 0.5 * level.argmax(1), np.nan))
    assert {name: v.dims for name, v in spikes.variables(whole).items()} == dict.fromkeys(
        ("first_spike", "last_spike", "events"), ("run", "channel", "y", "x")
    )
