"""Series on disk: sums with the bits of NumPy, and the memory of what reads them, at one length and at ten."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from emergent_dynamics.branching import galton_watson, regression, series
from emergent_dynamics.branching.findings import raster, response
from emergent_dynamics.branching.series import PIECE
from emergent_dynamics.statistics import mean_interval

LENGTHS = (1, 7, 129, PIECE, PIECE + 1, 5 * PIECE + 13, 1_579_951)


def drawn(length):
    return np.random.default_rng(1).poisson(3.0, length).astype(np.uint32)


@pytest.mark.parametrize("length", LENGTHS)
def test_sums_over_pieces_have_the_bits_of_numpy(length):
    whole = drawn(length)
    assert series.mean(whole) == whole.mean()
    assert series.variance(whole) == whole.var()
    real = np.random.default_rng(2).random(length)
    sums, half = series.Sums(np.array_split(real, 7)), length // 2
    assert (sums.add(half), sums.add(length - half)) == (real[:half].sum(), real[half:].sum())


@pytest.mark.parametrize(
    "values", [[], [3], [4, 4, 4], [1, 2], drawn(1000).astype(int), drawn(3 * PIECE).astype(int)]
)
def test_the_interval_of_a_mean_over_pieces_is_that_of_all_values(values):
    whole = np.array(values, int)
    assert repr(series.interval_of_mean(lambda: np.array_split(whole, 7))) == repr(mean_interval(whole))


def test_pieces_are_cut_like_those_of_numpy():
    for n in (3, 20, 21, 399):
        ends = np.append(0, np.cumsum([part.size for part in np.array_split(np.zeros(n), 20)]))
        assert series.cuts(n, 20).tolist() == ends.tolist()


def test_avalanches_do_not_depend_on_the_pieces(monkeypatch):
    activity = drawn(3001) * (np.random.default_rng(3).random(3001) < 0.7)
    whole = raster.raster_avalanches(activity, 1, 2)
    draws = galton_watson.subsample(activity, 0.3, 1)
    lagged = regression.lagged(activity, 30)
    monkeypatch.setattr(series, "PIECE", 8)
    assert all(
        np.array_equal(*pair) for pair in zip(raster.raster_avalanches(activity, 1, 2), whole, strict=True)
    )
    assert np.array_equal(galton_watson.subsample(activity, 0.3, 1), draws)
    assert np.array_equal(regression.lagged(activity, 30).products, lagged.products)


def everything(activity):
    """All that response, ratio and avalanches compute from the activity (run, time) of a network of 20,000 layers."""
    response.susceptibility(activity, 1000)
    raster.silent_share(activity, 20_000)
    for _ in raster._of_runs(activity, 0, 1):
        pass
    watched = galton_watson.subsample(activity, 0.1, 1, series.on_disk(activity.shape, np.int64))
    for seen in (activity, watched):
        regression.lagged(seen[0], 49)
        regression.descendants(seen.reshape(-1))


def peak(length):
    activity = series.on_disk((2, length), np.uint32)
    for run in activity:
        run[:] = drawn(length)
    tracemalloc.start()
    everything(activity)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return held


def test_ten_times_the_steps_take_no_more_memory(monkeypatch):
    """A jackknife block of the shorter series has two pieces; 20 blocks of 13 MB would hold 24 MB more."""
    monkeypatch.setattr(series, "PIECE", 2**13)
    short, long = (peak(times * 40 * 2**13) for times in (1, 10))
    assert long <= 1.05 * short


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_what_was_read_from_a_file_does_not_stay_in_memory():
    """64 MB are written and read, and the process holds less than 8 MB of files more."""

    def of_files():
        lines = Path("/proc/self/status").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(("RssFile", "RssShmem"))) / 1024

    activity = series.on_disk((2**24,), np.uint32)
    before = of_files()
    for first in range(0, activity.size, 2**20):
        activity[first : first + 2**20] = first
        series.release(activity)
        assert of_files() < before + 8
    assert series.mean(activity) == activity.size / 2 - 2**19
    assert of_files() < before + 8
