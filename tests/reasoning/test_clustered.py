"""Means and shares of examples that come in classes."""

import numpy as np
import pytest
from scipy import stats

from emergent_dynamics.reasoning import clustered
from emergent_dynamics.statistics import mean_interval


@pytest.mark.parametrize(("hits", "n"), [(0, 12), (3, 12), (12, 12), (1, 400), (199, 400)])
def test_the_share_of_independent_examples_has_clopper_and_pearson_s_interval(hits, n):
    found = clustered.share(np.arange(n) < hits, np.arange(n))
    exact = stats.binomtest(hits, n).proportion_ci(method="exact")
    assert (found.lo, found.hi) == pytest.approx((exact.low, exact.high), abs=1e-9)
    assert (found.value, found.n) == (hits / n, n)


def test_the_mean_of_independent_values_has_student_s_interval():
    x = np.random.default_rng(0).standard_normal(20)
    found, usual = clustered.mean(x, np.arange(20)), mean_interval(x)
    assert (found.value, found.lo, found.hi, found.standard_error) == pytest.approx(
        (usual.value, usual.lo, usual.hi, usual.standard_error)
    )


def test_copies_of_an_example_add_nothing():
    """Every value five times: mean, error and interval stay those of the classes, and so does a share's."""
    x = np.random.default_rng(1).standard_normal(16)
    one, five = clustered.mean(x, np.arange(16)), clustered.mean(np.tile(x, 5), np.tile(np.arange(16), 5))
    assert (five.value, five.lo, five.hi, five.n) == pytest.approx((one.value, one.lo, one.hi, 16))
    one, five = (
        clustered.share(x > 0, np.arange(16)),
        clustered.share(np.tile(x > 0, 5), np.tile(np.arange(16), 5)),
    )
    assert (five.value, five.lo, five.hi, five.n) == pytest.approx((one.value, one.lo, one.hi, 16))


def test_the_error_of_unequal_classes_is_that_of_a_ratio():
    """Classes {1, 3}, {5}, {9, 11, 13}: mean 7; sums of residuals -10, -2, 12; m / (m - 1) = 3 / 2; N = 6."""
    found = clustered.mean(np.array([1.0, 3, 5, 9, 11, 13]), np.array([4, 4, 7, 9, 9, 9]))
    error = np.sqrt(1.5 * (100 + 4 + 144)) / 6
    assert (found.value, found.n) == (7.0, 3) and found.standard_error == pytest.approx(error)
    assert found.hi - found.value == found.value - found.lo == pytest.approx(stats.t.ppf(0.975, 2) * error)


def test_the_share_of_unequal_classes_has_its_effective_size():
    """Korn & Graubard 1998: n* = 1 + p (1 - p) / variance of the ratio; here 3 of 6 in classes of 2, 1 and 3."""
    hit, cluster = np.array([1, 1, 0, 1, 0, 0], bool), np.array([0, 0, 1, 2, 2, 2])
    variance = 1.5 * (1.0**2 + 0.5**2 + 0.5**2) / 36
    size = 1 + 0.25 / variance
    found = clustered.share(hit, cluster)
    assert found.lo == pytest.approx(stats.beta.ppf(0.025, size / 2, size / 2 + 1))
    assert found.hi == pytest.approx(stats.beta.ppf(0.975, size / 2 + 1, size / 2))
    assert found.n == 3


def test_classes_that_balance_each_other_do_not_make_more_examples_than_there_are():
    hit, cluster = np.tile([True, False], 10), np.repeat(np.arange(10), 2)
    found, exact = clustered.share(hit, cluster), stats.binomtest(10, 20).proportion_ci(method="exact")
    assert (
        found.n == 10 and found.hi - found.lo > exact.high - exact.low
    )  # no class differs: 10 of them count


@pytest.mark.parametrize("hit", [True, False])
def test_a_share_that_all_classes_have_is_as_sure_as_their_number(hit):
    """Ten classes of two: Clopper and Pearson's end for 10 of 10, .025^(1/10)."""
    found = clustered.share(np.full(20, hit), np.repeat(np.arange(10), 2))
    assert (found.lo, found.hi) == pytest.approx((0.025**0.1, 1.0) if hit else (0.0, 1 - 0.025**0.1))


def test_nothing_and_a_single_class_have_no_interval():
    assert np.isnan(clustered.share(np.empty(0, bool), np.empty(0, int)).value)
    assert clustered.mean(np.empty(0), np.empty(0, int)).n == 0
    single = clustered.mean(np.arange(3.0), np.zeros(3, int))
    assert (single.value, single.n, single.ci) == (1.0, 1, None)


@pytest.mark.slow
@pytest.mark.parametrize("classes", [30, 80])
def test_the_intervals_cover_as_often_as_they_say(classes):
    """Classes of 1 to 6 examples with shares (beta 1.2, .8) and means of their own, 2,000 repeats: 93 to 97 % of the
    means,
    and of the shares at most 98.5 % (Clopper and Pearson's is conservative)."""
    rng = np.random.default_rng(classes)
    inside = np.zeros(2)
    for _ in range(2000):
        cluster = np.repeat(np.arange(classes), rng.integers(1, 7, classes))
        chance = rng.beta(1.2, 0.8, classes)[cluster]
        share = clustered.share(rng.random(len(cluster)) < chance, cluster)
        mean = clustered.mean(
            rng.standard_normal(classes)[cluster] + rng.standard_normal(len(cluster)), cluster
        )
        inside += share.lo <= 0.6 <= share.hi, mean.lo <= 0 <= mean.hi
    assert 0.93 <= inside[0] / 2000 <= 0.985 and 0.93 <= inside[1] / 2000 <= 0.97
