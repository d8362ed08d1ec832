"""Checkpoints side by side and joined by example."""

import numpy as np
import pandas as pd
import pytest
import scipy

from emergent_dynamics.reasoning import ingest
from emergent_dynamics.reasoning.figures import evolution as figure
from emergent_dynamics.reasoning.figures.palette import MEANING
from emergent_dynamics.reasoning.findings import evolution
from emergent_dynamics.reasoning.parameters import Settings


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
    found = rows.pivot_table(index=["step", "threshold"], columns="statistic", values="value").reset_index()
    assert found["step"].tolist() == [10, 10, 20, 20, 30, 30]
    assert found.groupby("threshold")["tau"].nunique().to_dict() == {"own": 3, "pooled": 1}
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


def rows_of(step, accuracy, fractions, n=100):
    values = {"accuracy": accuracy, **{f"fraction_{c}": f for c, f in zip("ABCD", fractions, strict=True)}}
    return pd.DataFrame([{"step": step, "statistic": k, "value": v, "n": n} for k, v in values.items()])


@pytest.mark.parametrize(
    ("accuracy", "fractions", "full"),
    [
        (0.5, (0.4, 0.42, 0.1, 0.08), True),
        (0.9, (0.76, 0.08, 0.08, 0.08), True),
        (0.49, (0.4, 0.42, 0.1, 0.08), False),
        (0.91, (0.76, 0.08, 0.08, 0.08), False),
        (0.7, (0.53, 0.3, 0.1, 0.07), False),
    ],
)
def test_four_cells_are_counted_with_eight_examples_at_accuracies_from_a_half_to_nine_tenths(
    accuracy, fractions, full
):
    table = pd.concat([rows_of(5, accuracy, fractions), rows_of(6, 0.1, (0.25,) * 4)])
    assert evolution.four_cells(table) == ([5] if full else [])


def test_every_statistic_has_its_row_and_interval_and_the_number_of_examples(series):
    rows = evolution.over_checkpoints(series, 4, "qr", 30, 1)
    assert list(rows.columns) == ["step", "threshold", "statistic", "value", "ci_low", "ci_high", "n"]
    assert (rows["n"] == 120).all() and (
        rows.groupby(["step", "threshold"]).size() == rows["statistic"].nunique()
    ).all()
    defined = rows.dropna(subset=["value", "ci_low"])
    assert ((defined["ci_low"] <= defined["value"]) & (defined["value"] <= defined["ci_high"])).all()
    accuracy = rows[(rows["statistic"] == "accuracy") & (rows["threshold"] == "own")].set_index("step")[
        "value"
    ]
    assert accuracy.to_dict() == {step: float(t["exact_correct"].mean()) for step, t in series.items()}


def test_the_headlines_are_of_the_last_checkpoint_at_the_pooled_threshold(series):
    tagged = {f"s_{k}": t.assign_attrs(series="s", step=k) for k, t in series.items()}
    rows = evolution.find(tagged, Settings(4, "otsu", "qr", 30, 1))
    found = evolution.summarise(tagged, rows)
    pooled = rows["evolution"].query("step == 30 and threshold == 'pooled'").set_index("statistic")
    for name in ("accuracy", "converged", "mixture_wrong_converged"):
        headline = found[f"s_last_{name}"]
        assert headline.value == pooled.loc[name, "value"] and headline.unit == "share"
        assert headline.ci == (pooled.loc[name, "ci_low"], pooled.loc[name, "ci_high"])
        assert headline.note == "step 30, 120 examples, threshold pooled over the checkpoints"
    wrong = int((~series[30]["exact_correct"].values).sum())
    assert found["s_last_accuracy"].n == 120 and found["s_last_mixture_wrong_converged"].n == wrong
    count = found["s_checkpoints_with_four_cells"]
    own = rows["evolution"].query("threshold == 'own'")
    assert (count.value, count.n, count.unit) == (len(evolution.four_cells(own)), 3, "checkpoints")
    assert count.note.endswith(", ".join(map(str, evolution.four_cells(own))) or "none")


def test_a_series_that_is_always_right_says_why_nothing_is_said_of_wrong_answers(series):
    right = series[10].assign(exact_correct=("example", np.ones(120, bool))).assign_attrs(series="s", step=1)
    rows = evolution.find({"a": right}, Settings(4, "otsu", "qr", 10, 1))
    headline = evolution.summarise({"a": right}, rows)["s_last_mixture_wrong_converged"]
    assert np.isnan(headline.value) and headline.note.startswith("no example is wrong; step 1")
    assert rows["transitions"].empty and rows["persistence"].empty


def test_without_a_series_the_tables_are_empty():
    assert all(table.empty for table in evolution.find({}, Settings(4, "otsu", "qr", 10, 1)).values())
    assert evolution.summarise({}, evolution.find({}, Settings(4, "otsu", "qr", 10, 1))) == {}


def test_the_share_of_a_transition_is_of_the_cell_it_starts_from(series):
    """By pandas' cross table of both checkpoints at the threshold of all."""
    pooled = evolution.pooled_threshold(
        {s: np.log10(t["drift_zH"].values[:, -4:].mean(1)) for s, t in series.items()}
    )
    letters = []
    for step in (10, 20):
        settled = np.log10(series[step]["drift_zH"].values[:, -4:].mean(1)) < pooled
        right = series[step]["exact_correct"].values
        letters.append(np.where(settled, np.where(right, "A", "B"), np.where(right, "C", "D")))
    counts = pd.crosstab(*letters)
    found = evolution.transitions(series, 4).query("step == 10 and next_step == 20").set_index(["from", "to"])
    for (start, end), row in found.iterrows():
        n, whole = counts.get(end, {}).get(start, 0), counts.loc[start].sum()
        assert (row["n"], row["share"]) == (n, n / whole)
        exact = scipy.stats.binomtest(int(n), int(whole)).proportion_ci(method="exact")
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((exact.low, exact.high))


def test_persistence_is_spearman_s_correlation_of_joined_examples_and_needs_eight(series):
    first, second = series[10].isel(example=slice(0, 60)), series[20].isel(example=slice(40, 120))
    found = evolution.persistence({1: first, 2: second}, "qr").iloc[0]
    a, b = first["lyap_raw"].values[40:, 0], second["lyap_raw"].values[:20, 0]
    assert (found["step"], found["next_step"], found["n"]) == (1, 2, 20)
    assert found["spearman"] == pytest.approx(scipy.stats.spearmanr(a, b).statistic)
    eight = evolution.persistence({1: first.isel(example=slice(0, 48)), 2: second}, "qr").iloc[0]
    seven = evolution.persistence({1: first.isel(example=slice(0, 47)), 2: second}, "qr").iloc[0]
    assert np.isfinite(eight["spearman"]) and np.isnan(seven["spearman"]) and seven["n"] == 7


def test_the_figure_draws_every_cell_of_the_pooled_threshold_with_its_values(series):
    tagged = {f"s_{k}": t.assign_attrs(series="s", step=k) for k, t in series.items()}
    rows = evolution.find(tagged, Settings(4, "otsu", "qr", 20, 1))
    left, right = figure.draw(rows, "nat").axes
    pooled = rows["evolution"].query("threshold == 'pooled'").set_index("statistic")
    [accuracy] = [line.get_ydata() for line in left.lines if line.get_label() == "accuracy"]
    assert list(accuracy) == pooled.loc["accuracy", "value"].tolist()
    for axis, name in ((left, "fraction"), (right, "lambda1")):
        drawn = {line.get_label(): list(line.get_ydata()) for line in axis.lines}
        lines = {letter: drawn[MEANING[letter]] for letter in "ABCD"}
        assert lines == {
            c: pytest.approx(pooled.loc[f"{name}_{c}", "value"].tolist(), nan_ok=True) for c in "ABCD"
        }
