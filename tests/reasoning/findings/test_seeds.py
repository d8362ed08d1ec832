"""Members of a sweep: means over seeds."""

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics.reasoning.findings import seeds


def test_seeds_are_averaged_within_what_they_have_in_common():
    """Mean and Student's interval of two seeds; one seed has none; the other parameter keeps them apart."""
    from emergent_dynamics.reasoning.figures import seeds as figure

    names = [*seeds.OVER_SEEDS, *(f"lambda1_{c}" for c in "ABCD")]

    def scalars(value):
        return pd.DataFrame({"table": "step_240", "statistic": names, "value": value})

    values = seeds.gather(
        {
            "s/model=hrm,seed=1": scalars(0.5),
            "s/model=trm,seed=1": scalars(0.6),
            "s/model=trm,seed=2": scalars(0.8),
        }
    )
    rows = seeds.find(values)
    table = rows["seeds"]
    both = table.query("family == 'model=trm'").set_index("statistic")
    share = both.loc["accuracy"]  # its interval cannot leave [0, 1]
    assert (share["mean"], share["ci_low"], share["ci_high"]) == (pytest.approx(0.7), 0.0, 1.0)
    row = both.loc["contrast_correct_minus_wrong"]
    assert (row["mean"], row["n_seeds"], row["lowest"], row["highest"]) == (pytest.approx(0.7), 2, 0.6, 0.8)
    assert row["ci_high"] - row["mean"] == pytest.approx(12.706 * 0.1, rel=1e-3)  # t of one degree of freedom
    found = seeds.summarise(rows, "nat")
    assert found["model=trm_accuracy"].n == 2 and found["model=hrm_accuracy"].ci is None
    assert len(figure.draw(values, table, "nat").axes) == 4


def members(**values):
    """`scalars.csv` of seeds 1, 2, ... of one sweep: a list of values per statistic."""
    n = len(next(iter(values.values())))
    return {
        f"s/seed={i + 1}": pd.DataFrame(
            [{"table": "t", "statistic": name, "value": each[i]} for name, each in values.items()]
        )
        for i in range(n)
    }


def test_the_mean_over_seeds_has_student_s_interval_cut_at_the_range_of_a_share():
    """.2, .5, .8: mean .5, s.e. .3 / sqrt 3, t of two degrees of freedom 4.3027: beyond 0 and 1."""
    each = [0.2, 0.5, 0.8]
    names = [
        "accuracy",
        "converged",
        "fraction_A",
        "mixture_wrong_converged",
        "mixture_correct_nonconverged",
        "auc_x",
    ]
    table = seeds.find(seeds.gather(members(**dict.fromkeys([*names, "mixture_threshold", "tau"], each))))[
        "seeds"
    ]
    rows = table.set_index("statistic")
    half = 4.302652729911275 * 0.3 / np.sqrt(3)
    for name in names:
        assert (rows.loc[name, "ci_low"], rows.loc[name, "ci_high"]) == (0.0, 1.0)
    for name in ("mixture_threshold", "tau"):
        assert rows.loc[name, "ci_low"] == pytest.approx(0.5 - half)
        assert rows.loc[name, "ci_high"] == pytest.approx(0.5 + half)
    assert (rows["mean"] == 0.5).all() and (rows["n_seeds"] == 3).all()
    assert rows["sd"].to_numpy() == pytest.approx(0.3) and set(table["family"]) == {""}
    assert (rows["lowest"] == 0.2).all() and (rows["highest"] == 0.8).all()


def test_equal_seeds_are_no_certainty_and_undefined_ones_are_not_counted():
    """A threshold that is held has no interval; a share of 1 in 4 seeds has Clopper and Pearson's of 4 of 4."""
    table = seeds.find(
        seeds.gather(members(tau=[-2.0] * 4, accuracy=[1.0] * 4, lambda1_B=[1.0, np.nan, 3.0, np.nan]))
    )
    rows = table["seeds"].set_index("statistic")
    assert np.isnan(rows.loc["tau", ["ci_low", "ci_high"]].astype(float)).all()
    assert (rows.loc["accuracy", "ci_low"], rows.loc["accuracy", "ci_high"]) == pytest.approx(
        (0.025**0.25, 1.0)
    )
    assert (rows.loc["lambda1_B", "mean"], rows.loc["lambda1_B", "n_seeds"]) == (2.0, 2)


def test_headlines_over_seeds_have_their_units_ranks_and_reasons():
    each = {name: [0.4, 0.6] for name in seeds.OVER_SEEDS}
    found = seeds.summarise(seeds.find(seeds.gather(members(**each))), "nat")
    assert {name: headline.unit for name, headline in found.items()} == {
        "accuracy": "share",
        "auc_neg_lambda1_correct": "probability",
        "auc_neg_log_drift_correct": "probability",
        "contrast_correct_minus_wrong": "nat",
    }
    assert [headline.rank for headline in found.values()] == [3, 1, 2, None]
    assert found["accuracy"].n == 2 and found["accuracy"].note == "t: 0.4 to 0.6 over the seeds"
    each["contrast_correct_minus_wrong"] = [np.nan, np.nan]
    found = seeds.summarise(seeds.find(seeds.gather(members(**each))), "nat")
    assert found["contrast_correct_minus_wrong"].note == "t: undefined for every seed"
    single = seeds.summarise(seeds.find(seeds.gather(members(**{k: v[:1] for k, v in each.items()}))), "nat")
    assert single["accuracy"].note == "t: 0.4 to 0.4 over the seeds; one seed has no interval"


def test_only_the_last_table_of_the_first_family_is_shown_first():
    scalars = pd.DataFrame({"statistic": list(seeds.OVER_SEEDS), "value": 0.5})
    both = pd.concat([scalars.assign(table="step_1"), scalars.assign(table="step_2", value=0.7)])
    values = seeds.gather({f"s/model={m},seed={i}": both for m in ("hrm", "trm") for i in (1, 2)})
    found = seeds.summarise(seeds.find(values), "nat")
    assert found["model=hrm_accuracy"].value == 0.7 and found["model=hrm_accuracy"].note.startswith(
        "step_2: "
    )
    assert {name for name, headline in found.items() if headline.rank} == {
        "model=hrm_accuracy",
        "model=hrm_auc_neg_lambda1_correct",
        "model=hrm_auc_neg_log_drift_correct",
    }
