"""Intervals by hand, from published tables, and by how often they hold the truth."""

import math
import warnings

import numpy as np
import pytest

from emergent_dynamics.statistics import (
    Estimate,
    bootstrap_interval,
    bounded_mean_interval,
    deviation_interval,
    mean_interval,
    proportion_interval,
    quotient_interval,
    student_p,
    unskewed_mean_interval,
)


def test_the_interval_of_a_quotient_ends_where_numerator_minus_quotient_times_denominator_is_significant():
    """At both ends (a - q b)^2 = 1.96^2 (v_aa - 2 q v_ab + q^2 v_bb); none if b is within 1.96 errors of 0."""
    a, b, covariance = -2.0, 3.0, np.array([[0.5, 0.3], [0.3, 0.8]])
    for end in quotient_interval((a, b), covariance):
        variance = covariance[0, 0] - 2 * end * covariance[0, 1] + end**2 * covariance[1, 1]
        assert (a - end * b) ** 2 == pytest.approx(1.959963984540054**2 * variance)
    lo, hi = quotient_interval((a, b), covariance)
    assert lo < a / b < hi
    for denominator in (1.96 * np.sqrt(0.8) - 1e-4, np.nan):
        assert np.isnan(quotient_interval((a, denominator), covariance)).all()


@pytest.mark.slow  # two seconds of statistics
def test_the_interval_of_a_quotient_covers():
    """20,000 pairs round 2 and 1 with errors 0.5 and 0.25: an interval for all but 2 %, which holds 2 in 95 %."""
    rng = np.random.default_rng(7)
    covariance = np.array([[0.25, 0.05], [0.05, 0.0625]])
    pairs = rng.multivariate_normal([2.0, 1.0], covariance, 20_000)
    ends = np.array([quotient_interval(tuple(pair), covariance) for pair in pairs])
    known = ~np.isnan(ends[:, 0])
    inside = (ends[:, 0] <= 2) & (ends[:, 1] >= 2)
    assert known.mean() == pytest.approx(0.979, abs=0.01)  # P(1 + 0.25 N > 0.49)
    assert inside[known].mean() == pytest.approx(0.95, abs=0.01)


def test_the_skewed_mean_has_halls_interval():
    """At both ends t + g t^2 / 3 + g^2 t^3 / 27 + g / 6 is Student's quantile, g the skewness over sqrt(n)."""
    values = np.array([0.1, 0.2, 0.15, 0.1, 0.4, 0.12, 0.2, 0.1])
    g = ((values - values.mean()) ** 3).mean() / values.std() ** 3 / math.sqrt(8)
    found, error = unskewed_mean_interval(values), values.std(ddof=1) / math.sqrt(8)
    for end, quantile in zip(found.ci, (2.364624251592784, -2.364624251592784), strict=True):
        t = (values.mean() - end) / error
        assert t + g * t**2 / 3 + g**2 * t**3 / 27 + g / 6 == pytest.approx(quantile)
    assert found.value - found.lo < found.hi - found.value and found.standard_error == pytest.approx(error)
    mirrored = unskewed_mean_interval(1 - values)
    assert mirrored.ci == pytest.approx((1 - found.hi, 1 - found.lo))


def test_without_skewness_the_interval_is_students_and_equal_values_are_not_certain():
    even = np.array([0.2, 0.3, 0.4, np.nan])
    for values in (even, even + np.array([0, 1e-7, 0, 0]), np.ones(8), np.array([0.2]), np.array([0.2, 0.4])):
        assert unskewed_mean_interval(values).ci == pytest.approx(bounded_mean_interval(values).ci, abs=1e-6)
    with pytest.raises(ValueError, match="every value must lie in"):
        unskewed_mean_interval(np.array([0.5, 1.5]))


@pytest.mark.slow  # 5,000 samples of each law: a second each
@pytest.mark.parametrize(
    ("law", "student"), [("exponential", 0.90), ("beta", 0.87), ("rayleigh", 0.94), ("normal", 0.95)]
)
def test_the_interval_of_a_skewed_mean_covers_with_eight_values(law, student):
    """93 % of samples of 8 or more, less two standard errors, beside Student's share; beta is that of 8 and 1/2."""
    rng = np.random.default_rng(5)
    draw, mean = {
        "exponential": (lambda: rng.exponential(size=8), 1.0),
        "beta": (lambda: rng.beta(8, 0.5, 8), 16 / 17),
        "rayleigh": (lambda: rng.rayleigh(size=8), math.sqrt(math.pi / 2)),
        "normal": (lambda: rng.normal(0, 1, 8), 0.0),
    }[law]
    inside = {unskewed_mean_interval: 0, mean_interval: 0}
    for _ in range(5000):
        values = draw()
        for interval in inside:
            found = interval(values, -np.inf, np.inf)
            inside[interval] += found.lo <= mean <= found.hi
    assert inside[unskewed_mean_interval] / 5000 >= 0.93 - 2 * math.sqrt(0.93 * 0.07 / 5000)
    assert inside[mean_interval] / 5000 == pytest.approx(student, abs=0.015)


def test_the_mean_has_students_interval():
    """1, 2, 3, 4: mean 2.5, s = sqrt(5/3), t(0.975; 3) = 3.182446305; half width t s / 2 = 2.054260."""
    found = mean_interval(np.array([1, 2, 3, 4]))
    half = 3.182446305284263 * math.sqrt(5 / 3) / 2
    assert found.value == 2.5 and found.n == 4
    assert found.lo == pytest.approx(2.5 - half, rel=1e-12) and found.hi == pytest.approx(
        2.5 + half, rel=1e-12
    )


@pytest.mark.parametrize(
    "successes, trials, lo, hi",
    [
        (0, 10, 0.0, 1 - 0.025 ** (1 / 10)),  # closed form: 0.308498
        (10, 10, 0.025 ** (1 / 10), 1.0),
        (1, 1, 0.025, 1.0),
        (5, 10, 0.187086, 0.812914),  # by tables of the beta distribution
        (1, 20, 0.001265, 0.248733),
    ],
)
def test_a_share_has_the_exact_interval(successes, trials, lo, hi):
    """Clopper & Pearson 1934; for 0 of n it is [0, 1 - (alpha/2)^(1/n)]."""
    found = proportion_interval(successes, trials)
    assert (found.value, found.n) == (successes / trials, trials)
    assert found.lo == pytest.approx(lo, abs=1e-6) and found.hi == pytest.approx(hi, abs=1e-6)


@pytest.mark.parametrize(
    "successes, trials, lo, hi",
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (1, 29, 0.0009, 0.1776)],
)
def test_a_share_has_the_published_interval(successes, trials, lo, hi):
    """Newcombe 1998, Statist. Med. 17, 857, table I, method 5 (exact), to the four digits printed there."""
    found = proportion_interval(successes, trials)
    assert found.lo == pytest.approx(lo, abs=5e-5) and found.hi == pytest.approx(hi, abs=5e-5)


def test_students_p_of_two_values_is_cauchys():
    """1 and 3: mean 2 with the standard error 1, so p = 1 - 2 arctan(2) / pi; of -1 and 1 the mean is 0, and p is 1."""
    assert student_p(np.array([1.0, 3.0])) == pytest.approx(1 - 2 * math.atan(2) / math.pi, rel=1e-12)
    assert student_p(np.array([-1.0, 1.0])) == 1


def test_a_share_and_its_complement_have_mirrored_intervals():
    """k of n and n - k of n."""
    for k in range(8):
        found, other = proportion_interval(k, 7), proportion_interval(7 - k, 7)
        assert found.lo == pytest.approx(1 - other.hi, abs=1e-12)


def test_shifting_and_stretching_values_does_so_to_the_interval():
    """Mean intervals are equivariant under x -> a + b x."""
    values = np.random.default_rng(1).normal(size=9)
    one, other = mean_interval(values), mean_interval(3 - 2 * values)
    assert (other.lo, other.value, other.hi) == pytest.approx(
        (3 - 2 * one.hi, 3 - 2 * one.value, 3 - 2 * one.lo)
    )


def test_undefined_values_are_left_out_and_not_counted():
    """NaN is no measurement; infinity is not hidden."""
    found = mean_interval(np.array([1.0, np.nan, 3.0, np.nan]))
    assert found == mean_interval(np.array([1.0, 3.0])) and found.n == 2


@pytest.mark.parametrize("values", [[], [np.nan], [np.nan, np.nan]])
def test_nothing_measured_is_nan_and_never_zero(values):
    """No value, no estimate, no interval."""
    found = mean_interval(np.array(values))
    assert math.isnan(found.value) and found.ci is None and found.n == 0


def test_one_value_has_no_interval():
    """Its spread is unknown."""
    found = mean_interval(np.array([4.0]))
    assert found.value == 4.0 and found.ci is None and found.n == 1


def test_equal_values_have_an_interval_of_no_length():
    """The sample's own spread is 0."""
    assert mean_interval(np.full(5, 0.25)) == Estimate(0.25, 0.25, 0.25, 5)


def test_no_trial_is_no_share():
    """0 of 0."""
    found = proportion_interval(0, 0)
    assert math.isnan(found.value) and found.ci is None and found.n == 0


def test_the_bootstrap_repeats_itself_and_depends_on_its_seed_only():
    """Equal seeds, equal intervals, bit by bit."""
    values = np.random.default_rng(1).exponential(size=30)
    assert bootstrap_interval(values, np.mean, seed=3) == bootstrap_interval(values, np.mean, seed=3)
    assert bootstrap_interval(values, np.mean, seed=3) != bootstrap_interval(values, np.mean, seed=4)


def test_the_bootstrap_of_a_mean_is_near_students_interval():
    """200 normal values: both ends agree to 10 % of the width (resampling noise of a 2.5 % quantile: 3 %)."""
    values = np.random.default_rng(2).normal(size=200)
    found, exact = bootstrap_interval(values, np.mean, seed=1), mean_interval(values)
    width = exact.hi - exact.lo
    assert abs(found.lo - exact.lo) < 0.1 * width and abs(found.hi - exact.hi) < 0.1 * width


def test_the_bootstrap_of_one_value_or_of_equal_values():
    """One value: no interval. Equal values: BCa is undefined, the percentile interval has no length; no warning."""
    assert bootstrap_interval(np.array([2.0]), np.mean, seed=1).ci is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = bootstrap_interval(np.full(6, 2.0), np.mean, seed=1)
    assert found.ci == (2.0, 2.0)


def test_the_mean_interval_covers_the_truth_in_95_percent():
    """2,000 samples of 5 normal values: 1,900 expected, standard error 9.7; asserted within 4."""
    samples = np.random.default_rng(1).normal(3.0, 2.0, size=(2000, 5))
    found = [mean_interval(sample) for sample in samples]
    covered = sum(e.lo <= 3.0 <= e.hi for e in found)
    assert abs(covered - 1900) / math.sqrt(2000 * 0.95 * 0.05) < 4


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5])
def test_the_exact_interval_covers_a_share_at_least_as_often_as_it_says(share):
    """Clopper-Pearson is conservative: summed over all outcomes its coverage is at least 0.95, without chance."""
    from scipy import stats

    n = 25
    intervals = [proportion_interval(k, n) for k in range(n + 1)]
    weights = stats.binom.pmf(np.arange(n + 1), n, share)
    covered = sum(w for w, e in zip(weights, intervals, strict=True) if e.lo <= share <= e.hi)
    assert 0.95 <= covered <= 1.0


def test_the_bootstrap_covers_the_mean_of_skewed_values_nearly_as_often_as_it_says():
    """300 samples of 40 exponential values: BCa's true coverage is about 0.93 there (Efron 1987); within 4 errors."""
    samples = np.random.default_rng(5).exponential(size=(300, 40))
    found = [bootstrap_interval(s, np.mean, seed=i, resamples=400) for i, s in enumerate(samples)]
    covered = np.mean([e.lo <= 1.0 <= e.hi for e in found])
    assert abs(covered - 0.93) < 4 * math.sqrt(0.93 * 0.07 / 300)


def test_a_bounded_mean_has_students_interval_cut_at_its_range():
    """0.9, 1, 1, 1: mean 0.975, s.e. 0.025, t(0.975; 3) = 3.182446; the upper end would be 1.0546."""
    found = bounded_mean_interval(np.array([0.9, 1, 1, 1, np.nan]))
    assert (found.value, found.hi, found.n) == (0.975, 1.0, 4)
    assert found.lo == pytest.approx(0.975 - 3.182446305284263 * 0.025, abs=1e-12)
    assert found.standard_error == pytest.approx(0.025, abs=1e-15)


@pytest.mark.parametrize("low, high, value", [(0, 1, 1.0), (0, 1, 0.0), (0, 1, 0.25), (-1, 3, 2.0)])
def test_equal_values_do_not_make_a_bounded_mean_certain(low, high, value):
    """What would have been missed in all of 64 values with probability 2.5 %: 1 - .025^(1/64) = .05601 of the range."""
    found = bounded_mean_interval(np.full(64, value), low, high)
    missed = 1 - 0.025 ** (1 / 64)
    assert missed == pytest.approx(0.05601, abs=1e-5)
    assert found.lo == pytest.approx(value - missed * (value - low), abs=1e-12)
    assert found.hi == pytest.approx(value + missed * (high - value), abs=1e-12)


def test_a_value_outside_the_range_is_a_mistake_and_one_value_has_no_interval():
    with pytest.raises(ValueError, match=r"must lie in \[0.0, 1.0\]"):
        bounded_mean_interval(np.array([0.5, 1.1]))
    assert bounded_mean_interval(np.array([0.5])).ci is None
    assert bounded_mean_interval(np.array([1 + 1e-14, 1.0])).value == 1.0  # rounding


@pytest.mark.slow
@pytest.mark.parametrize("n", [8, 64])
@pytest.mark.parametrize("a, b", [(0.5, 0.5), (5, 1), (20, 1)])
def test_a_bounded_mean_is_covered(n, a, b):
    """Beta laws that pile up at their ends, 2,000 repeats: 93 to 97 %; at n = 8 and where they are skew, 87 %."""
    rng = np.random.default_rng(5)
    covered = []
    for _ in range(2000):
        found = bounded_mean_interval(rng.beta(a, b, n))
        covered.append(found.lo <= a / (a + b) <= found.hi)
    least = 0.87 if n == 8 and a > b else 0.93
    assert least <= np.mean(covered) <= 0.97


def test_an_interval_of_a_mean_ends_where_the_mean_cannot_be():
    """1 and 3 counts: 2 +- 12.7; a count of groups is at least 1, and of 4 tokens at most 4."""
    free, cut = mean_interval(np.array([1, 3])), mean_interval(np.array([1, 3]), 1, 4)
    assert (free.lo, free.hi) == pytest.approx((2 - 12.7062, 2 + 12.7062), abs=1e-4)
    assert (cut.value, cut.lo, cut.hi, cut.n, cut.standard_error) == (2, 1, 4, 2, 1)


@pytest.mark.parametrize("values", [[0.2] * 3, [2.0 / 3.0] * 20, [1.0, 1.0 - 1e-15, 1.0], [0.0, 0.0]])
def test_equal_values_have_no_spread_of_rounding(values):
    """The mean of three 0.2 is 0.20000000000000004, and numpy's deviation from it 3e-17: no error of anything."""
    found = mean_interval(np.array(values))
    assert (found.value, found.lo, found.hi, found.standard_error) == (values[0],) * 3 + (None,)
    assert mean_interval(np.array([1.0, 1.0 - 1e-12])).standard_error is not None


def test_the_deviation_has_the_chi_square_interval_and_covers_for_a_normal_law():
    """1 to 5: s^2 = 2.5; chi-square of 4 degrees has the quantiles 0.484419 and 11.143287. 2,000 samples of 8."""
    found = deviation_interval(np.arange(1.0, 6.0))
    assert found.value == pytest.approx(2.5**0.5) and found.n == 5
    assert found.ci == pytest.approx(((4 * 2.5 / 11.143287) ** 0.5, (4 * 2.5 / 0.484419) ** 0.5), rel=1e-6)
    assert found.standard_error == pytest.approx(found.value / 8**0.5)
    rng = np.random.default_rng(5)
    intervals = [deviation_interval(rng.normal(3, 2, 8)) for _ in range(2000)]
    share = np.mean([e.lo <= 2 <= e.hi for e in intervals])
    assert abs(share - 0.95) < 4 * (0.95 * 0.05 / 2000) ** 0.5
    equal = deviation_interval(np.array([2.0, 2.0, np.nan]))
    assert equal.value == 0 and equal.ci is None and equal.n == 2
    assert math.isnan(deviation_interval(np.array([2.0])).value)
