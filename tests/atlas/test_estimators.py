"""Estimates of the atlas against cases that are known: exact ones first, then coverage."""

import numpy as np
import pytest
from scipy import special, stats

from emergent_dynamics.atlas import estimators
from emergent_dynamics.statistics import bounded_mean_interval


def test_a_rate_is_the_logarithm_of_the_mean_damage_where_healed_twins_count():
    """Mean 2.5 over two worlds, a window of 5: ln 2.5 / 5; the mean of logarithms would be undefined."""
    found = estimators.log_mean_rate(np.array([[0, 4], [5, 1]]), 5.0)
    assert found.value == pytest.approx(np.log(2.5) / 5, rel=1e-14) and found.n == 2


def test_the_error_of_a_rate_counts_worlds_and_not_twins():
    """Twins of a world that are copies of one another add nothing to what is known."""
    damage = np.random.default_rng(1).poisson(6.0, (6, 1)).astype(float)
    one, many = (estimators.log_mean_rate(np.repeat(damage, k, axis=1), 5.0) for k in (1, 50))
    assert one.ci == pytest.approx(many.ci, rel=1e-12) and one.n == many.n == 6


def test_the_jackknife_of_two_worlds_is_what_its_formula_says():
    """Left out one at a time: 4 and 2, so the error is |ln 4 - ln 2| / 2; Student with one degree: 12.706."""
    found = estimators.log_mean_rate(np.array([[2.0], [4.0]]), 1.0)
    assert found.standard_error == pytest.approx(np.log(2) / 2, rel=1e-12)
    assert found.hi - found.value == pytest.approx(12.7062047 * np.log(2) / 2, rel=1e-7)


def test_damage_that_has_healed_everywhere_has_no_rate():
    found = estimators.log_mean_rate(np.zeros((4, 8)), 5.0)
    assert np.isnan(found.value) and found.ci is None and found.n == 4
    assert estimators.log_mean_rate(np.array([[1.0], [0.0]]), 5.0).ci is None


@pytest.mark.parametrize("offset", [-0.3, 0.0, 0.2])
def test_the_zero_of_a_straight_line_is_found_exactly(offset):
    x = np.array([1.0, 1.5, 2.0, 4.0])
    assert estimators.zero(x, 3 * (x - 2 - offset)) == pytest.approx(2 + offset, rel=1e-14)
    assert np.isnan(estimators.zero(x, -x)) and np.isnan(estimators.zero(x, np.zeros(4)))


def test_a_crossing_is_interpolated_where_the_difference_turns_positive():
    x = np.array([1.0, 2.0, 4.0])
    found = estimators.crossing(x, np.array([[-1, -1, 3], [-2, 1, 5], [1, 2, 3], [-1, -1, -1], [3, -1, 1]]))
    np.testing.assert_allclose(found, [2.5, 1 + 2 / 3, np.nan, np.nan, 3.0], rtol=1e-14)


def test_an_interval_is_refused_where_too_many_resamples_have_none():
    resampled = np.linspace(0.0, 1.0, 1000)
    found, note = estimators.percentile_interval(0.5, resampled, 8)
    assert found.ci == pytest.approx((0.00574, 0.99426), abs=1e-5) and note == ""
    assert estimators.percentile_interval(0.5, resampled, 1)[0].ci is None
    resampled[:60] = np.nan
    found, note = estimators.percentile_interval(0.5, resampled, 8)
    assert np.isnan(found.value) and note == "6% of the resamples have none"


@pytest.mark.parametrize("n", [2, 8, 250])
def test_the_expanded_interval_of_normal_resamples_is_students(n):
    """Resampled means have the variance (n - 1) / n of the estimate: their expanded quantiles are -t and t."""
    quantile = stats.norm.ppf(estimators.expanded_level(n), scale=np.sqrt((n - 1) / n))
    assert quantile == pytest.approx(-stats.t.ppf(0.975, n - 1), rel=1e-9)


def test_the_expanded_interval_covers_where_that_of_plain_percentiles_does_not():
    """Means of 8 normal values, 1,000 repeats: 92 to 97 %; the 2.5 and 97.5 % quantiles have less than 91 %."""
    values = np.random.default_rng(3).normal(size=(1000, 8))
    resampled = values[:, estimators.resamples(8, 1, "toy", 1000)].mean(-1)
    hits = {
        level: (np.abs(np.sign(np.quantile(resampled, [level, 1 - level], axis=1)).sum(0)) < 2).mean()
        for level in (estimators.expanded_level(8), 0.025)
    }
    expanded, plain = hits.values()
    assert 0.92 < expanded < 0.97 and plain < 0.91
    found, _ = estimators.percentile_interval(float(values[0].mean()), resampled[0], 8)
    assert found.ci == pytest.approx(np.quantile(resampled[0], [0.0057375, 0.9942625]), rel=1e-4)


def test_the_studentized_interval_covers_where_few_values_lie_far_below():
    """Deficits of 16 shares are Weibull with shape 0.8, 400 repeats: 92 to 97 %, Student's interval less than 90 %."""
    values = 1 - np.random.default_rng(1).exponential(0.02, (400, 16)) ** 1.25
    truth = 1 - 0.02**1.25 * special.gamma(2.25)
    skewed = [estimators.skewed_mean_interval(own, 1, "toy") for own in values]
    plain = [bounded_mean_interval(own) for own in values]
    hits = [np.mean([found.lo <= truth <= found.hi for found in all_of]) for all_of in (skewed, plain)]
    assert hits[1] < 0.90 and 0.92 < hits[0] < 0.97
    assert all(found.value == own.value and found.hi <= 1 for found, own in zip(skewed, plain, strict=True))


@pytest.mark.parametrize("values", [[0.1, 0.2, 0.4], [0.5] * 8, [0, 0, 0, 0, 0, 0, 0, 0.3]])
def test_few_or_mostly_equal_values_have_the_interval_of_bounded_ones(values):
    """Three values, equal ones, and one that a third of the resamples lack, whose errors are 0."""
    assert estimators.skewed_mean_interval(np.array(values), 1, "toy") == bounded_mean_interval(
        np.array(values)
    )


def test_resamples_are_the_same_for_every_curve_that_shares_them():
    one, other = (estimators.resamples(12, 3, "toy", count) for count in (50, 10))
    assert one.shape == (50, 12) and np.array_equal(one[:10], other) and one.min() == 0 and one.max() == 11


def test_none_of_many_leaves_three_in_as_many_possible():
    """(1 - p)^n = 5 %: the rule of three for many, 95 % for one."""
    assert estimators.unseen(1) == pytest.approx(0.95) and estimators.unseen(2) == pytest.approx(
        1 - 0.05**0.5
    )
    assert estimators.unseen(10**6) * 10**6 == pytest.approx(-np.log(0.05), rel=1e-5)


def test_the_interval_of_a_rate_covers():
    """Worlds of mean damage exp(Normal(1, 1/2)), 4 twins each: ln of its mean, 1 + 1/8, in 90 to 98 % of 400."""
    rng, hits = np.random.default_rng(7), 0
    for _ in range(400):
        damage = rng.poisson(np.exp(rng.normal(1, 0.5, (16, 1))), (16, 4))
        found = estimators.log_mean_rate(damage, 1.0)
        hits += found.lo <= 1.125 <= found.hi
    assert 360 <= hits <= 392


def test_the_interval_of_a_crossing_covers():
    """Two noisy lines that cross at 2: the bootstrap over 16 runs covers it in 88 to 99 % of 100 repeats."""
    rng, x, hits = np.random.default_rng(5), np.array([1.0, 1.5, 2.0, 2.5, 3.0]), 0
    for _ in range(100):
        runs = x - 2 + rng.normal(0, 0.4, (16, 1)) + rng.normal(0, 0.2, (16, 5))
        drawn = rng.integers(16, size=(400, 16))
        resampled = estimators.crossing(x, runs[drawn].mean(1))
        found, _ = estimators.percentile_interval(float(estimators.crossing(x, runs.mean(0))), resampled, 16)
        hits += found.lo <= 2 <= found.hi
    assert 88 <= hits <= 99
