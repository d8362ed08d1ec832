"""Controls: what remains of the exponent when drift is known."""

import numpy as np
import pytest

from emergent_dynamics.reasoning.findings import controls


def test_an_exponent_that_only_restates_drift_is_at_chance_among_equals():
    """P(correct) depends on the drift decile alone: within deciles the AUC is 1/2, in standard errors."""
    rng = np.random.default_rng(0)
    decile = rng.integers(0, 10, 20_000)
    correct = rng.random(20_000) < 0.05 + 0.09 * decile
    exponent = -decile + 0.1 * rng.standard_normal(20_000)
    raw = controls.stratified_auc(-exponent, correct, np.zeros(20_000, int))
    matched = controls.stratified_auc(-exponent, correct, decile)
    n1, n0 = correct.sum(), (~correct).sum()
    error = np.sqrt((n1 + n0 + 1) / (12 * n1 * n0)) * np.sqrt(10)  # at most: ten strata instead of one
    assert raw > 0.75
    assert abs(matched - 0.5) < 4 * error


def test_strata_are_equal_parts_and_ties_stay_together():
    values = np.arange(100.0)
    assert np.bincount(controls.quantile_strata(values)).tolist() == [10] * 10
    assert len(set(controls.quantile_strata(np.zeros(50)))) == 1


def test_the_stratified_area_weights_strata_by_their_pairs():
    """Stratum 0: 2 x 2 pairs all concordant; stratum 1: 1 x 4 pairs all discordant: 4 / 8."""
    score = np.array([3.0, 4.0, 1.0, 2.0, 0.0, 1.0, 2.0, 3.0, 4.0])
    label = np.array([1, 1, 0, 0, 1, 0, 0, 0, 0], bool)
    assert controls.stratified_auc(score, label, np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])) == 0.5


def test_a_predictor_that_knows_more_shows_a_gain_with_an_interval_above_zero():
    rng = np.random.default_rng(1)
    drift, extra = rng.standard_normal((2, 600))
    correct = rng.random(600) < 1 / (1 + np.exp(-(drift + 1.5 * extra)))
    found = controls.increments(
        {"drift": drift, "lambda1": extra}, correct, np.arange(600), 200, 1
    ).set_index("model")
    assert found.loc["drift", "gain_low"] > 0
    useless = controls.increments(
        {"drift": drift, "lambda1": rng.standard_normal(600)}, correct, np.arange(600), 200, 1
    ).set_index("model")
    assert useless.loc["drift", "gain_high"] < found.loc["drift", "gain_low"]


def test_the_area_of_drift_alone_stands_beside_every_control():
    """Drift that is the exponent has its areas; drift that separates in no stratum has one half there."""
    rng = np.random.default_rng(3)
    exponent, correct, stratum = rng.standard_normal(400), rng.random(400) < 0.5, np.arange(400) % 4
    found = controls.matched(exponent, exponent, correct, {"givens": stratum}, np.arange(400), 20, 1)
    assert (found["auc"] == found["auc_drift"]).all()
    blind = controls.matched(exponent, stratum * 1.0, correct, {"givens": stratum}, np.arange(400), 20, 1)
    assert blind.set_index("control")["auc_drift"]["givens"] == 0.5


def test_too_few_errors_leave_the_regression_undefined_with_a_reason():
    correct = np.ones(100, bool)
    correct[:5] = False
    found = controls.increments({"drift": np.arange(100.0)}, correct, np.arange(100), 10, 1)
    assert found["auc"].isna().all() and (found["note"] != "").all()


def test_the_last_window_is_the_whole_exponent():
    rng = np.random.default_rng(2)
    log_r, correct = rng.standard_normal((60, 16, 3)), rng.random(60) < 0.5
    log_drift = np.where(correct, -0.25, 0.0)
    drift = 10.0 ** (log_drift[:, None] - np.arange(16.0))
    exact_t = np.repeat(correct[:, None], 16, axis=1)
    found = controls.windows(log_r, correct, correct, drift, exact_t, -3.5, 1)
    assert (found["auc_drift_correct"] == 1.0).all()  # slower drift, right answer
    assert len(found) == 16
    assert (
        found["settled"].tolist() == [0.0] * 4 + [1.0] * 12
    )  # 10^-t is below 10^-3.5 from the fifth step on
    assert (found["right"] == correct.mean()).all()
    assert found["lambda1_correct"].iloc[-1] == np.median(log_r[correct, :, 0].mean(axis=1))


def test_the_bias_of_qr_is_the_mean_gap_to_svd_and_undefined_without_svd():
    qr, svd = np.arange(10.0), np.arange(10.0) + 0.25
    found = controls.qr_bias(qr, svd)
    assert (found["mean"], found["sd"], found["rank_correlation"]) == pytest.approx((0.25, 0.0, 1.0))
    assert np.isnan(controls.qr_bias(qr, np.full(10, np.nan))["mean"])
