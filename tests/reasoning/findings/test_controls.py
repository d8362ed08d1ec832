"""Controls: what remains of the exponent when drift is known."""

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics.reasoning import two_by_two
from emergent_dynamics.reasoning.bootstrap import Sample
from emergent_dynamics.reasoning.findings import controls
from emergent_dynamics.reasoning.parameters import Settings
from emergent_dynamics.reasoning.two_by_two import TwoByTwo


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
    found = controls.matched(Sample(exponent, exponent, correct, np.arange(400)), {"givens": stratum}, 20, 1)
    assert (found["auc"] == found["auc_drift"]).all()
    blind = controls.matched(
        Sample(stratum * 1.0, exponent, correct, np.arange(400)), {"givens": stratum}, 20, 1
    )
    assert blind.set_index("control")["auc_drift"]["givens"] == 0.5


def test_too_few_errors_leave_the_regression_undefined_with_a_reason():
    correct = np.ones(100, bool)
    correct[:5] = False
    found = controls.increments({"drift": np.arange(100.0)}, correct, np.arange(100), 10, 1)
    assert found["auc"].isna().all() and (found["note"] != "").all()


def windowed(log_r, correct, drift, exact_t, tau):
    """`windows` of arrays: log_r (example, step, exponent), drift, exact_t (example, step); late drift of one step."""
    table = xr.Dataset(
        {
            "logR": (("example", "act_step", "exponent"), log_r),
            "drift_zH": (("example", "act_step"), drift),
            "exact_t": (("example", "act_step"), exact_t),
            "base_puzzle": ("example", np.arange(len(drift))),
        }
    )
    log_drift = np.log10(drift[:, -1])
    cell = 2 * (log_drift >= tau) + ~correct
    return controls.windows(table, TwoByTwo(log_drift, log_r[:, :, 0].mean(1), correct, tau, cell), 1)


def test_the_last_window_is_the_whole_exponent():
    rng = np.random.default_rng(2)
    log_r, correct = rng.standard_normal((60, 16, 3)), rng.random(60) < 0.5
    log_drift = np.where(correct, -0.25, 0.0)
    drift = 10.0 ** (log_drift[:, None] - np.arange(16.0))
    found = windowed(log_r, correct, drift, np.repeat(correct[:, None], 16, axis=1), -3.5)
    assert (found["auc_drift_correct"] == 1.0).all()  # slower drift, right answer
    assert len(found) == 16
    # 10^-t is below 10^-3.5 from the fifth step on
    assert found["settled"].tolist() == [0.0] * 4 + [1.0] * 12
    assert (found["right"] == correct.mean()).all()
    assert found["lambda1_correct"].iloc[-1] == np.median(log_r[correct, :, 0].mean(axis=1))


def test_the_early_area_leaves_out_what_is_already_right():
    """lambda1 is -1 for what is right at once and blind among the rest: 1 for all, 1/2 for those still open."""
    n = 120
    correct, at_once = np.arange(n) < 80, np.arange(n) < 40
    log_r = np.zeros((n, 4, 1))
    log_r[at_once] = -1.0
    log_r[40:, :, 0] += np.tile([0.1, -0.1], 40)[:, None]
    exact_t = np.zeros((n, 4), bool)
    exact_t[at_once] = True
    exact_t[correct, 3] = True
    found = windowed(log_r, correct, np.ones((n, 4)), exact_t, -1.0)
    early = found.iloc[0]
    assert early["auc_correct"] == 0.75  # 40 of 80 above all, 40 by chance
    assert (early["late_auc"], early["n_late_right"], early["n_late_wrong"]) == (0.5, 40, 40)
    assert np.isnan(found.iloc[-1]["late_auc"])  # nobody becomes right after the end
    assert found["right"].tolist() == [1 / 3] * 3 + [2 / 3]


def test_answers_that_nobody_recorded_leave_the_early_area_undefined():
    rng = np.random.default_rng(0)
    correct = np.arange(40) < 20
    found = windowed(rng.standard_normal((40, 4, 1)), correct, np.ones((40, 4)), np.zeros((40, 4), bool), 0.0)
    assert found[["late_auc", "n_late_right", "n_late_wrong", "right"]].isna().all(axis=None)
    assert (found["n"] == 40).all()


def test_the_bias_of_qr_is_the_mean_gap_to_svd_and_undefined_without_svd():
    def table(qr, svd):
        return xr.Dataset(
            {
                "lyap_raw": (("example", "exponent"), qr[:, None]),
                "lyap_svd": (("example", "exponent"), svd[:, None]),
                "base_puzzle": ("example", np.arange(len(qr)) // 2),
            }
        )

    qr = np.arange(10.0)
    found = controls.qr_bias(table(qr, qr + np.tile([0.2, 0.3], 5))).iloc[0]
    assert (found["gap"], found["rank_correlation"], found["n"]) == pytest.approx((0.25, 1.0, 5))
    assert found["sd"] == pytest.approx(np.std([0.2, 0.3] * 5, ddof=1))
    assert controls.qr_bias(table(qr, np.full(10, np.nan))).empty


def test_the_same_strata_are_one_control():
    one = np.array([0, 0, 1, 2])
    assert controls.same_partition(one, np.array([5, 5, 3, 1]))
    assert not controls.same_partition(one, np.array([5, 5, 3, 3]))
    assert not controls.same_partition(one, np.array([0, 1, 2, 2]))


def test_pairs_and_folds_have_their_least_numbers():
    """Eight pairs have an area, seven have none; ten of each outcome in ten classes can be folded, nine cannot."""
    zeros = np.zeros(9, int)
    assert np.isnan(controls.stratified_auc(np.arange(8.0), np.arange(8) < 1, zeros[:8]))
    assert controls.stratified_auc(np.arange(9.0), np.arange(9) < 1, zeros) == 0.0
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 1))
    for right, classes, folded in (
        (10, 40, True),
        (9, 40, False),
        (31, 40, False),
        (20, 10, True),
        (20, 9, False),
    ):
        odds = controls.out_of_fold(x, np.arange(40) < right, np.arange(40) % classes, 1)
        assert (odds is not None) == folded, (right, classes)
    assert np.isnan(
        controls.stratified_auc(np.append(np.nan, np.arange(19.0)), np.arange(20) < 9, np.zeros(20, int))
    )


def test_strata_are_cut_at_their_quantiles_and_a_value_on_the_edge_belongs_above():
    assert controls.quantile_strata(np.arange(1.0, 6.0), 4).tolist() == [0, 1, 2, 3, 3]
    assert np.bincount(controls.quantile_strata(np.arange(50.0), 5)).tolist() == [10] * 5


def test_no_class_of_an_example_is_in_the_fold_that_scores_it():
    """A feature that names the class would give its answer away: by classes it knows nothing of a new one."""
    rng = np.random.default_rng(4)
    answer = rng.random(30) < 0.5
    cluster = np.repeat(np.arange(30), 20)
    names = (cluster[:, None] == np.arange(30)).astype(float)
    odds = controls.out_of_fold(names, answer[cluster], cluster, 1)
    leaked = controls.out_of_fold(names, answer[cluster], np.arange(600), 1)
    assert controls.auc(leaked, answer[cluster]) == 1.0
    assert controls.auc(odds, answer[cluster]) < 0.75


def test_gains_are_differences_of_areas_and_each_lies_in_its_interval():
    rng = np.random.default_rng(1)
    drift, extra, halt = rng.standard_normal((3, 300))
    correct = rng.random(300) < 1 / (1 + np.exp(-(drift + extra + halt)))
    predictors = {"drift": drift, "lambda1": extra, "q_halt": halt}
    rows = controls.increments(predictors, correct, np.arange(300) // 2, 40, 1).set_index("model")
    assert list(rows.index) == [
        "drift",
        "lambda1",
        "q_halt",
        "all but drift",
        "all but lambda1",
        "all but q_halt",
        "all",
    ]
    area = rows["auc"]
    assert rows["gain"].to_numpy() == pytest.approx((area["all"] - area).to_numpy())
    assert rows["over_drift"].to_numpy() == pytest.approx((area - area["drift"]).to_numpy())
    assert np.isnan(rows.loc["all", ["gain_low", "gain_high"]].astype(float)).all()
    assert np.isnan(rows.loc["drift", ["over_drift_low", "over_drift_high"]].astype(float)).all()
    for name, low in (("auc", "ci"), ("gain", "gain"), ("over_drift", "over_drift")):
        inside = rows[name].between(rows[f"{low}_low"], rows[f"{low}_high"])
        assert inside[rows[f"{low}_low"].notna()].all()
    assert (rows["note"] == "").all() and rows.loc["all but q_halt", "over_drift"] > 0


def test_the_gain_of_two_predictors_is_that_of_the_exponent(map_table):
    rows = controls.find(map_table, Settings(4, "otsu", "qr", 30, 1))
    found = controls.summarise(map_table, rows)
    models = rows["increments"].set_index("model")
    assert list(models.index) == ["drift", "lambda1", "all"]
    gain = found["auc_gain_over_drift"]
    assert gain.value == models.loc["all", "over_drift"] == pytest.approx(models.loc["drift", "gain"])
    assert gain.ci == (models.loc["all", "over_drift_low"], models.loc["all", "over_drift_high"])
    assert "qr_bias" not in found  # one dimension: nothing to align
    assert {name: headline.rank for name, headline in found.items() if headline.rank} == {
        "auc_matched_drift_deciles": 3
    }
    matched = rows["matched"].set_index("control").loc["drift_deciles"]
    assert found["auc_matched_drift_deciles"].note == f"drift alone {matched['auc_drift']:.3f}"
    assert found["auc_matched_drift_deciles"].n == 512
    assert {headline.unit for headline in found.values()} == {"probability", "probability gained"}


def test_the_early_headline_is_of_the_longest_window_that_leaves_eight_of_both_open(map_table):
    rows = controls.find(map_table, Settings(4, "otsu", "qr", 20, 1))
    windows = rows["windows"]
    half = windows[windows["last"] <= 8]
    good = half[(half["n_late_right"] >= 8) & (half["n_late_wrong"] >= 8)].iloc[-1]
    found = controls.summarise(map_table, rows)["auc_early_window"]
    right, wrong = int(good["n_late_right"]), int(good["n_late_wrong"])
    assert (found.value, found.ci) == (good["late_auc"], (good["late_low"], good["late_high"]))
    assert found.n == right + wrong and found.note.startswith(
        f"steps 1 to {int(good['last'])}: {right} become right, {wrong} "
    )
    few = {**rows, "windows": windows.assign(n_late_right=7)}
    few["windows"].loc[:, ["late_auc", "late_low", "late_high"]] = np.nan
    assert controls.summarise(map_table, few)["auc_early_window"].note.startswith(
        "insufficient (n<8); steps 1 to 1:"
    )
    unknown = {**rows, "windows": windows.assign(n_late_right=np.nan)}
    assert "auc_early_window" not in controls.summarise(map_table, unknown)


def test_the_bias_of_qr_stands_beside_its_bound(map_table):
    table = map_table["run_0"].isel(example=slice(0, 40)).assign_attrs(dimensions=2000)
    table["lyap_svd"] = table["lyap_raw"] + np.tile([0.19, 0.21], 20)[:, None]
    one = {"run_0": table}
    found = controls.summarise(one, controls.find(one, Settings(4, "otsu", "qr", 10, 1)))["qr_bias"]
    assert found.value == pytest.approx(0.2) and found.n == 40 and found.unit == "nat per ACT step"
    assert found.expectation.relation == "<=" and found.expectation.value == pytest.approx(0.27721, abs=1e-4)
    assert found.note.startswith("rank correlation of QR and SVD 0.99")
    plane = {"run_0": table.assign_attrs(dimensions=2)}
    assert "qr_bias" in controls.summarise(plane, controls.find(plane, Settings(4, "otsu", "qr", 10, 1)))


def test_puzzles_are_matched_by_givens_and_by_difficulty_unless_these_are_the_same(map_table):
    table = map_table["run_0"]
    n = table.sizes["example"]
    x = two_by_two.cut(table, Settings(4, "otsu", "qr", 10, 1), "otsu")
    assert list(controls._strata(table, x)) == ["drift_deciles"]
    puzzles = table.assign(
        givens=("example", np.arange(n) % 3), difficulty=("example", np.arange(n, dtype=float))
    )
    assert list(controls._strata(puzzles, x)) == ["drift_deciles", "givens", "difficulty_quintiles"]
    assert len(np.unique(controls._strata(puzzles, x)["difficulty_quintiles"])) == 5
    same = puzzles.assign(difficulty=("example", 16.0 - np.arange(n) % 3))
    assert list(controls._strata(same, x)) == ["drift_deciles", "givens"]
    alone = table.assign(difficulty=("example", np.arange(n, dtype=float)))
    assert list(controls._strata(alone, x)) == ["drift_deciles", "difficulty_quintiles"]
