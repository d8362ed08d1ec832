"""float32 and bfloat16 beside float64, the floor of the drift, and cells with clipped drift."""

import numpy as np
import pytest

from emergent_dynamics.reasoning import diagnostics
from emergent_dynamics.reasoning.findings import precision
from emergent_dynamics.reasoning.parameters import Settings

SETTINGS = Settings(4, "otsu", "qr", 20, 1)
NORM = 10.0


def table(level, correct, rounded, halted):
    """Constant drift of 10^level times the norm at every one of 6 steps."""
    n = len(level)
    arrays = {
        "idx": np.arange(n),
        "base_puzzle": np.arange(n) // 2,
        "drift_zH": NORM * 10.0 ** np.repeat(np.asarray(level, float)[:, None], 6, axis=1),
        "lyap_raw": np.asarray(level, float)[:, None],
        "exact_correct": np.asarray(correct, bool),
        "exact_bfloat16": np.asarray(rounded, float),
        "token_acc": np.asarray(correct, float),
        "halted_at": np.asarray(halted),
    }
    about = {"unit": diagnostics.UNIT, "estimator": "qr", "floor": 2e-16 * NORM, "state_norm": NORM}
    return diagnostics.dataset(arrays, {**about, "halting_rule": "q_halt > 0"})


@pytest.fixture
def diagnosed():
    """Four at the floor, four closing in at 1e-9, four that move: float64's threshold falls between the first two."""
    level = [-15.0] * 4 + [-7.5] * 4 + [-0.5] * 4
    correct = [1] * 6 + [0] * 6
    rounded = [1] * 5 + [0] * 6 + [1]
    return {"step_7": table(level, correct, rounded, [2, 2, 3, 3, -1, 6, 6, -1, -1, -1, -1, -1])}


def test_clipping_joins_what_settled_and_counts_what_moved(diagnosed):
    row = precision.find(diagnosed, SETTINGS)["precision"].iloc[0]
    assert row["at_floor"] == pytest.approx(4 / 12)
    assert [row[f"n_{c}_clipped"] for c in "ABCD"] == [6, 2, 0, 4]
    own = np.array([row[f"n_{c}"] for c in "ABCD"])
    clipped = np.array([row[f"n_{c}_clipped"] for c in "ABCD"])
    assert own.sum() == 12 and row["other_cell_clipped"] == np.abs(own - clipped).sum() // 2
    assert row["tau_clipped"] > np.log10(NORM * 1e-6)


def test_accuracies_and_what_differs_between_them(diagnosed):
    row = precision.find(diagnosed, SETTINGS)["precision"].iloc[0]
    assert (row["accuracy"], row["accuracy_bfloat16"], row["changed"]) == (0.5, 0.5, 2)


def test_halting_grows_to_the_share_that_ever_halted(diagnosed):
    rows = precision.find(diagnosed, SETTINGS)["halting"]
    assert (rows["halted"] * 12).tolist() == pytest.approx([0, 2, 4, 4, 4, 6])
    assert ((rows["ci_low"] <= rows["halted"]) & (rows["halted"] <= rows["ci_high"])).all()


def test_headlines_are_the_table_s_numbers_with_intervals_over_classes(diagnosed):
    rows = precision.find(diagnosed, SETTINGS)
    found = precision.summarise(diagnosed, rows)
    assert {name: h.value for name, h in found.items()} == pytest.approx(
        {"accuracy_bfloat16": 0.5, "share_at_floor": 4 / 12, "share_halted": 0.5}
    )
    assert all(h.n == 6 and 0 <= h.ci[0] <= h.value <= h.ci[1] <= 1 for h in found.values())


def test_a_pooled_threshold_is_fitted_to_the_clipped_drifts_too(diagnosed):
    pooled = Settings(4, "pooled", "qr", 20, 1)
    row = precision.find(diagnosed, pooled)["precision"].iloc[0]
    assert row["tau_clipped"] == precision.find(diagnosed, SETTINGS)["precision"].iloc[0]["tau_clipped"]


def trained(level):
    """The same with a float32 trajectory beside it, which ends at 10^-5.9 of the norm."""
    own = table(level, [1] * 6 + [0] * 6, [np.nan] * 12, [-1] * 12)
    own["drift_float32"] = own["drift_zH"].clip(min=NORM * 10**-5.9)
    return {"step_7": own}


def test_float32_makes_a_spike_of_what_closes_in_and_moves_examples():
    """Six far down, four closing in, two that move: float64 cuts after the six, float32 after its spike of ten."""
    diagnosed = trained([-13, -12.8, -12.6, -12.4, -12.2, -12, -6.6, -6.4, -6.2, -6, -2.5, -2.4])
    rows = precision.find(diagnosed, SETTINGS)
    row = rows["precision"].iloc[0]
    own = [row[f"n_{c}"] for c in "ABCD"]
    single = [row[f"n_{c}_float32"] for c in "ABCD"]
    assert sum(own) == sum(single) == 12 and row["tau"] < row["tau_float32"]
    assert own == [6, 0, 0, 6] and single == [6, 4, 0, 2] and row["other_cell_float32"] == 4
    found = precision.summarise(diagnosed, rows)
    assert found["moved_by_float32"].value == pytest.approx(4 / 12)
    assert "accuracy_bfloat16" not in found and np.isnan(row["changed"])


def test_what_was_not_run_in_float32_is_undefined(diagnosed):
    rows = precision.find(diagnosed, SETTINGS)
    row = rows["precision"].iloc[0]
    assert all(np.isnan(row[name]) for name in ("tau_float32", "other_cell_float32", "n_A_float32"))
    assert "moved_by_float32" not in precision.summarise(diagnosed, rows)
