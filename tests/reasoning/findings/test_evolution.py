"""Checkpoints side by side and joined by example."""

import numpy as np
import pytest

from emergent_dynamics.reasoning import ingest
from emergent_dynamics.reasoning.findings import evolution


@pytest.fixture
def series(deposit, saved):
    return {
        step: ingest.table(
            saved(deposit(n=120, seed=step), f"{step}.npz"), unit="nat per ACT step"
        ).assign_attrs(floor=1e-12)
        for step in (10, 20, 30)
    }


def test_every_checkpoint_is_cut_at_its_own_and_at_the_pooled_threshold(series):
    rows = evolution.over_checkpoints(series, 4, "qr", 30, 1)
    found = rows.pivot(index=["step", "threshold"], columns="statistic", values="value").reset_index()
    assert found["step"].tolist() == [10, 10, 20, 20, 30, 30]
    assert found.loc[found["threshold"] == "pooled", "tau"].nunique() == 1
    assert found.loc[found["threshold"] == "own", "tau"].nunique() == 3
    fractions = found[[f"fraction_{c}" for c in "ABCD"]].sum(axis=1)
    assert fractions.to_numpy() == pytest.approx(np.ones(6))


def test_transitions_conserve_the_examples_both_checkpoints_have(series):
    found = evolution.transitions(series, 4)
    assert found.groupby("step")["n"].sum().tolist() == [120, 120]
    shares = found.groupby(["step", "from"])["share"].sum()
    assert shares.to_numpy() == pytest.approx(np.ones(len(shares)))


def test_examples_are_joined_by_identity_not_by_row(series):
    """The same table in another order moves nothing from one cell to another."""
    table = series[10]
    shuffled = table.isel(example=np.random.default_rng(0).permutation(120))
    found = evolution.transitions({10: table, 20: shuffled}, 4)
    assert found.loc[found["from"] != found["to"], "n"].sum() == 0
    assert evolution.persistence({10: table, 20: shuffled}, "qr").loc[0, "spearman"] == pytest.approx(1.0)


def test_series_of_different_units_are_refused(series):
    series[20].attrs["unit"] = "unknown"
    with pytest.raises(ValueError, match="different units"):
        evolution.over_checkpoints(series, 4, "qr", 10, 1)
