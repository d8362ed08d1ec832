"""The chain from tables to headlines, on the capture map and on deposited files."""

import numpy as np
import pytest

from emergent_dynamics.findings import agrees
from emergent_dynamics.reasoning import contrasts, ingest, two_by_two
from emergent_dynamics.reasoning.figures import areas, drift, scatter
from emergent_dynamics.reasoning.figures import cells as cells_figure
from emergent_dynamics.reasoning.findings import cells, controls
from emergent_dynamics.reasoning.parameters import Settings

SETTINGS = Settings(4, "otsu", "qr", 40, 1)


def test_the_map_s_accuracy_agrees_with_theory_and_drift_stands_beside_the_exponent(map_table):
    made = cells.find(map_table, SETTINGS)
    found = cells.summarise(map_table, made)
    assert agrees(found["accuracy"]).outcome == "agrees"
    assert found["accuracy"].expectation.value == pytest.approx(0.639, abs=1e-3)
    names = list(found)
    assert names.index("auc_neg_log_drift_correct") == names.index("auc_neg_lambda1_correct") + 1
    assert np.isfinite(found["tau"].ci).all()


def test_a_cell_too_small_is_insufficient_not_a_median(map_table):
    few = {"run_0": map_table["run_0"].isel(example=slice(0, 60))}
    made = cells.find(few, SETTINGS)
    small = made["cells"][made["cells"]["n"] < 8]
    assert len(small) and small["lambda1_median"].isna().all()
    assert (small["note"] == "insufficient (n<8)").all()
    found = cells.summarise(few, made)
    assert np.isnan(found["lambda1_B"].value) and found["lambda1_B"].note == "insufficient (n<8)"


def test_equal_inputs_give_equal_tables(map_table):
    first, second = (cells.find(map_table, SETTINGS) for _ in range(2))
    for name in first:
        assert first[name].equals(second[name])


def test_controls_and_figures_come_from_the_tables(map_table):
    made = cells.find(map_table, SETTINGS) | controls.find(map_table, SETTINGS)
    found = controls.summarise(map_table, made)
    assert 0 <= found["auc_matched_drift_deciles"].value <= 1
    assert "auc_gain_over_drift" in found
    drawn = [drift.draw(made, ["run_0"])]
    drawn += [figure.draw(made, ["run_0"], "nat per ACT step") for figure in (cells_figure, areas)]
    assert [len(figure.axes) for figure in drawn] == [2, 2, 4]
    page = scatter.draw(made["examples"], made["scalars"], ["run_0"], "nat per ACT step")
    assert page.startswith("<!doctype html>") and "http" not in page.split("</head>")[1][:2000]


def test_a_pooled_threshold_is_one_number_for_all_tables(deposit, saved):
    found = {
        tag: ingest.table(saved(deposit(n=150, seed=seed), f"{tag}.npz")).assign_attrs(floor=1e-12)
        for seed, tag in enumerate(("a", "b"))
    }
    made = cells.find(found, Settings(4, "pooled", "qr", 30, 1))
    tau = made["scalars"].query("statistic == 'tau'")["value"]
    assert tau.nunique() == 1


def test_published_numbers_stand_beside_the_file_they_are_about(deposit, saved):
    """And only there: another tag has no expectation."""
    about = {
        tag: ingest.table(saved(deposit(n=200), f"{tag}.npz")).assign_attrs(floor=1e-12)
        for tag in ("hrm26040_n8192", "mine")
    }
    made = cells.find(about, SETTINGS) | controls.find(about, SETTINGS)
    found = cells.summarise(about, made) | controls.summarise(about, made)
    outcome = {name: agrees(headline).outcome for name, headline in found.items() if headline.expectation}
    assert outcome == {
        "hrm26040_n8192_accuracy": "agrees",  # .6 by construction, of 200; .526 is 2 standard errors below
        "hrm26040_n8192_auc_neg_lambda1_correct": "disagrees",
        "hrm26040_n8192_auc_matched_drift_deciles": "disagrees",
    }
    expected = {name: found[name].expectation.value for name in outcome}
    assert list(expected.values()) == [0.526, 0.9841, 0.879]


def test_the_rate_of_settled_wrong_answers_has_its_exact_interval(map_table):
    """Clopper-Pearson of B in B + D; for 0 of 254 the upper end is 1 - .025^(1/254)."""
    from scipy import stats

    made = cells.find(map_table, SETTINGS)
    n = made["cells"]["n"].tolist()
    found = cells.summarise(map_table, made)["wrong_that_settled"]
    exact = stats.binomtest(n[1], n[1] + n[3]).proportion_ci(method="exact")
    assert found.ci == pytest.approx((exact.low, exact.high)) and found.n == n[1] + n[3]


def test_q_is_over_all_contrasts_thresholds_and_tables(map_table):
    """Twice the tables with the same p: Benjamini and Hochberg's q do not move; with new ones they do."""
    two = {"a": map_table["run_0"], "b": map_table["run_0"].isel(example=slice(0, 100))}
    alone, both = cells.find({"a": two["a"]}, SETTINGS), cells.find(two, SETTINGS)
    for name in ("contrasts", "thresholds"):
        assert len(both[name]) == 2 * len(alone[name])
    columns = [f"p_{name}" for name in contrasts.CONTRASTS]
    expected = contrasts.adjusted(both["thresholds"][columns].to_numpy(float).ravel())
    found = both["thresholds"][[f"q_{name}" for name in contrasts.CONTRASTS]].to_numpy(float).ravel()
    assert np.array_equal(found, expected, equal_nan=True)
    assert contrasts.adjusted(both["contrasts"]["p"].to_numpy(float)) == pytest.approx(
        both["contrasts"]["q"].to_numpy(float), nan_ok=True
    )


def test_a_cycle_among_moving_examples_is_told_from_wandering(map_table):
    """Half of the moving examples are back after two steps."""
    import xarray as xr

    table = map_table["run_0"]
    x = two_by_two.cut(table, SETTINGS, "otsu")
    back = np.full((table.sizes["example"], 3), 1.0)
    moving = np.flatnonzero(x.log_drift >= x.tau)
    back[moving[: len(moving) // 2], 1] = 0.0
    given = table.drop_vars(["recurrence", "lag"]).assign(recurrence=xr.Variable(("example", "lag"), back))
    made = cells.find({"run_0": given}, SETTINGS)["scalars"].set_index("statistic")["value"]
    assert made["moving_in_a_cycle"] == pytest.approx(0.5, abs=1 / len(moving))


def known(n=(12, 9, 8, 10)):
    """A table with n examples in each cell at threshold 0, five exponents; classes of two in cell A."""
    import xarray as xr

    rng, cell = np.random.default_rng(5), np.repeat([0, 1, 2, 3], n)
    total = len(cell)
    drift = 10.0 ** np.where(cell < 2, -1.0, 1.0)[:, None] * np.ones((total, 4))
    spectrum = rng.standard_normal((total, 5)) + cell[:, None]
    puzzle = np.arange(total)
    puzzle[: n[0]] //= 2
    right = cell % 2 == 0
    at, each = ("example", "act_step"), "example"
    halted = np.where(np.arange(total) % 3 == 0, -1, 1 + np.arange(total) % 4)
    table = xr.Dataset(
        {
            "drift_zH": (at, drift),
            "lyap_raw": (("example", "exponent"), spectrum),
            "lyap_sorted": (("example", "exponent"), -np.sort(-spectrum, axis=1)),
            "lyap_svd": (("example", "exponent"), spectrum),
            "exact_correct": (each, right),
            "token_acc": (each, np.where(right, 1.0, rng.random(total))),
            "halted_at": (each, halted),
            "idx": (each, np.arange(total)),
            "base_puzzle": (each, puzzle),
            "givens": (each, np.full(total, -1)),
            "difficulty": (each, np.full(total, np.nan)),
            "recurrence": (("example", "lag"), np.full((total, 3), np.nan)),
        },
        attrs={"floor": 1e-9, "unit": "nat"},
    )
    return table, cell, spectrum


HELD = Settings(4, 0.0, "qr", 200, 3)


def test_the_rows_of_cells_are_the_statistics_of_their_examples():
    """By pandas over groups; halting is averaged over those that halted."""
    table, cell, spectrum = known()
    rows = cells.find({"t": table}, HELD)["cells"].set_index("cell")
    assert list(rows.index) == ["A_conv_correct", "B_conv_wrong", "C_nonconv_correct", "D_nonconv_wrong"]
    token, halted = table["token_acc"].values, table["halted_at"].values
    for i, row in enumerate(rows.to_dict("records")):
        here = cell == i
        assert row["n"] == here.sum() and row["note"] == ""
        assert row["fraction"] == here.mean()
        assert row["lambda1_median"] == pytest.approx(np.median(spectrum[here, 0]))
        assert (row["lambda1_q25"], row["lambda1_q75"]) == pytest.approx(
            tuple(np.percentile(spectrum[here, 0], [25, 75]))
        )
        assert [row[f"spectrum_{k}"] for k in range(1, 6)] == pytest.approx(np.median(spectrum[here], axis=0))
        for k in range(1, 6):
            low, high = row[f"spectrum_{k}_low"], row[f"spectrum_{k}_high"]
            assert np.isnan([low, high]).all() or low <= row[f"spectrum_{k}"] <= high
        assert row["token_acc_median"] == pytest.approx(np.median(token[here]))
        stopped = halted[here][halted[here] > 0]
        assert row["halted"] == len(stopped) / here.sum()
        assert (
            np.isnan(row["halted_at_median"])
            if len(stopped) < 8
            else row["halted_at_median"] == np.median(stopped)
        )
        assert row["fraction_low"] < row["fraction"] < row["fraction_high"]
        ends = row["ci_low"], row["ci_high"]  # too few of them in many a resample, or an interval
        assert np.isnan(ends).all() or ends[0] < row["lambda1_median"] < ends[1]


def test_headlines_count_the_classes_of_the_examples_that_they_use():
    """12 of cell A are 6 classes; the others are their own: 33 of all, 15 settled, 19 wrong."""
    table, _, _ = known()
    rows = cells.find({"t": table}, HELD)
    found = cells.summarise({"t": table}, rows)
    assert {name: headline.n for name, headline in found.items()} == {
        **dict.fromkeys(("accuracy", "tau", "converged", "contrast_correct_minus_wrong"), 33),
        **dict.fromkeys(
            ("auc_neg_lambda1_correct", "auc_neg_log_drift_correct", "auc_neg_lambda1_converged"), 33
        ),
        **{"lambda1_A": 6, "lambda1_B": 9, "lambda1_C": 8, "lambda1_D": 10, "wrong_that_settled": 19},
        **dict.fromkeys(("contrast_within_converged", "auc_neg_lambda1_correct_within_converged"), 15),
        **dict.fromkeys(("contrast_within_nonconverged", "auc_neg_lambda1_correct_within_nonconverged"), 18),
        "contrast_wrong_converged_minus_nonconverged": 19,
    }
    assert found["accuracy"].note == "39 examples in 33 symmetry classes"
    assert found["lambda1_D"].note.startswith("10 examples")
    assert "symmetry" not in found["lambda1_D"].note
    assert found["wrong_that_settled"].value == 9 / 19
    assert found["tau"].value == 0.0 and found["tau"].ci is None and "no interval" in found["tau"].note
    assert [name for name, h in found.items() if h.rank] == [
        "accuracy",
        "wrong_that_settled",
        "auc_neg_lambda1_correct",
        "auc_neg_log_drift_correct",
    ]
    assert found["contrast_correct_minus_wrong"].note.startswith("permutation p = ")
    units = {headline.unit for headline in found.values()}
    assert units == {"share", "log10 drift", "nat", "probability"}


def test_without_a_wrong_example_nothing_is_said_of_wrong_ones():
    table, _, _ = known((12, 0, 12, 0))
    found = cells.summarise({"t": table}, cells.find({"t": table}, HELD))
    assert (
        np.isnan(found["wrong_that_settled"].value)
        and found["wrong_that_settled"].note == "no example is wrong"
    )
    assert found["accuracy"].value == 1 and found["accuracy"].ci[1] == 1 > found["accuracy"].ci[0]
    assert found["auc_neg_lambda1_correct"].note == "insufficient (n<8)"


def test_areas_have_the_counts_of_their_classes_and_complete_separation_an_interval():
    """Drift 10 of all wrong, 1/10 of all right: an area of 1, which Clopper and Pearson's 6 of 6 bounds below:
    the right ones are of 6 classes."""
    table, _, _ = known((12, 0, 0, 10))
    areas = cells.find({"t": table}, HELD)["areas"].set_index("area")
    row = areas.loc["neg_log_drift_correct"]
    assert (row["auc"], row["n_positive"], row["n_negative"]) == (1.0, 12, 10)
    assert len(np.unique(table["base_puzzle"].values[table["exact_correct"].values])) == 6
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.025 ** (1 / 6), 1.0))
    assert areas.loc["neg_lambda1_correct_within_converged", "note"] == "insufficient (n<8)"
    assert np.isnan(areas.loc["neg_lambda1_correct_within_converged", "ci_low"])
    table, _, spectrum = known((12, 10, 0, 0))
    row = cells.find({"t": table}, HELD)["areas"].set_index("area").loc["neg_lambda1_correct"]
    wins = np.mean(spectrum[:12, :1] < spectrum[12:, 0])
    assert row["auc"] == pytest.approx(wins) and row["delong_low"] < wins < row["delong_high"] < 1


def test_scalars_tell_what_the_threshold_rests_on():
    """Two values of drift: separability 1, Sarle's coefficient 1; no drift is below the floor."""
    table, _, spectrum = known()
    scalars = cells.find({"t": table}, HELD)["scalars"].set_index("statistic")["value"]
    assert scalars["separability"] == pytest.approx(1) and scalars["sarle"] == pytest.approx(1)
    assert (scalars["bimodal"], scalars["drifts_clipped"]) == (1.0, 0.0)
    assert scalars["column_0_is_not_the_largest"] == np.mean(spectrum.argmax(axis=1) > 0)
    assert np.isnan(scalars["moving_in_a_cycle"])
    assert scalars["converged"] == 21 / 39 and scalars["mixture_correct_nonconverged"] == 8 / 20
    clipped = cells.find({"t": table.assign_attrs(floor=0.5)}, HELD)["scalars"].set_index("statistic")[
        "value"
    ]
    assert clipped["drifts_clipped"] == 21


def test_examples_are_the_rows_of_the_table_with_their_cells():
    table, cell, spectrum = known()
    rows = cells.find({"t": table}, HELD)["examples"]
    assert rows["cell"].tolist() == ["ABCD"[i] for i in cell]
    assert rows["log_drift"].tolist() == pytest.approx(np.where(cell < 2, -1.0, 1.0))
    assert (rows["lambda1"].to_numpy() == spectrum[:, 0]).all()
    assert rows["correct"].tolist() == (cell % 2 == 0).astype(int).tolist()
    assert rows["base_puzzle"].nunique() == 33 and set(rows["table"]) == {"t"}
