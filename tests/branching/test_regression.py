"""Branching ratios: multistep regression under subsampling, one-step estimators and their exact wrong
answers.
"""

import numpy as np
import pytest

from emergent_dynamics.branching import (
    alias,
    dynamic_range,
    ensembles,
    exact,
    galton_watson,
    model,
    regression,
    theory,
)
from emergent_dynamics.branching.parameters import Members


@pytest.fixture(scope="module")
def recorded():
    """A' ~ Poisson(0.98 A + 10) for 1e6 steps, and 5 % of it."""
    activity = galton_watson.driven(0.98, 10.0, 1_000_000, seed=1)
    return activity, galton_watson.subsample(activity, 0.05, seed=1)


def test_multistep_regression_survives_subsampling(recorded):
    """m = 0.98 from 5 % of the units: |m - 0.98| < 0.003, while the one-step slope is below 0.6."""
    table = regression.lagged(recorded[1], 300)
    found = regression.multistep(table)
    assert abs(found.value - 0.98) < 0.003 and found.lo < 0.98 < found.hi
    assert regression.one_step(table).value < 0.6


def test_the_driven_process_has_its_moments(recorded):
    """Mean h / (1 - m) = 500, variance 12626; standard errors from r_k = m^k."""
    mean, variance, _ = theory.driven_process(0.98, 10.0)
    effective = recorded[0].size * (1 - 0.98) / (1 + 0.98)
    assert abs(recorded[0].mean() - mean) < 4 * np.sqrt(variance / effective)
    assert recorded[0].var() == pytest.approx(variance, rel=4 * np.sqrt(2 / effective))


def test_lagged_slopes_are_the_plain_sums():
    """Fourier blocks against the definition, every lag: 1e-12."""
    activity = galton_watson.driven(0.9, 10.0, 5003, seed=3)
    deviation = activity - activity.mean()
    plain = [deviation[: deviation.size - k] @ deviation[k:] / (deviation.size - k) for k in range(41)]
    assert regression.lagged(activity, 40).slopes() == pytest.approx(np.array(plain) / plain[0], abs=1e-12)


@pytest.mark.parametrize("m, b", [(0.5, 1.0), (0.98, 0.3), (0.999, 0.05)])
def test_a_noiseless_decay_gives_its_ratio(m, b):
    """r_k = b m^k exactly."""
    assert regression.fit_decay(b * m ** np.arange(200.0)) == pytest.approx((m, b), rel=1e-6)


def test_layered_networks_have_the_exact_slopes_not_sigma():
    """sigma 1, p 0.005: r_1 = 0.92824, r_34 = 0, by depth and drive, from 2e5 frames."""
    table = alias.build(exact.transition(1.0, 20, "linear", 0.005))
    activity = model.activity(ensembles.raster(table, 35, Members(1, 0, 0, 200_000), "cpu"))
    found = regression.lagged(activity, 40).slopes()
    expected = exact.raster(exact.transition(1.0, 20, "linear", 0.005), 35).autocorrelation
    assert found[:34] == pytest.approx(expected[:34], abs=0.03)
    assert found[1] == pytest.approx(0.92824, abs=0.01)


def test_offspring_per_active_neuron_is_sigma_where_nothing_saturates():
    """E[S - 1] / E[S - k_last] = sigma for the linear rule up to 1, exactly."""
    for sigma in (0.5, 1.0):
        law = exact.avalanches(exact.transition(sigma, 20, "linear"), 35)
        profile = np.nansum(law.profile * law.duration[:, None], 0)
        assert regression.causal(profile) == pytest.approx(sigma, rel=1e-10)


def test_silence_has_no_descendants():
    """No active step: NaN with a reason."""
    found = regression.descendants(np.zeros(1000))
    assert np.isnan(found.value) and found.reason


def test_slopes_agree_with_mrestimator(recorded):
    """The field's tool, stationary-mean coefficients, first 100 lags of 1e5 steps: below 1e-3. An oracle
    only.
    """
    import mrestimator as mre  # takes a second

    series = recorded[1][:100_000]
    theirs = mre.coefficients(series[None, :], method="stationarymean", steps=(1, 100)).coefficients
    assert np.abs(regression.lagged(series, 100).slopes()[1:] - theirs).max() < 1e-3


@pytest.mark.parametrize(
    "rule, sigma, decibel",
    [
        ("linear", s, db)
        for s, db in {0.5: 11.92, 0.7: 13.55, 0.9: 16.26, 0.95: 16.77, 1: 13.26, 1.2: 13.32}.items()
    ]
    + [
        ("noisy_or", 1.0, 19.91),
        ("noisy_or", 1.4, 28.64),
        ("noisy_or", 1.49, 28.93),
        ("noisy_or", 1.6, 28.46),
    ],
)
def test_dynamic_range_of_the_layered_network(rule, sigma, decibel):
    """Exact; the maximum is at 0.95 or 1.49, not at 1."""
    found = dynamic_range.decibels(dynamic_range.DRIVES, dynamic_range.curve(sigma, (20,) * 35, rule))
    assert found == pytest.approx(decibel, abs=0.01)


def test_critical_dynamic_range_has_a_closed_form():
    """10 log10[(1 - 0.1^(1/34)) / (1 - 0.9^(1/34))] = 13.2559 dB."""
    found = dynamic_range.decibels(dynamic_range.DRIVES, dynamic_range.curve(1.0, (20,) * 35, "linear"))
    assert found == pytest.approx(theory.critical_dynamic_range(35), abs=1e-4)


def test_a_response_that_starts_above_ten_percent_has_no_dynamic_range():
    """Self-sustained activity hides h_0.1: NaN."""
    assert np.isnan(dynamic_range.decibels(np.array([1e-3, 1e-2, 1.0]), np.array([0.5, 0.6, 1.0])))


def test_a_drive_of_zero_measures_the_silent_response_and_is_no_place_on_the_curve():
    """Its logarithm ended the analysis of a graph whose drives include 0."""
    drives, response = np.geomspace(1e-6, 1.0, 50), np.linspace(0.0, 1.0, 50) ** 2
    with_zero = dynamic_range.decibels(np.append(0.0, drives), np.append(0.0, response), silent=0.0)
    assert with_zero == dynamic_range.decibels(drives, response) > 10
    assert np.isnan(dynamic_range.decibels(np.array([0.0, 0.5]), np.array([0.0, 0.4])))
