"""Kaplan and Meier's curve beside SciPy's, by hand, and by how often its band holds the truth."""

import numpy as np
from scipy import special, stats

from emergent_dynamics.statistics import survival


def lives(rng, units):
    """Lives of 5 to 15 per unit, which share a random rate of their unit, and a third of which are cut."""
    unit = np.repeat(np.arange(units), rng.integers(5, 16, units))
    age = rng.exponential(1, len(unit)) * rng.gamma(4, 1, units)[unit]
    cut = rng.exponential(8, len(unit))
    return np.minimum(age, cut), age <= cut, unit


def test_of_independent_lives_it_is_scipys_curve_with_greenwoods_band():
    """60 lives with ties; SciPy's normal quantile at the level that gives Student's for 59 times sqrt(60 / 59)."""
    rng = np.random.default_rng(2)
    age, cut = np.ceil(rng.exponential(10, 60)), np.ceil(rng.exponential(20, 60))
    ended = age <= cut
    known = stats.ecdf(stats.CensoredData.right_censored(np.minimum(age, cut), ~ended)).sf
    level = 2 * special.ndtr(special.stdtrit(59, 0.975) * (60 / 59) ** 0.5) - 1
    band = known.confidence_interval(level, method="log-log")
    at = known.quantiles[(known.probabilities > 0) & (known.probabilities < 1)]
    value, lo, hi, followed = survival(np.minimum(age, cut), ended, np.arange(60), at)
    assert len(at) > 10
    np.testing.assert_allclose(value, known.evaluate(at), rtol=1e-12)
    np.testing.assert_allclose(lo, band.low.evaluate(at), rtol=1e-10)
    np.testing.assert_allclose(hi, band.high.evaluate(at), rtol=1e-10)
    assert followed.tolist() == [(np.minimum(age, cut) >= t).sum() for t in at]


def test_a_unit_that_is_doubled_is_still_one():
    """Every life twice in its unit: the same curve and band as once."""
    age, ended, unit = lives(np.random.default_rng(3), 20)
    at = np.quantile(age, [0.1, 0.4, 0.8])
    once, twice = survival(age, ended, unit, at), survival(*(np.tile(a, 2) for a in (age, ended, unit)), at)
    np.testing.assert_allclose(once[:3], twice[:3], rtol=1e-12)
    assert (twice[3] == 2 * once[3]).all()


def test_what_has_no_band_is_undefined():
    """Before the first end, after the last, and of a single unit; without lives nothing is known."""
    age, ended = np.array([1.0, 2.0, 3.0]), np.array([False, True, True])
    value, lo, hi, followed = survival(age, ended, np.arange(3), np.array([1.5, 2.5, 3.0]))
    assert value.tolist() == [1.0, 0.5, 0.0] and followed.tolist() == [2, 1, 1]
    assert np.isnan(lo).tolist() == np.isnan(hi).tolist() == [True, False, True]
    assert np.isnan(survival(age, ended, np.zeros(3), np.array([2.5]))[1])
    assert survival(age, ~ended & False, np.arange(3), np.array([9.0]))[0] == 1.0
    assert np.isnan(survival(age[:0], ended[:0], age[:0], np.array([1.0]))).all()


def test_the_band_covers_at_each_time():
    """40 units, 200 repeats, at shares of 0.8, 0.5 and 0.2 of a million lives: 95 % within 4 standard errors."""
    rng = np.random.default_rng(1)
    at = np.quantile(rng.exponential(1, 10**6) * rng.gamma(4, 1, 10**6), [0.2, 0.5, 0.8])
    bands = np.array([survival(*lives(rng, 40), at)[1:3] for _ in range(200)])
    truth = np.array([0.8, 0.5, 0.2])
    covered = ((bands[:, 0] <= truth) & (truth <= bands[:, 1])).sum(axis=0)
    assert (abs(covered - 190) < 4 * (200 * 0.95 * 0.05) ** 0.5).all()
