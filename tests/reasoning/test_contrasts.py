"""Ranks, areas, shifts and permutations against libraries and exact values."""

import numpy as np
import pytest
import scipy
from scipy import stats
from sklearn.metrics import roc_auc_score

from emergent_dynamics.reasoning import contrasts


@pytest.mark.parametrize("seed", range(40))
def test_auc_equals_sklearn_and_mann_whitney_with_ties(seed):
    rng = np.random.default_rng(seed)
    score, label = rng.integers(0, 6, 200).astype(float), rng.random(200) < 0.3
    found = contrasts.auc(score, label)
    assert found == pytest.approx(roc_auc_score(label, score), abs=1e-12)
    u = stats.mannwhitneyu(score[label], score[~label]).statistic
    assert found == u / (label.sum() * (~label).sum())


def test_auc_is_undefined_with_one_class_or_nan():
    assert np.isnan(contrasts.auc(np.arange(5.0), np.ones(5, bool)))
    assert np.isnan(contrasts.auc(np.array([1.0, np.nan, 2.0]), np.array([True, False, True])))


def test_perfect_and_reversed_separation():
    label = np.arange(20) >= 10
    assert contrasts.auc(np.arange(20.0), label) == 1.0
    assert contrasts.cliff(np.arange(10.0), np.arange(10.0) + 100) == -1.0


def test_shift_is_the_median_of_all_pairwise_differences():
    rng = np.random.default_rng(0)
    for n1, n2 in [(8, 9), (31, 20), (50, 50)]:
        x, y = rng.standard_normal(n1), rng.standard_normal(n2)
        assert contrasts.shift(x, y) == pytest.approx(np.median(x[:, None] - y), abs=1e-12)
    x = rng.integers(0, 4, 30).astype(float)
    assert contrasts.shift(x, x[:20]) == pytest.approx(np.median(x[:, None] - x[:20]), abs=1e-12)


def test_delong_s_interval_stays_inside_the_unit_interval_and_matches_its_variance():
    """Two-sample U-statistic variance by the definition (psi matrix); the plain interval here exceeds 1."""
    rng = np.random.default_rng(4)
    score = np.concatenate([rng.normal(2.2, 1, 12), rng.normal(0, 1, 12)])
    label = np.arange(24) < 12
    area = contrasts.delong(score, label, np.arange(len(score)))
    psi = (score[label][:, None] > score[~label]).astype(float)
    variance = psi.mean(1).var(ddof=1) / 12 + psi.mean(0).var(ddof=1) / 12
    half = 1.959963984540054 * np.sqrt(variance) / (area.value * (1 - area.value))
    assert area.value + 1.96 * np.sqrt(variance) > 1.0
    assert area.high < 1.0
    logit = np.log(area.value / (1 - area.value))
    assert np.log(area.high / (1 - area.high)) == pytest.approx(logit + half)


def test_copies_of_an_example_leave_delong_s_interval():
    """Every example three times, in classes of three: Obuchowski's variance is DeLong's of the classes."""
    rng = np.random.default_rng(3)
    label = np.arange(40) < 15
    score = rng.standard_normal(40) + label
    one = contrasts.delong(score, label, np.arange(40))
    three = contrasts.delong(np.tile(score, 3), np.tile(label, 3), np.tile(np.arange(40), 3))
    assert (three.value, three.low, three.high) == pytest.approx((one.value, one.low, one.high))


def test_the_clustered_interval_covers_where_that_of_examples_does_not():
    """Classes of four with a level and a leaning of their own, true area Phi(1 / 2): 400 samples of 40 classes."""
    rng = np.random.default_rng(7)
    cluster, truth = np.repeat(np.arange(40), 4), scipy.stats.norm.cdf(0.5)
    inside = np.zeros(2)
    for _ in range(400):
        label = rng.random(160) < rng.beta(0.3, 0.3, 40)[cluster]
        # variance 1 in all: the difference of a right and a wrong one of different classes is N(1 / sqrt 2, 2)
        score = np.sqrt(0.7) * rng.standard_normal(40)[cluster] + np.sqrt(0.3) * rng.standard_normal(160)
        score = score + label / np.sqrt(2)
        for i, classes in enumerate((cluster, np.arange(160))):
            area = contrasts.delong(score, label, classes)
            inside[i] += area.low <= truth <= area.high
    assert 0.92 <= inside[0] / 400 <= 0.975 and inside[1] / 400 < 0.85, inside / 400


def test_delong_with_complete_separation_falls_back_to_the_exact_interval():
    """Clopper-Pearson for 10 of 10: lower end .025^(1/10) = .6915."""
    area = contrasts.delong(np.arange(20.0), np.arange(20) >= 10, np.arange(20))
    assert (area.value, area.high) == (1.0, 1.0)
    assert area.low == pytest.approx(0.025 ** (1 / 10))


def test_small_groups_have_no_test():
    assert np.isnan(contrasts.permutation(np.arange(7.0), np.arange(20.0), 99, 1))
    assert np.isnan(contrasts.delong(np.arange(20.0), np.arange(20) < 3, np.arange(20)).value)


def test_a_permutation_p_is_never_zero():
    """(1 + 0) / (1 + 199), doubled by the two sides."""
    assert contrasts.permutation(np.arange(30.0), np.arange(30.0) + 100, 199, 1) == pytest.approx(2 / 200)


def test_adjusted_p_is_benjamini_hochberg_s_and_keeps_undefined_ones():
    """q_(i) = min over j >= i of p_(j) m / j: by hand for .01, .02, .9."""
    q = contrasts.adjusted(np.array([0.02, np.nan, 0.01, 0.9]))
    assert q == pytest.approx([0.03, np.nan, 0.03, 0.9], nan_ok=True)


def test_contrasts_name_the_right_cells():
    cell = np.repeat(np.arange(4), 10)
    exponent = np.repeat([-4.0, -2.0, -1.0, 3.0], 10)
    found = contrasts.median_differences(cell, exponent)
    assert found == {
        "correct_minus_wrong": -2.5 - 0.5,
        "within_converged": -2.0,
        "within_nonconverged": -4.0,
        "wrong_converged_minus_nonconverged": -5.0,
    }


@pytest.mark.slow
def test_permutation_p_is_uniform_when_labels_mean_nothing():
    """Kolmogorov-Smirnov against the uniform law over 300 null experiments: p > .01."""
    rng = np.random.default_rng(11)
    p = [contrasts.permutation(rng.standard_normal(25), rng.standard_normal(30), 399, i) for i in range(300)]
    assert stats.kstest(p, "uniform").pvalue > 0.01
