"""Sweeps: exact power laws, families, the second code's counts and the exponent through them."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from emergent_dynamics.causal import members as apart
from emergent_dynamics.causal.findings import sweep
from emergent_dynamics.causal.second_code import NUMBERS
from emergent_dynamics.findings import agrees
from tests.causal.findings.test_counts import PARAMETERS


def member(n_clusters, time, **change):
    """Groups of a member, n_clusters[run][time]."""
    return xr.Dataset(
        {"n_clusters": (("run", "time"), np.array(n_clusters, np.int32))},
        coords={"time": np.array(time, float), "token": np.arange(256)},
        attrs={"parameters": json.dumps(PARAMETERS | change)},
    )


def power_law(betas, power, runs=4, **change):
    return [member([[1, 100 * b**power]] * runs, [0, 1], beta=b, **change) for b in betas]


def test_an_exact_power_law_has_its_exponent():
    slope, level = sweep.exponent(sweep.final_counts(power_law([1.0, 4.0, 16.0], 0.5)))
    assert slope.value == pytest.approx(0.5, abs=1e-12)
    assert level == pytest.approx(100.0)
    assert (slope.lo, slope.hi) == pytest.approx((0.5, 0.5))
    assert slope.n == 4


def test_the_interval_is_students_of_what_each_run_adds():
    """The runs add 2/5 - 1/2 and 8/5 - 3/2 to the slope, -0.1 and 0.1: a standard error of 0.1, and 12.706 of them."""
    slope, _ = sweep.exponent({1.0: np.array([1, 3]), np.e: np.array([2, 8])})
    assert slope.value == pytest.approx(np.log(5 / 2))
    assert slope.standard_error == pytest.approx(0.1)
    assert (slope.lo, slope.hi) == pytest.approx(np.log(5 / 2) + np.array([-1.2706, 1.2706]), abs=1e-4)


@pytest.mark.parametrize("shared", [False, True])
def test_the_interval_covers_the_exponent_as_often_as_it_says(shared):
    """Poisson counts with mean 10 sqrt(beta), times a factor of the run, which all beta share and which cancels.

    95 % of 200 intervals over 10 runs hold the exponent, within 3 binomial standard errors.
    """
    rng = np.random.default_rng(1)
    hits, lengths = 0, []
    for _ in range(200):
        of_run = 1 + rng.exponential(size=10) if shared else np.ones(10)
        slope, _ = sweep.exponent({b: rng.poisson(10 * of_run * b**0.5) for b in (1.0, 4.0, 16.0, 64.0)})
        hits += slope.lo <= 0.5 <= slope.hi
        lengths.append(slope.hi - slope.lo)
    assert abs(hits - 190) < 3 * (200 * 0.95 * 0.05) ** 0.5
    assert np.mean(lengths) < 0.12  # without pairing the factor makes it 0.2


def test_a_single_run_gives_a_slope_without_interval():
    slope, _ = sweep.exponent(sweep.final_counts(power_law([1.0, 4.0], 0.5, runs=1)))
    assert slope.value == pytest.approx(0.5)
    assert slope.ci is None


def test_families_differ_in_more_than_beta():
    members = [
        *power_law([4.0, 1.0], 0.5),
        *power_law([1.0, 4.0], 1.0, dimension=3),
        *power_law([1.0, 4.0], 0.0, dimension=3, value={"diagonal": [1, 1, 0]}),
    ]
    found = apart.families(members)
    assert list(found) == [
        "dimension=2,value=identity",
        "dimension=3,value=identity",
        'dimension=3,value={"diagonal": [1, 1, 0]}',
    ]
    slopes = [sweep.exponent(sweep.final_counts(family))[0].value for family in found.values()]
    assert slopes == pytest.approx([0.5, 1.0, 0.0])
    assert list(apart.families(power_law([4.0, 1.0], 0.5))) == [""]
    headlines = sweep.summarise(members)
    assert headlines["count_exponent[dimension=3,value=identity]"].value == pytest.approx(1.0)
    assert headlines["count_exponent[dimension=3,value=identity]"].rank is None


def final(beta):
    """The second code's number of groups at t = 500."""
    return NUMBERS["n_clusters", float(beta), 256, 500.0][0]


BETAS = [16.0, 25.0, 36.0, 49.0, 64.0, 100.0, 144.0, 256.0]


def test_the_second_codes_numbers_are_expected_of_its_own_sweep_only():
    """0.52 for 256 tokens, beta 16 to 256, t = 500; through 16 and 64 ln(count / count) / ln 4."""
    found = sweep.summarise(power_law(BETAS, 0.5))
    assert found["count_exponent"].expectation.value == pytest.approx(0.52, abs=0.015)
    assert found["count_exponent"].rank == 1
    assert found["count_per_root_beta_49"].expectation.value == pytest.approx(final(49) / 7)
    found = sweep.summarise(power_law([16.0, 64.0], 0.5))
    assert found["count_exponent"].expectation.value == pytest.approx(
        np.log(final(64) / final(16)) / np.log(4)
    )
    for change in ({"tokens": 64}, {"end_time": 50.0}, {"mask": "none"}, {"dimension": 3}):
        found = sweep.summarise(power_law(BETAS, 0.5, **change))
        assert found["count_exponent"].expectation is None
        assert found["count_per_root_beta_49"].expectation is None
    assert sweep.summarise(power_law([16.0, 50.0], 0.5))["count_exponent"].expectation.kind == "published"


def test_counts_over_the_root_of_beta_are_compared_with_the_second_code():
    """100 runs of 6 groups but for 10 of 5 at beta = 49: 0.843 beside 0.826; of 8 and 7 it is 1.13."""
    for more, outcome in ((0, "agrees"), (2, "disagrees")):
        runs = [[9, 6 + more - (r < 10)] for r in range(100)]
        found = sweep.summarise([member(runs, [0, 500.0])])["count_per_root_beta_49"]
        assert found.value == pytest.approx((5.9 + more) / 7)
        assert (agrees(found).outcome, found.n, found.unit) == (outcome, 100, "groups / sqrt(beta)")


def test_the_interval_of_a_count_ends_at_one_group_and_at_all_tokens():
    found = sweep.summarise([member([[5, 1], [5, 255]], [0, 1.0])])["count_per_root_beta_49"]
    assert found.ci == pytest.approx((1 / 7, 256 / 7))


def test_a_single_beta_has_no_exponent():
    assert list(sweep.summarise(power_law([4.0], 0.5))) == ["count_per_root_beta_4"]


def test_the_table_names_every_member():
    members = [*power_law([4.0, 1.0], 0.5), *power_law([1.0], 0.5, mask="none")]
    table = sweep.find(members)["sweep"]
    assert table["family"].tolist() == ["mask=causal"] * 4 + ["mask=none"] * 2
    assert table["beta"].tolist() == [1, 1, 4, 4, 1, 1]
    assert table["n_clusters"].tolist() == [1, 100, 1, 200, 1, 100]
    assert list(table.columns) == ["family", "beta", "time", "n_clusters", "lo", "hi", "n"]


def test_lives_of_members_stand_in_one_table_and_members_have_names():
    members = [*power_law([4.0, 1.0], 0.5), *power_law([1.0], 0.5, mask="none")]
    table = pd.DataFrame({"of": ["runs", "groups"], "time": [1.0, 2.0]})
    found = sweep.lives(members, [table] * 3)["survival_sweep"]
    assert found["family"].tolist() == ["mask=causal"] * 4 + ["mask=none"] * 2
    assert found["beta"].tolist() == [4, 4, 1, 1, 1, 1] and found["time"].tolist() == [1, 2] * 3
    assert apart.labels(members) == ["mask = causal, β = 4", "mask = causal, β = 1", "mask = none, β = 1"]
    assert apart.labels(power_law([4.0, 1.0], 0.5)) == ["β = 4", "β = 1"]
    assert apart.by_family([members[2], *members[:2]]) == [2, 1, 0]
    assert apart.labels([members[1], members[2]]) == ["mask = causal", "mask = none"]


def test_only_families_with_several_beta_are_fitted():
    fits = sweep.find([*power_law([4.0, 1.0], 0.5), *power_law([1.0], 0.5, mask="none")])["exponents"]
    assert fits["family"].tolist() == ["mask=causal"]
    assert fits[["exponent", "level", "limit", "n"]].to_numpy() == pytest.approx(
        np.array([[0.5, 100.0, 0.5, 4]])
    )
    limits = [
        power_law([4.0, 1.0], 0.5, **change)
        for change in ({"dimension": 4}, {"mask": "none"}, {"value": "axis"})
    ]
    limits += [power_law([4.0, 1.0], 0.5, **change) for change in ({"tokens": 10}, {"end_time": 1e6})]
    found = [sweep.exponents(members)["limit"].tolist() for members in limits]
    assert found[0] == [1.5] and np.isnan(found[1:]).all()
