"""Closed forms evaluated a second time, and where each expected value applies."""

import json

import numpy as np
import pytest

from emergent_dynamics.reasoning import theory
from tests.reasoning.findings import independent


@pytest.mark.parametrize("ends", [(1.0, 3.0), (0.2, 5.0), (2.0, 2.0)])
def test_two_directions_grow_by_the_mean_of_their_axes(ends):
    """n = 2: the mean over angles of ln |(a cos, b sin)| is ln((a + b) / 2)."""
    assert theory.tangent_growth(np.log(ends)) == pytest.approx(np.log(np.mean(ends)), abs=1e-10)


def test_equal_directions_grow_as_they_do_and_a_single_one_without_doubt():
    assert theory.tangent_growth(np.full(7, -1.25)) == pytest.approx(-1.25, abs=1e-10)
    assert theory.tangent_growth(np.array([0.4])) == pytest.approx(0.4, abs=1e-10)


def test_the_mean_of_the_diagonal_map_is_that_of_random_tangents():
    """20,000 normal vectors at T = 16: s.e. 1.5e-4; at T = 1024 one direction is left, and the bound is reached."""
    g = np.random.default_rng(0).standard_normal((20_000, 200)) ** 2
    grown = 0.5 * np.log((g * np.exp(32 * (0.1 - 3.1 * np.arange(200) / 199))).sum(1) / g.sum(1)) / 16
    assert abs(grown.mean() - theory.linear_qr(16)) < 4 * grown.std() / np.sqrt(20_000)
    assert theory.linear_qr(16) == pytest.approx(independent.tangent_mean(16), abs=1e-10)
    assert theory.linear_qr(1024) == pytest.approx(0.1 - theory.tangent_bias_bound(200, 1024), abs=1e-8)
    assert pytest.approx(0.1 - 3.1 * np.arange(200) / 199, abs=1e-14) == theory.LINEAR_LOGS


@pytest.mark.parametrize(("n", "steps"), [(2, 1), (80, 6), (2176, 16)])
def test_the_bound_is_the_mean_log_weight_of_a_haar_vector(n, steps):
    """q_1^2 ~ Beta(1/2, (n - 1)/2); -E ln q_1^2 = H_{n/2 - 1} + 2 ln 2 for even n."""
    harmonic = sum(1 / k for k in range(1, n // 2))
    assert theory.tangent_bias_bound(n, steps) == pytest.approx((harmonic + 2 * np.log(2)) / (2 * steps))
    expectation = theory.qr_bias(n, steps)
    assert (expectation.relation, expectation.kind) == ("<=", "exact")
    assert (expectation.tolerance, expectation.standard_error, expectation.scale) == (0, 0, None)


ON_THE_GRID = {"centre": (20, 23), "trap": (40, 42)}  # windows in cells of a grid of 64


def window(low, high):
    """(centre, radius) in x of theta from low / 64 to high / 64."""
    ends = np.sin(np.pi / 2 * np.array([low, high]) / 64) ** 2
    return ends.mean(), np.diff(ends)[0] / 2


@pytest.mark.parametrize("trapped", [False, True])
def test_windows_that_end_on_the_grid_are_captured_exactly(trapped, monkeypatch):
    """No rounding of windows is left; the pieces between preimages are followed one by one (`independent.captured`)."""
    monkeypatch.setattr(theory, "GRID", 4096)
    centre, radius = window(*ON_THE_GRID["centre"])
    trap, trap_radius = window(*ON_THE_GRID["trap"]) if trapped else (0.8, 0.0)
    capture = {"centre": centre, "radius": radius, "trap": trap, "trap_radius": trap_radius}
    found = theory.capture_probability(centre, radius, 5, trap, trap_radius)
    assert found.shape == (6,) and found[0] == pytest.approx(2 * radius, abs=1e-12)
    for steps in range(1, 6):
        expected = independent.captured(json.dumps({"capture": capture, "act_steps": steps}))
        assert found[steps] == pytest.approx(expected, abs=1e-12)


def test_a_window_off_the_grid_is_rounded_within_a_cell_a_step():
    for capture in (
        {"centre": 0.4, "radius": 0.04, "trap": 0.8, "trap_radius": 0.02},
        {"centre": 0.6, "radius": 0.05, "trap": 0.99, "trap_radius": 0.03},  # reaches over the end
    ):
        found = theory.capture_probability(
            capture["centre"], capture["radius"], 8, capture["trap"], capture["trap_radius"]
        )
        expected = independent.captured(json.dumps({"capture": capture, "act_steps": 8}))
        assert abs(found[-1] - expected) < 9 / 65536
        assert (np.diff(found) > 0).all()


MAP = {"source": "capture_map", "centre": 0.4, "radius": 0.04, "trap": 0.8, "trap_radius": 0.0, "steps": 16}


def test_accuracy_is_expected_of_the_capture_map_alone():
    expectation = theory.accuracy(MAP)
    assert expectation.value == pytest.approx(0.63904, abs=1e-5)
    assert (expectation.kind, expectation.relation, expectation.tolerance) == ("exact", "=", 17 / 65536)
    assert theory.accuracy({"series": "training"}) is None
    assert theory.accuracy({**MAP, "source": "other"}) is None
    narrow = theory.accuracy({**MAP, "radius": 1e-20})  # nothing of the grid: ended in a traceback
    assert (narrow.value, narrow.noticeable_scale) == (0.0, 1.0)
    assert expectation.noticeable_scale == expectation.value
    trapped = theory.accuracy({**MAP, "trap_radius": 0.02})
    assert trapped.value == pytest.approx(0.50716, abs=1e-5)


def test_published_numbers_are_about_one_file_and_hold_to_their_last_digit():
    expected = {
        ("hrm26040_n8192", "accuracy"): (0.526, 5e-4),
        ("hrm26040_n8192", "auc_neg_lambda1_correct"): (0.9841, 5e-5),
        ("hrm26040_n8192", "auc_matched_drift_deciles"): (0.879, 5e-4),
        ("trm58590_n2048", "accuracy"): (0.876, 5e-4),
        ("trm58590_n2048", "auc_neg_lambda1_correct"): (0.9935, 5e-5),
        ("trm58590_n2048", "wrong_that_settled"): (0.0, 5e-4),
    }
    for (tag, name), (value, half) in expected.items():
        one = theory.published(tag, name)
        assert (one.value, one.tolerance, one.kind, one.relation, one.scale) == (
            value,
            half,
            "published",
            "=",
            1.0,
        )
        assert one.standard_error == 0 and one.reason
    assert {(tag, name) for tag, known in theory.PUBLISHED.items() for name in known} == set(expected)
    assert theory.published("trm58590_n2048", "tau") is theory.published("mine", "accuracy") is None


VALIDATION = {  # value, tolerance, kind, relation, scale
    "henon_lambda1": (0.41922, 5e-6, "published", "=", None),
    "henon_lambda2": (-1.62319, 5e-6, "published", "=", None),
    "henon_sum_worst_step": (0, 1e-12, "exact", "=", 1),
    "logistic_lambda1": (0.6931471805599453, 1e-8, "exact", "=", None),
    "lorenz_lambda1": (0.9056, 5e-5, "published", "=", None),
    "lorenz_lambda2": (0, 0, "exact", "=", 0.9056),
    "lorenz_lambda3": (-14.5723, 5e-5, "published", "=", None),
    "lorenz_sum": (-13.666666666666666, 2e-5, "exact", "=", None),
    "linear_svd_worst": (0, 1e-10, "exact", "=", 1),
    "linear_qr_16_steps": (-0.04315932884373, 0, "exact", "=", None),
    "linear_qr_1024_steps": (0.09679508209, 0, "exact", "=", None),
    "network_g1.5_is_chaotic": (0, 0, "published", ">=", None),
    "capture_map_same_trajectory": (0, 1e-15, "identity", "=", 1),
    "capture_map_worst_example": (0, 1e-12, "exact", "=", 1),
    "derivative_mlp": (0, 1e-6, "identity", "=", 1),
    "derivative_attention": (0, 1e-6, "identity", "=", 1),
    "derivative_svd_worst": (0, 1e-6, "exact", "=", 1),
}


@pytest.mark.parametrize("name", VALIDATION)
def test_what_the_estimator_must_find_is_what_is_printed_or_proved(name):
    """Sprott 2003 for Hénon and Lorenz; ln 2, -41/3 and the diagonal map's means by their formulas."""
    one = theory.validation(name)
    value, tolerance, kind, relation, scale = VALIDATION[name]
    assert one.value == pytest.approx(value, rel=1e-7, abs=0)
    assert (one.tolerance, one.kind, one.relation, one.scale) == (tolerance, kind, relation, scale)
    assert one.source and bool(one.reason) == bool(tolerance) and theory.validation_scale(name) == scale


def test_every_check_has_its_expectation_and_the_random_network_that_of_its_radius():
    assert set(theory.VALIDATION) == set(VALIDATION)
    one = theory.validation("network_g0.9", 0.5)
    assert (one.value, one.tolerance, one.kind) == (np.log(0.5), 1e-3, "exact")
    assert theory.validation_scale("network_g0.9") is None
    assert pytest.approx(-1.2039728043259361, rel=1e-15) == theory.HENON_SUM
