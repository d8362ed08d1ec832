"""Gains and their intervals on accuracies made by hand."""

import numpy as np
import pytest
from scipy import stats

from emergent_dynamics.oscillators.findings import training
from tests.oscillators.experiments import complete


def rows_of(accuracies):
    """Rows as `classification.run` returns them; accuracies : {features: one per split}, of ridge without noise."""
    return [
        {"noise": 0.0, "features": name, "split": split, "classifier": "ridge", "accuracy": value, "n_test": 40,
         "confusion": [1] * 4, "log": [[1.0, 0.5]]}
        for name, values in accuracies.items() for split, value in enumerate(values)
    ]  # fmt: skip


def test_the_gain_is_field_minus_the_best_control():
    """Field 0.9 against raw 0.8 and blur 0.95: the gain is -0.05, whatever we would like."""
    tables = training.find(rows_of({"field": [0.9] * 3, "raw": [0.8] * 3, "blur_1": [0.95] * 3}))
    (gain,) = tables["gain"].itertuples()
    assert (gain.control, gain.gain, gain.gain_raw) == ("blur_1", pytest.approx(-0.05), pytest.approx(0.1))
    assert training.summarise(tables, complete())["dynamics_gain_ridge_noise_0"].value == pytest.approx(-0.05)


def test_intervals_of_overlapping_splits_are_wider():
    """Nadeau & Bengio: variance s^2 (1/n + n_test / n_train), 0.2 / 0.64 here, instead of s^2 / n."""
    right = np.array([80, 82, 81, 79, 83])
    e = training.corrected_interval(right, 100)
    naive = 2.7764451051977987 * (right / 100).std(ddof=1) / np.sqrt(5)
    assert e.value == 0.81 and e.n == 5
    assert (e.hi - e.lo) / 2 == pytest.approx(naive * np.sqrt(1 + 5 * 0.2 / 0.64))
    assert e.hi - e.value == pytest.approx(2.7764451051977987 * e.standard_error)
    assert np.isnan(training.corrected_interval(right[:1], 100).lo)


def test_equal_splits_make_nothing_certain():
    """Two splits without a difference were printed as 0 [0, 0]; a gain of nothing as -3.7e-17."""
    rows = [
        row | {"accuracy": k / 40}
        for row, k in zip(rows_of({"field": [0] * 3, "raw": [0] * 3}), (9, 14, 11) * 2, strict=True)
    ]
    tables = training.find(rows)
    (gain,) = tables["gain"].itertuples()
    assert gain.gain == gain.gain_raw == 0 and np.isnan([gain.lo, gain.hi, gain.lo_raw, gain.hi_raw]).all()
    headline = training.summarise(tables, complete())["dynamics_gain_ridge_noise_0"]
    assert headline.ci is None and "all are equal" in headline.note


CHECKED = ["ridge", "knn", "head"]


def made_rows():
    """Two noises, three splits of 50 test images, three features and classifiers, whole numbers named rightly."""
    rows = []
    for a, noise in enumerate((0.0, 0.5)):
        for b, name in enumerate(("raw", "blur_1", "field")):
            for c, classifier in enumerate(CHECKED):
                for split in range(3):
                    hits = 20 + 3 * a + 2 * b * (1 - a) + c + (split * (b + 1)) % 4
                    row = {"noise": noise, "features": name, "split": split, "classifier": classifier}
                    row |= {"accuracy": hits / 50, "n_test": 50, "confusion": [hits, 5, 45 - hits, 0]}
                    extra = (
                        {"log": [[2.0, 1.5], [1.0, 1.2]], "stopped": False} if classifier == "head" else {}
                    )
                    rows.append(row | extra | ({"alpha": 10.0} if classifier == "ridge" else {}))
    return rows


def nadeau(hits):
    """Mean share and corrected interval, written out: test images are a quarter of training's 0.64."""
    share = np.array(hits) / 50
    error = np.sqrt(share.var(ddof=1) * (1 / len(hits) + 0.2 / 0.64))
    half = stats.t.ppf(0.975, len(hits) - 1) * error
    return share.mean(), share.mean() - half, share.mean() + half


def counts(noise, name, classifier):
    return [
        round(row["accuracy"] * 50) for row in made_rows()
        if (row["noise"], row["features"], row["classifier"]) == (noise, name, classifier)
    ]  # fmt: skip


def test_accuracies_and_gains_are_nadeau_and_bengios():
    tables = training.find(made_rows())
    for row in tables["accuracy"].itertuples():
        hits = counts(row.noise, row.features, row.classifier)
        assert (row.accuracy, row.lo, row.hi) == pytest.approx(nadeau(hits)) and row.n == 3
    for row in tables["gain"].itertuples():
        field = np.array(counts(row.noise, "field", row.classifier))
        controls = {name: np.array(counts(row.noise, name, row.classifier)) for name in ("raw", "blur_1")}
        best = max(controls, key=lambda name, held=controls: held[name].sum())
        assert row.control == best and row.n == 3
        assert (row.gain, row.lo, row.hi) == pytest.approx(nadeau(field - controls[best]))
        assert (row.gain_raw, row.lo_raw, row.hi_raw) == pytest.approx(nadeau(field - controls["raw"]))
    assert list(tables["gain"].columns) == [
        "noise", "classifier", "control", "gain", "lo", "hi", "gain_raw", "lo_raw", "hi_raw", "n",
    ]  # fmt: skip


def test_intervals_of_shares_and_of_their_differences_are_cut_at_their_range():
    tables = training.find(rows_of({"field": [1.0, 0.95], "raw": [0.0, 0.5]}))
    raw, field = (tables["accuracy"].set_index("features").loc[name] for name in ("raw", "field"))
    assert (raw["lo"], raw["hi"], field["hi"]) == (0, 1, 1)
    assert (tables["gain"]["lo"].item(), tables["gain"]["hi"].item()) == (-1, 1)


def test_the_tables_hold_every_row_loss_and_mistake():
    tables = training.find(made_rows())
    table = tables["training"]
    assert len(table) == 54 and list(table["noise"]) == sorted(table["noise"])
    assert set(table.loc[table["classifier"] == "ridge", "alpha"]) == {10.0}
    assert set(table.loc[table["classifier"] == "head", "epochs"]) == {2.0}
    assert table.loc[table["classifier"] == "knn", ["alpha", "epochs"]].isna().all().all()
    first = tables["epochs"].iloc[:2]
    assert list(first["epoch"]) == [1, 2] and list(first["training_loss"]) == [2.0, 1.0]
    assert list(first["validation_loss"]) == [1.5, 1.2] and len(tables["epochs"]) == 36
    keys = ["noise", "features", "classifier", "true", "predicted"]
    mistakes = tables["confusion"].set_index(keys)["count"]
    hits = sum(counts(0.5, "field", "knn"))
    assert mistakes[0.5, "field", "knn", 0, 0] == hits and mistakes[0.5, "field", "knn", 0, 1] == 15
    assert mistakes[0.5, "field", "knn", 1, 0] == 135 - hits and mistakes[0.5, "field", "knn", 1, 1] == 0


def test_headlines_say_which_gain_would_be_noticed():
    tables = training.find(made_rows())
    rows = training.summarise(tables, complete())
    assert len(rows) == 12 and [name for name, row in rows.items() if row.rank] == [
        "dynamics_gain_ridge_noise_0.5"
    ]
    assert rows["dynamics_gain_ridge_noise_0.5"].rank == 5
    gain, noted = (
        rows["dynamics_gain_knn_noise_0"],
        tables["gain"].set_index(["noise", "classifier"]).loc[0.0, "knn"],
    )
    assert (gain.value, *gain.ci) == (noted["gain"], noted["lo"], noted["hi"])
    assert (gain.n, gain.unit) == (3, "difference in accuracy")
    half = (noted["hi"] - noted["lo"]) / 2
    assert gain.note == f"field minus {noted['control']}; 3 splits do not show a gain below {half:.2g}"
    assert gain.sentence.endswith("3 nearest neighbours, noise 0")
    accuracy = rows["accuracy_field_head_noise_0.5"]
    assert (accuracy.value, accuracy.unit, accuracy.n) == (
        np.mean(counts(0.5, "field", "head")) / 50,
        "accuracy",
        3,
    )
    assert accuracy.note == "of 3 splits" and accuracy.ci is not None
    one = training.summarise(training.find(rows_of({"field": [0.5], "raw": [0.4]})), complete())
    assert one["accuracy_field_ridge_noise_0"].note == "no interval: one split, or all are equal"
    assert one["accuracy_field_ridge_noise_0"].ci is None


@pytest.mark.slow
def test_the_corrected_interval_covers_the_expected_accuracy():
    """200 data sets of 200 images, eight random splits each, of a threshold between two Gaussians 2 s.d. apart.

    The truth is the accuracy expected of a threshold learned from 128 images.
    """
    rng, estimates, truth = np.random.default_rng(13), [], []
    for _ in range(200):
        y = rng.permutation(np.arange(200) % 2)
        x, right = rng.normal(2.0 * y), []
        for _ in range(8):
            order = rng.permutation(200)
            train, test = order[72:], order[:40]
            level = (x[train][y[train] == 0].mean() + x[train][y[train] == 1].mean()) / 2
            right.append(((x[test] > level) == y[test]).sum())
            truth.append((stats.norm.cdf(level) + stats.norm.sf(level - 2)) / 2)
        estimates.append(training.corrected_interval(np.array(right), 40))
    covered = np.mean([e.lo <= np.mean(truth) <= e.hi for e in estimates])
    assert 0.93 <= covered <= 0.97
