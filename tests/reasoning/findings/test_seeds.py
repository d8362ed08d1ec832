"""Members of a sweep: means over seeds."""

import pytest

from emergent_dynamics.reasoning.findings import seeds


def test_seeds_are_averaged_within_what_they_have_in_common():
    """Mean and Student's interval of two seeds; one seed has none; the other parameter keeps them apart."""
    import pandas as pd

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
