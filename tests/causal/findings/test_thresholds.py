"""Thresholds: by hand, censored cases, invariance, the theory of when one threshold is perfect."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from emergent_dynamics.causal.findings import thresholds
from emergent_dynamics.causal.second_code import NUMBERS

BETA = 49.0


def datasets(angles, labels):
    """A one-run trajectory of its start on the circle, and its groups at the end."""
    x = np.stack([np.cos(angles), np.sin(angles)], -1)[None, None]
    return (
        xr.Dataset({"x": (("run", "time", "token", "coord"), x)}),
        xr.Dataset({"label": (("run", "time", "token"), np.array(labels, np.int32)[None, None])}),
    )


def row(angles, labels):
    return thresholds.find(*datasets(angles, labels), beta=BETA)["thresholds"].iloc[0]


def test_thresholds_of_five_tokens_worked_out_by_hand():
    """Separations 1, 0.4, 0.9 and 0.1 rad of tokens 1 to 4; 1 and 3 lead."""
    found = row([0.0, 1.0, 1.4, -0.9, -1.0], [0, 1, 1, 3, 3])
    assert found["min_separation"] == pytest.approx(7 * 0.4)
    assert found["max_separation"] == pytest.approx(7 * 0.9)
    assert found["censored"] == "no"


def test_the_arc_is_measured_across_the_seam_of_the_angle():
    """Tokens at 3.0 and -3.0 rad are 2 pi - 6 apart."""
    assert row([3.0, -3.0, 0.0], [0, 1, 0])["max_separation"] == pytest.approx(7 * (2 * np.pi - 6))


def test_what_is_undefined_is_nan_with_its_reason():
    """The seed let 2 arcsin(1/2) = pi / 3 into its histogram when only token 0 led."""
    found = row([0.0, 1.0], [0, 0])
    assert np.isnan(found["max_separation"])
    assert found["min_separation"] == pytest.approx(7.0)
    assert found["censored"] == "one leader"
    found = row([0.0, 1.0], [0, 1])
    assert np.isnan(found["min_separation"])
    assert found["censored"] == "no follower"
    found = row([0.0], [0])
    assert np.isnan(found["min_separation"])
    assert np.isnan(found["max_separation"])
    assert found["censored"] == "one token"


def test_a_separation_above_one_radian_is_not_capped():
    """The seed's starting value of 1 (a chord) hid every max_separation above pi / 3."""
    assert row([0.0, 2.5], [0, 1])["max_separation"] == pytest.approx(7 * 2.5)


def test_followers_after_token_50_count():
    """The seed looked at the first 50 tokens only."""
    angles = np.concatenate([np.zeros(60), [2.0]])
    assert row(angles, np.zeros(61))["min_separation"] == pytest.approx(14.0)


def test_leaders_chosen_by_a_threshold_have_a_perfect_threshold():
    """If exactly the tokens with s > c lead, then min_separation <= c < max_separation, in every run."""
    rng = np.random.default_rng(1)
    separations = np.concatenate([np.full((50, 1), np.inf), rng.uniform(0, 6, (50, 40))], axis=1)
    low, high = thresholds.extremes(separations, separations > 3.0)
    assert (low <= 3.0).all()
    assert (high > 3.0).all()


def test_headlines_give_quantiles_and_the_share_of_perfect_runs():
    table = table_of(np.arange(101.0), np.arange(101.0) + np.where(np.arange(101) % 2, 1, -1))
    found = thresholds.summarise(table, OTHER)
    assert found["min_separation_p50"].value == 50.0
    assert found["min_separation_p50"].ci == (40.0, 60.0)  # order statistics 41 and 61 of 101
    assert found["perfect_threshold"].value == pytest.approx(50 / 101)
    assert found["censored"].value == 0.0


def test_without_any_defined_run_the_headlines_are_nan():
    table = table_of(np.full(3, np.nan), np.full(3, np.nan))
    table["censored"] = "one token"
    found = thresholds.summarise(table, OTHER)
    assert np.isnan(found["min_separation_p50"].value)
    assert np.isnan(found["perfect_threshold"].value)
    assert found["censored"].value == 1.0


OTHER = {"dimension": 3, "beta": 1600.0, "tokens": 2}


def table_of(low, high):
    columns = {"run": range(len(low)), "min_separation": low, "max_separation": high}
    return pd.DataFrame(columns | {"censored": "no"})


SEED = {
    "beta": 49, "tokens": 256, "dimension": 2, "integrator": "map", "step_size": 0.05, "steps": 10_000,
    "mask": "causal", "attention": "softmax", "initial": None, "gap": {"scaled": 0.49},
    "value": "identity", "query": "identity", "key": "identity",
}  # fmt: skip


def test_every_percentile_has_its_own_headline_and_expected_value():
    """0, 1, ..., 100: the p-th percentile is p; the second code's stand beside them."""
    table = table_of(np.arange(101.0) / 20, np.arange(101.0) / 10)
    found = thresholds.summarise(table, SEED)
    for percent in (10, 25, 50, 75, 90):
        low, high = (NUMBERS[f"{m}_separation_p{percent}", 49.0, 256, 476.19][0] for m in ("min", "max"))
        least, largest = found[f"min_separation_p{percent}"], found[f"max_separation_p{percent}"]
        assert (least.value, largest.value) == pytest.approx((percent / 20, percent / 10))
        assert (least.expectation.value, largest.expectation.value) == (low, high)
        assert least.sentence.startswith(f"{percent}th percentile over the runs of the largest separation")
        assert largest.sentence.startswith(f"{percent}th percentile over the runs of the smallest separation")
        assert (least.n, least.unit, least.note) == (101, "1/sqrt(beta)", None)
    assert len(found) == 12
    assert found["perfect_threshold"].expectation.value == NUMBERS["perfect_threshold", 49.0, 256, 476.19][0]
    assert found["perfect_threshold"].rank == 4
    assert found["perfect_threshold"].value == pytest.approx(100 / 101)  # 0 is not below 0


def test_only_runs_with_both_thresholds_can_be_perfect():
    """Four of six runs are defined, three of them perfect; two are censored."""
    table = table_of([1.0, 1.0, 1.0, 3.0, np.nan, 1.0], [2.0, 2.0, 2.0, 2.0, 2.0, np.nan])
    table["censored"] = ["no"] * 4 + ["no follower", "one leader"]
    found = thresholds.summarise(table, OTHER)
    assert (found["perfect_threshold"].value, found["perfect_threshold"].n) == (0.75, 4)
    assert (found["censored"].value, found["censored"].n) == (pytest.approx(1 / 3), 6)
    assert found["perfect_threshold"].note is None
    assert found["min_separation_p50"].n == found["max_separation_p50"].n == 5


def test_what_is_undefined_says_why():
    table = table_of(np.full(3, np.nan), [1.0, np.nan, np.nan]).assign(censored="no follower")
    found = thresholds.summarise(table, OTHER)
    assert found["min_separation_p50"].note == "it is defined in 0 runs"
    assert found["max_separation_p50"].note == "it is defined in 1 runs"
    assert found["perfect_threshold"].note == "in no run are both thresholds defined"


def test_an_order_statistic_that_a_small_sample_lacks_is_the_end_of_the_range():
    """Of 8 values no interval of order statistics has its lower end for 10 % or its upper end for 90 %."""
    values = np.arange(1.0, 9.0)
    ends = [thresholds.percentile(values, q, 20.0) for q in (10, 50, 90)]
    assert [(e.lo, e.hi, e.n) for e in ends] == [(0.0, 4.0, 8), (1.0, 8.0, 8), (5.0, 20.0, 8)]
    assert [e.value for e in ends] == pytest.approx([1.7, 4.5, 7.3])
    assert (
        thresholds.percentile(values[:1], 50, 20.0).lo,
        thresholds.percentile(values[:1], 50, 20.0).hi,
    ) == (0, 20)


def test_the_range_of_a_separation_is_half_the_circle():
    """One run, no order statistics: [0, pi sqrt(beta)]."""
    found = thresholds.summarise(table_of([1.0], [2.0]), OTHER | {"beta": 16.0})
    assert found["min_separation_p10"].ci == pytest.approx((0.0, 4 * np.pi))


@pytest.mark.slow
@pytest.mark.parametrize("percent", thresholds.PERCENTILES)
def test_the_interval_of_a_percentile_covers_it(percent):
    """At least 95 % by construction, here of 400 samples of 64 exponential values."""
    rng = np.random.default_rng(percent)
    truth = -np.log(1 - percent / 100)
    found = [thresholds.percentile(rng.exponential(size=64), percent, 99.0) for _ in range(400)]
    assert np.mean([e.lo <= truth <= e.hi for e in found]) >= 0.95 - 3 * (0.05 * 0.95 / 400) ** 0.5
