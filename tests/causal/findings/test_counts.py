"""Counts: exact power laws, families of a sweep, the phase diagram, masked against unmasked."""

import json

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics.causal import members as sweep_members
from emergent_dynamics.causal.findings import counts, mask, sweep

PARAMETERS = {
    "beta": 49.0, "tokens": 256, "dimension": 2, "mask": "causal", "attention": "softmax",
    "value": "identity", "query": "identity", "key": "identity", "seed": 1, "initial": None,
    "gap": {"scaled": 0.49}, "integrator": "ode", "end_time": 500.0,
}  # fmt: skip


def member(n_clusters, time, **change):
    """Groups of a member, n_clusters[run][time]."""
    return xr.Dataset(
        {"n_clusters": (("run", "time"), np.array(n_clusters, np.int32))},
        coords={"time": np.array(time, float)},
        attrs={"parameters": json.dumps(PARAMETERS | change)},
    )


def power_law(betas, power, runs=4, **change):
    return [member([[1, 100 * b**power]] * runs, [0, 1], beta=b, **change) for b in betas]


def test_an_exact_power_law_has_its_exponent():
    slope, level = sweep.exponent(sweep.final_counts(power_law([1.0, 4.0, 16.0], 0.5)))
    assert slope.value == pytest.approx(0.5, abs=1e-12)
    assert level == pytest.approx(100.0)
    assert (slope.lo, slope.hi) == pytest.approx((0.5, 0.5))


def test_the_bootstrap_interval_covers_the_exponent_as_often_as_it_says():
    """Poisson counts with mean 10 sqrt(beta): 95 % of 200 intervals, within 4 binomial standard errors."""
    rng = np.random.default_rng(1)
    hits = 0
    for trial in range(200):
        found = {b: rng.poisson(10 * b**0.5, 40) for b in (1.0, 4.0, 16.0, 64.0)}
        slope, _ = sweep.exponent(found, seed=trial)
        hits += slope.lo <= 0.5 <= slope.hi
    assert abs(hits - 190) < 4 * (200 * 0.95 * 0.05) ** 0.5


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
    found = sweep_members.families(members)
    assert list(found) == [
        "dimension=2,value=identity",
        "dimension=3,value=identity",
        'dimension=3,value={"diagonal": [1, 1, 0]}',
    ]
    slopes = [sweep.exponent(sweep.final_counts(family))[0].value for family in found.values()]
    assert slopes == pytest.approx([0.5, 1.0, 0.0])
    assert list(sweep_members.families(power_law([4.0, 1.0], 0.5))) == [""]
    headlines = sweep.summarise(members)
    assert headlines["count_exponent[dimension=3,value=identity]"].value == pytest.approx(1.0)


def test_the_independent_exponent_is_expected_of_its_own_sweep_only():
    """0.526 for 256 tokens on the circle, beta 16 ... 256, t = 500."""
    betas = [16.0, 25.0, 49.0, 144.0, 256.0]
    found = sweep.summarise(power_law(betas, 0.5))
    assert found["count_exponent"].expected == 0.526
    assert found["count_per_root_beta_49"].expected == 0.821
    for change in ({"tokens": 64}, {"end_time": 50.0}, {"mask": "none"}, {"dimension": 3}):
        found = sweep.summarise(power_law(betas, 0.5, **change))
        assert found["count_exponent"].expected is None
        assert found["count_per_root_beta_49"].expected is None


def test_a_single_beta_has_no_exponent():
    assert list(sweep.summarise(power_law([4.0], 0.5))) == ["count_per_root_beta_4"]


def test_counts_over_time_have_student_intervals():
    """1, 2, 3: mean 2, t(2) = 4.303, standard error 1 / sqrt 3."""
    table = counts.over_time(member([[1], [2], [3]], [7.0]))
    row = table.iloc[0]
    assert (row["time"], row["value"], row["n"]) == (7.0, 2.0, 3)
    assert row["hi"] - row["value"] == pytest.approx(4.302653 / 3**0.5)


def test_independent_counts_are_read_between_frames_in_log_time():
    """Frames at 8 and 12.5 with 10 and 8 groups: 9 at their geometric mean 10, where 9.05 is expected."""
    found = counts.summarise(member([[14, 10, 8]] * 3, [0, 8, 12.5]), PARAMETERS)
    assert found["n_clusters_t10"].value == pytest.approx(9.0)
    assert found["n_clusters_t10"].expected == 9.05
    assert "n_clusters_t20" not in found
    assert "n_clusters_t5" not in found


def test_the_sweeps_table_names_every_member():
    members = [*power_law([4.0, 1.0], 0.5), *power_law([1.0], 0.5, mask="none")]
    table = sweep.over_members(members)
    assert table["family"].tolist() == ["mask=causal"] * 4 + ["mask=none"] * 2
    assert table["beta"].tolist() == [1, 1, 4, 4, 1, 1]
    assert table["n_clusters"].tolist() == [1, 100, 1, 200, 1, 100]


def test_only_families_with_several_beta_are_fitted():
    fits = sweep.exponents([*power_law([4.0, 1.0], 0.5), *power_law([1.0], 0.5, mask="none")])
    assert fits["family"].tolist() == ["mask=causal"]
    assert fits[["exponent", "level"]].to_numpy() == pytest.approx(np.array([[0.5, 100.0]]))


def test_the_difference_between_masked_and_unmasked_is_paired():
    """Runs differ by 3 groups, masked and unmasked of one run always by 1: no spread is left."""
    masked = member([[5, 4], [8, 7], [2, 1]], [0, 1])
    unmasked = member([[5, 5], [8, 8], [2, 2]], [0, 1], mask="none")
    table = mask.contrast(masked, unmasked)
    assert table["difference"].tolist() == [0, -1]
    assert (table["lo"].tolist(), table["hi"].tolist()) == ([0, -1], [0, -1])


def test_pairs_of_a_sweep_differ_in_the_mask_only():
    members = [member([[5, 4 - b]], [0, 1], beta=b, mask=m) for b in (1.0, 2.0) for m in ("causal", "none")]
    table = mask.find([*members, member([[1, 1]], [0, 1], beta=3.0)])["mask"]
    assert table["pair"].tolist() == ["beta=1.0"] * 2 + ["beta=2.0"] * 2
    assert (table["difference"] == 0).all()
    assert mask.find([member([[1, 1]], [0, 1])])["mask"].empty


@pytest.mark.parametrize("key", ["seed", "tokens", "dimension", "initial", "beta"])
def test_masked_and_unmasked_must_start_alike(key):
    other = member([[5, 5]], [0, 1], mask="none", **{key: 7})
    with pytest.raises(ValueError, match=f"differ in {key}"):
        mask.contrast(member([[5, 4]], [0, 1]), other)


def test_masked_and_unmasked_must_be_saved_at_the_same_times():
    with pytest.raises(ValueError, match="different times"):
        mask.contrast(member([[5, 4]], [0, 1]), member([[5, 4]], [0, 2], mask="none"))
