"""The jackknife and the place at which a curve is largest."""

import numpy as np
import pytest
from scipy import stats

from emergent_dynamics.branching.resampling import jackknife, place_of_largest

GRID = (0.8, 0.9, 1.0, 1.1, 1.2)


def test_the_jackknife_of_a_mean_is_students_interval():
    """Its error is the standard error of the mean, exactly."""
    x = np.random.default_rng(1).normal(size=12)
    found = jackknife(x.mean(), (x.sum() - x) / 11)
    half = stats.t.ppf(0.975, 11) * stats.sem(x)
    assert (found.value, found.lo, found.hi) == pytest.approx((x.mean(), x.mean() - half, x.mean() + half))
    assert found.n == 12 and found.standard_error == pytest.approx(stats.sem(x))
    assert np.isnan(jackknife(1.0, np.ones(1)).lo) and jackknife(1.0, np.zeros(0)).value == 1.0


def test_the_interval_reaches_to_the_neighbours_of_the_place():
    """All runs have their largest value at 1: the peak of the curve lies between 0.9 and 1.1."""
    curves = np.tile(np.array([[1.0], [2.0], [3.0], [2.0], [1.0]]), (1, 8))
    found = place_of_largest(GRID, curves, 1)
    assert (found.value, found.lo, found.hi, found.n) == (1.0, 0.9, 1.1, 8)
    rising = place_of_largest(GRID, np.tile(np.arange(5.0)[:, None], (1, 9)), 1)
    assert (rising.value, rising.lo, rising.hi) == (1.2, 1.1, 1.2)


def test_a_place_is_the_one_of_the_mean_curve_and_undefined_values_are_left_out():
    curves = np.array([[1.0, 1.0], [5.0, 0.0], [3.0, 3.0], [np.nan, 3.5], [np.nan, np.nan]])
    found = place_of_largest(GRID, curves, 1)
    assert found.value == 1.1 and np.isnan(found.lo) and found.n == 2
    assert np.isnan(place_of_largest(GRID, np.full((5, 3), np.nan), 1).value)


@pytest.mark.slow  # 300 samples of 10 and of 20 runs: 4 s
@pytest.mark.parametrize("runs", [10, 20])
def test_the_interval_of_a_place_covers(runs):
    """A parabola with its peak at 1.03, between two points of the grid, and noise of a fifth of its height."""
    rng, grid, inside = np.random.default_rng(5), np.linspace(0.8, 1.2, 9), []
    for _ in range(300):
        curves = 1 - 25 * (grid[:, None] - 1.03) ** 2 + 0.2 * rng.normal(size=(9, runs))
        found = place_of_largest(grid, curves, 1)
        inside.append(found.lo <= 1.03 <= found.hi)
    assert np.mean(inside) >= 0.93
