"""Gains and their intervals on accuracies made by hand."""

import numpy as np
import pytest

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
