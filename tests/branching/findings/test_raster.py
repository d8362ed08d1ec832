"""Avalanches between silent frames, and how often the driven network is silent."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from emergent_dynamics.branching.exponents import Windows
from emergent_dynamics.branching.findings import raster
from tests.branching.findings import independent as other


def runs_by_hand(activity):
    """(size, duration) of what lies between silent frames, frame by frame."""
    found, size, duration, open_ = [], 0, 0, activity[0] == 0
    for a in activity:
        if a == 0:
            if duration and open_:
                found.append((size, duration))
            size, duration, open_ = 0, 0, True
        elif open_:
            size, duration = size + a, duration + 1
    return found


@pytest.mark.parametrize("s", range(other.P))
def test_every_column_is_that_of_a_loop_over_frames(run, s):
    r, frames = run.tables["raster"].iloc[s], other.frames(run.path, s)
    found = np.array([pair for one in frames for pair in runs_by_hand(one)])
    assert (r["sigma"], r["rule"], r["n"]) == (other.EXPERIMENT["sigma"][s], "linear", len(found))
    assert r["spontaneous"] == other.EXPERIMENT["spontaneous"][s]
    size = found[:, 0]
    interval = stats.t.interval(0.95, size.size - 1, size.mean(), stats.sem(size))
    assert (r["mean_size"], r["mean_size_lo"], r["mean_size_hi"]) == pytest.approx((size.mean(), *interval))
    assert r["mean_duration"] == pytest.approx(found[:, 1].mean())
    tau = other.exponent(dict(zip(*np.unique(size, return_counts=True), strict=True)), other.SIZES)
    n = ((size >= 5) & (size <= 10)).sum()
    half = 1.959963984540054 / np.sqrt(n * other.information_of(tau, other.SIZES))
    assert (r["tau"], r["tau_lo"], r["tau_hi"]) == pytest.approx((tau, tau - half, tau + half), rel=1e-7)
    assert r["p_silent_exact"] == pytest.approx(other.driven(s)[0][:, 0].prod(), rel=1e-9)
    assert r["reason"] == ""


@pytest.mark.parametrize("s", range(other.P))
def test_the_share_of_silent_frames_has_the_interval_of_blocks_of_four_depths(run, s):
    """5993 frames a run, blocks of 32 and more: 187 per run."""
    r, frames = run.tables["raster"].iloc[s], other.frames(run.path, s)
    assert r["blocks"] == 3 * 187
    shares = [(block == 0).mean() for one in frames for block in np.array_split(one, 187)]
    interval = stats.t.interval(0.95, 560, np.mean(shares), stats.sem(shares))
    shift = r["p_silent"] - np.mean(shares)
    assert r["p_silent"] == pytest.approx((frames == 0).mean(), rel=1e-12)
    assert (r["p_silent_lo"], r["p_silent_hi"]) == pytest.approx(np.array(interval) + shift)


def test_silence_never_or_always_is_not_certain_and_stays_a_share():
    """64 frames, depth 2: 8 blocks; without a silent one [0, 1 - 0.025^(1/8)] = [0, 0.369]."""
    never, always = (raster.silent_share(np.full((1, 64), a), 2) for a in (3, 0))
    assert (never.value, never.n) == (0.0, 8) and never.ci == pytest.approx((0.0, 0.36942), abs=1e-5)
    assert always.value == 1.0 and always.ci == pytest.approx((1 - 0.36942, 1.0), abs=1e-5)
    rare = np.ones((1, 64), int)
    rare[0, 5] = 0
    found = raster.silent_share(rare, 2)
    assert found.value == 1 / 64 and found.lo == 0.0 < found.hi
    assert raster.silent_share(1 - rare, 2).hi == 1.0
    assert raster.silent_share(rare, 100).n == 1


def test_thresholds_and_bins_by_hand():
    """0 2 3 0 0 1 0 5 holds (2 + 3, 2 bins) and (1, 1 bin); the last one is cut by the end."""
    sizes, durations = raster.raster_avalanches(np.array([0, 2, 3, 0, 0, 1, 0, 5]))
    assert sizes.tolist() == [5, 1] and durations.tolist() == [2, 1]
    sizes, durations = raster.raster_avalanches(np.array([0, 0, 0, 2, 3, 0, 0, 0, 9]), frames_per_bin=2)
    assert sizes.tolist() == [5] and durations.tolist() == [2]
    assert raster.raster_avalanches(np.array([3, 3, 3]))[0].size == 0
    assert raster.raster_avalanches(np.array([1, 5, 1, 6, 7, 1]), threshold=1)[0].tolist() == [5, 13]
    sizes, durations = raster.raster_avalanches(
        np.array([4, 0, 2, 0, 7])
    )  # the first has begun before the record
    assert sizes.tolist() == [2] and durations.tolist() == [1]
    assert raster.raster_avalanches(np.array([4, 0, 0]))[0].size == 0


def test_threshold_bin_and_window_are_the_users(run):
    """Two frames a bin, silent up to 3 neurons, sizes 4 to 30: by a loop over bins."""
    windows = Windows.of_network(8, 48, {"tau": [4, 30]})
    settings = {"threshold": 3, "bin": 2}
    table = raster.find(run.trajectory.activity, run.trajectory.p, settings, windows)["raster"]
    for s, r in table.iterrows():
        frames = other.frames(run.path, s)
        bins = frames[:, : frames.shape[1] // 2 * 2].reshape(3, -1, 2).sum(-1)
        found = np.array([pair for one in bins for pair in runs_by_hand(np.where(one > 3, one, 0))])
        assert (r["n"], r["threshold"], r["bin"], r["tau_window"]) == (len(found), 3, 2, "4-30")
        assert r["mean_size"] == pytest.approx(found[:, 0].mean())
        assert r["mean_duration"] == pytest.approx(found[:, 1].mean())
        counts = dict(zip(*np.unique(found[:, 0], return_counts=True), strict=True))
        assert r["tau"] == pytest.approx(other.exponent(counts, (4, 30)), rel=1e-7)
    assert set(table["p_silent"]) == set(
        run.tables["raster"]["p_silent"]
    )  # frames without a spike, as before


def test_sizes_smaller_than_the_window_are_fitted_in_all_of_it(run):
    """Sizes 5, 6 and 7 only: the window still ends at 10."""
    p = replace(run.trajectory.p, sigma=(1.0,), spontaneous=(0.01,))
    sizes = [5] * 9 + [6] * 5 + [7] * 3
    activity = np.array([0, *(a for size in sizes for a in (size, 0))])[None, None]
    r = raster.find(activity, p)["raster"].iloc[0]
    assert r["n"] == 17 and r["tau"] == pytest.approx(
        other.exponent({5: 9, 6: 5, 7: 3}, other.SIZES), rel=1e-7
    )


def test_headlines_are_the_share_of_silent_frames_at_the_sigmas_shown(run):
    found = {n: h for n, h in run.headlines.items() if n.startswith("silent_frames")}
    assert list(found) == [f"silent_frames_sigma_{s:g}" for s in other.EXPERIMENT["sigma"]]
    for s, h in enumerate(found.values()):
        r = run.tables["raster"].iloc[s]
        assert (h.unit, h.n, h.ci) == ("share", r["blocks"], (r["p_silent_lo"], r["p_silent_hi"]))
    assert h.sentence == "Share of frames of the driven network without any activity at σ = 1.3"
