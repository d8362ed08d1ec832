"""The chain from tables to headlines, on the capture map and on deposited files."""

import json

import numpy as np
import pytest

from emergent_dynamics.reasoning import (
    assemble,
    capture_map,
    checks,
    findings,
    headlines,
    ingest,
    plan,
    tables,
)
from emergent_dynamics.reasoning.figures import panels, viewer

ROOT = {"system": "reasoning", "experiment": "t", "parameters": "{}", "seed": "1", "software": "{}"}
SETTINGS = findings.Settings(4, "otsu", "qr", 40, 1)


@pytest.fixture(scope="module")
def map_table():
    import xarray as xr

    p = capture_map.Parameters(512, 16, 0.4, 0.04, 0.8, 0.0, 0.5, 1)
    trajectory = xr.Dataset({"x": (("run", "act_step", "example"), capture_map.trajectory(p)[None])})
    return assemble.captured(trajectory, p)


def test_tables_survive_their_store(map_table, tmp_path):
    tables.write(tmp_path / "d.zarr", map_table, ROOT)
    back = tables.read(tmp_path / "d.zarr")
    assert list(back) == ["run_0"]
    for name, value in map_table["run_0"].variables.items():
        assert np.array_equal(back["run_0"][name].values, value.values, equal_nan=value.dtype.kind == "f"), (
            name
        )
        assert back["run_0"][name].dtype == value.dtype
    assert back["run_0"].attrs["unit"] == "nat per ACT step"
    assert back["run_0"].attrs["system"] == "reasoning"


def test_the_map_s_accuracy_agrees_with_theory_and_drift_stands_beside_the_exponent(map_table):
    made = findings.two_by_two(map_table, SETTINGS)
    found = headlines.two_by_two(map_table, made)
    assert found["accuracy"].ok and found["accuracy"].expected == pytest.approx(0.639, abs=1e-3)
    names = list(found)
    assert names.index("auc_neg_log_drift_correct") == names.index("auc_neg_lambda1_correct") + 1
    assert np.isfinite(found["tau"].ci).all()


def test_a_cell_too_small_is_insufficient_not_a_median(map_table):
    few = {"run_0": map_table["run_0"].isel(example=slice(0, 60))}
    made = findings.two_by_two(few, SETTINGS)
    small = made["cells"][made["cells"]["n"] < 8]
    assert len(small) and small["lambda1_median"].isna().all()
    assert (small["note"] == "insufficient (n<8)").all()
    found = headlines.two_by_two(few, made)
    assert np.isnan(found["lambda1_B"].value) and found["lambda1_B"].note == "insufficient (n<8)"


def test_equal_inputs_give_equal_tables(map_table):
    first, second = (findings.two_by_two(map_table, SETTINGS) for _ in range(2))
    for name in first:
        assert first[name].equals(second[name])


def test_controls_and_figures_come_from_the_tables(map_table):
    made = findings.two_by_two(map_table, SETTINGS) | findings.control(map_table, SETTINGS)
    made |= findings.over_training(map_table, SETTINGS) | {"examples": findings.examples(map_table, SETTINGS)}
    found = headlines.control(map_table, made)
    assert 0 <= found["auc_matched_drift_deciles"].value <= 1
    assert "auc_gain_over_drift" in found
    drawn = panels.drawings(made, ["run_0"], "nat per ACT step")
    assert set(drawn) == {"drift", "cells", "areas"}
    page = viewer.scatter(made["examples"], made["scalars"], ["run_0"], "nat per ACT step")
    assert page.startswith("<!doctype html>") and "http" not in page.split("</head>")[1][:2000]


def test_a_pooled_threshold_is_one_number_for_all_tables(deposit, saved):
    found = {
        tag: ingest.table(saved(deposit(n=150, seed=seed), f"{tag}.npz")).assign_attrs(floor=1e-12)
        for seed, tag in enumerate(("a", "b"))
    }
    made = findings.two_by_two(found, findings.Settings(4, "pooled", "qr", 30, 1))
    tau = made["scalars"].query("statistic == 'tau'")["value"]
    assert tau.nunique() == 1


def test_the_headline_checkpoint_is_chosen_on_validation_puzzles(map_table):
    table = map_table["run_0"]
    series = {
        f"step_{step}": table.assign_attrs(series="training", step=step, validation_accuracy=right)
        for step, right in ((100, 0.2), (200, 0.7), (300, 0.9))
    }
    assert list(tables.primary(series)) == ["step_200"]
    sudden = {tag: table for tag, table in series.items() if tag != "step_200"}
    sudden["step_300"] = sudden["step_300"].assign_attrs(validation_accuracy=0.99)
    assert list(tables.primary(sudden)) == ["step_300"]  # none from .6 to .9: the nearest to .75
    assert list(tables.steps(series)["training"]) == [100, 200, 300]


def test_published_numbers_stand_beside_the_file_they_are_about(deposit, saved):
    """And only there: another tag has no expectation."""
    about = {
        tag: ingest.table(saved(deposit(n=200), f"{tag}.npz")).assign_attrs(floor=1e-12)
        for tag in ("hrm26040_n8192", "mine")
    }
    made = findings.two_by_two(about, SETTINGS) | findings.control(about, SETTINGS)
    found = headlines.two_by_two(about, made) | headlines.control(about, made)
    assert found["hrm26040_n8192_accuracy"].expected == 0.526
    assert found["hrm26040_n8192_accuracy"].ok is True  # .6 by construction, of 200
    assert found["hrm26040_n8192_auc_neg_lambda1_correct"].ok is False
    assert found["hrm26040_n8192_auc_matched_drift_deciles"].expected == 0.879
    assert found["mine_accuracy"].expected is None


def test_the_rate_of_settled_wrong_answers_has_its_exact_interval(map_table):
    """Clopper-Pearson of B in B + D; for 0 of 254 the upper end is 1 - .025^(1/254)."""
    from scipy import stats

    made = findings.two_by_two(map_table, SETTINGS)
    n = made["cells"]["n"].tolist()
    found = headlines.two_by_two(map_table, made)["wrong_that_settled"]
    exact = stats.binomtest(n[1], n[1] + n[3]).proportion_ci(method="exact")
    assert found.ci == pytest.approx((exact.low, exact.high)) and found.n == n[1] + n[3]


def test_q_is_over_all_contrasts_thresholds_and_tables(map_table):
    """Twice the tables with the same p: Benjamini and Hochberg's q do not move; with new ones they do."""
    from emergent_dynamics.reasoning import contrasts

    two = {"a": map_table["run_0"], "b": map_table["run_0"].isel(example=slice(0, 100))}
    alone, both = findings.two_by_two({"a": two["a"]}, SETTINGS), findings.two_by_two(two, SETTINGS)
    for name in ("contrasts", "sweep"):
        assert len(both[name]) == 2 * len(alone[name])
    columns = [f"p_{name}" for name in contrasts.CONTRASTS]
    expected = contrasts.adjusted(both["sweep"][columns].to_numpy(float).ravel())
    found = both["sweep"][[f"q_{name}" for name in contrasts.CONTRASTS]].to_numpy(float).ravel()
    assert np.array_equal(found, expected, equal_nan=True)
    assert contrasts.adjusted(both["contrasts"]["p"].to_numpy(float)) == pytest.approx(
        both["contrasts"]["q"].to_numpy(float), nan_ok=True
    )


def test_a_cycle_among_moving_examples_is_told_from_wandering(map_table):
    """Half of the moving examples are back after two steps."""
    import xarray as xr

    table = map_table["run_0"]
    x = findings.cut(table, SETTINGS, "otsu")
    back = np.full((table.sizes["example"], 3), 1.0)
    moving = np.flatnonzero(x.log_drift >= x.tau)
    back[moving[: len(moving) // 2], 1] = 0.0
    given = table.drop_vars(["recurrence", "lag"]).assign(recurrence=xr.Variable(("example", "lag"), back))
    made = findings.two_by_two({"run_0": given}, SETTINGS)["scalars"].set_index("statistic")["value"]
    assert made["moving_in_a_cycle"] == pytest.approx(0.5, abs=1 / len(moving))


def test_seeds_are_averaged_within_what_they_have_in_common():
    """Mean and Student's interval of two seeds; one seed has none; the other parameter keeps them apart."""
    import pandas as pd

    from emergent_dynamics.reasoning import seeds
    from emergent_dynamics.reasoning.figures import comparison

    names = [*headlines.OVER_SEEDS, *(f"lambda1_{c}" for c in "ABCD")]

    def scalars(value):
        return pd.DataFrame({"table": "step_240", "statistic": names, "value": value})

    values = seeds.gather(
        {
            "s/model=hrm,seed=1": scalars(0.5),
            "s/model=trm,seed=1": scalars(0.6),
            "s/model=trm,seed=2": scalars(0.8),
        }
    )
    table = seeds.table(values)
    both = table.query("family == 'model=trm'").set_index("statistic")
    share = both.loc["accuracy"]  # its interval cannot leave [0, 1]
    assert (share["mean"], share["ci_low"], share["ci_high"]) == (pytest.approx(0.7), 0.0, 1.0)
    row = both.loc["contrast_correct_minus_wrong"]
    assert (row["mean"], row["n_seeds"], row["lowest"], row["highest"]) == (pytest.approx(0.7), 2, 0.6, 0.8)
    assert row["ci_high"] - row["mean"] == pytest.approx(12.706 * 0.1, rel=1e-3)  # t of one degree of freedom
    found = headlines.over_seeds(table, "nat")
    assert found["model=trm_accuracy"].n == 2 and found["model=hrm_accuracy"].ci is None
    assert len(comparison.seeds(values, table, "nat").axes) == 4


def test_shards_cover_every_example_once():
    parameters = {"source": "train", "examples": 600, "checkpoints": [240, 320]}
    found = [plan.rows(shard, 600) for shard in plan.shards(parameters)]
    for checkpoint in (240, 320):
        rows = [i for at, part in found if at == checkpoint for i in part]
        assert rows == list(range(600))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"source": "npz"}, "files"),
        ({"compatibility": "seed"}, "compatibility"),
        ({"late_steps": 17}, "late_steps"),
        ({"roll_out": 8}, "roll_out"),
        ({"source": "train", "runs": 2, "examples": 8}, "runs"),
        ({"source": "train", "checkpoints": [300, 200], "examples": 8}, "checkpoints"),
        ({"source": "train", "examples": 100_000}, "examples"),
        ({"source": "train", "examples": 8, "task": {"size": 5}}, "task.size"),
        ({"source": "train", "examples": 8, "leading": "svd"}, "leading"),
        ({"capture": {"trap": 0.42, "trap_radius": 0.05}}, "capture.trap"),
    ],
)
def test_what_does_not_go_together_is_named(change, key):
    from emergent_dynamics.config import schema

    parameters = schema.resolve(schema.read_schemas()[1]["reasoning"], change)
    assert [fault[0] for fault in checks.check(parameters)] == [key]


def test_defaults_go_together():
    from emergent_dynamics.config import schema

    of = schema.read_schemas()[1]["reasoning"]
    assert not list(checks.check(schema.resolve(of, {})))
    trained = schema.resolve(of, {"source": "train", "examples": 256})
    assert not list(checks.check(trained))
    assert json.dumps(trained)
