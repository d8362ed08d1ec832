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
    assert [len(figure.axes) for figure in drawn] == [2, 2, 2]
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
