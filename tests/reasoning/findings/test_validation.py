"""The estimator on systems whose exponents are known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics.findings import agrees
from emergent_dynamics.reasoning import theory
from emergent_dynamics.reasoning.findings import validation


@pytest.fixture(scope="module")
def rows():
    return validation.find(1)


def test_the_estimator_finds_known_exponents(rows):
    headlines = validation.summarise(rows)
    outcomes = {name: agrees(headline) for name, headline in headlines.items()}
    assert {name: v for name, v in outcomes.items() if v.outcome != "agrees"} == {}
    assert set(headlines) == {*theory.VALIDATION, "network_g0.5", "network_g0.9"}
    validation.require(headlines)


def test_a_sampled_exponent_has_an_interval_over_its_trajectories(rows):
    table = rows["validation"].set_index("check")
    sampled = table[table["standard_error"].notna()]
    assert dict(zip(sampled.index, sampled["n"], strict=True)) == {
        "henon_lambda1": 1000,
        "henon_lambda2": 1000,
        "lorenz_lambda1": 128,
        "lorenz_lambda2": 128,
        "lorenz_lambda3": 128,
        "linear_qr_16_steps": 512,
        "linear_qr_1024_steps": 64,
        "network_g1.5_is_chaotic": 8,
    }
    assert ((sampled["ci_low"] < sampled["measured"]) & (sampled["measured"] < sampled["ci_high"])).all()
    for name, headline in validation.summarise(rows).items():
        assert headline.exact == (name not in sampled.index) and (headline.ci is None) == headline.exact
    assert set(table.loc[["lorenz_lambda1", "lorenz_sum"], "unit"]) == {"nat per unit time"}


def test_what_must_be_equal_is_equal_to_rounding(rows):
    """Measured on this machine: 2e-15, 1e-16, 0, 2e-16, 8e-9, 1e-8, 5e-14; none may come near its tolerance."""
    table = rows["validation"].set_index("check")
    errors = table.loc[[name for name in table.index if table.loc[name, "expected"] == 0 and name[0] in "dc"]]
    assert len(errors) == 5 and (errors["measured"] < 0.1 * errors["tolerance"]).all()
    assert (errors["measured"] >= 0).all()


@pytest.mark.parametrize("value", [np.nan, 0.5])
def test_a_missed_exponent_stops_everything_in_one_line(rows, value):
    headlines = validation.summarise(rows)
    headlines["logistic_lambda1"] = replace(headlines["logistic_lambda1"], value=value)
    with pytest.raises(ValueError, match=r"logistic_lambda1 = (nan|0.5), must be = 0.693147"):
        validation.require(headlines)


def test_a_bound_stays_a_bound(rows):
    """Chaos at gain 1.5 is lambda1 >= 0, not lambda1 = 0."""
    chaos = validation.summarise(rows)["network_g1.5_is_chaotic"]
    assert chaos.expectation.relation == ">=" and agrees(chaos).outcome == "agrees"
    calm = replace(chaos, value=-chaos.value, ci=(-chaos.ci[1], -chaos.ci[0]))
    assert agrees(calm).outcome == "disagrees"


def test_rows_survive_their_csv(rows, tmp_path):
    rows["validation"].to_csv(tmp_path / "v.csv", index=False)
    back = pd.read_csv(tmp_path / "v.csv", keep_default_na=True).fillna({"reason": ""})
    assert validation.summarise({"validation": back}).keys() == validation.summarise(rows).keys()
