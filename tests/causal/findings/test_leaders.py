"""Leaders: hand-made groups, then what the headlines say about the seed's experiment and only about it."""

import itertools

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from emergent_dynamics.causal import groups as grouping
from emergent_dynamics.causal import simulation
from emergent_dynamics.causal.findings import leaders
from emergent_dynamics.causal.second_code import NUMBERS
from emergent_dynamics.findings import agrees
from emergent_dynamics.statistics import deviation_interval
from tests.causal.experiments import experiment

SEED = {
    "beta": 49, "tokens": 256, "dimension": 2, "integrator": "map", "step_size": 0.05, "steps": 10_000,
    "mask": "causal", "attention": "softmax", "initial": None, "gap": {"scaled": 0.49},
    "value": "identity", "query": "identity", "key": [[1, 0], [0, 1]],
}  # fmt: skip


def groups(*labels):
    """A groups dataset of one frame, one row of labels per run."""
    return xr.Dataset({"label": (("run", "time", "token"), np.array(labels, np.int32)[:, None])})


def test_leaders_of_two_runs_worked_out_by_hand():
    found = leaders.find(groups([0, 0, 2, 0, 2], [0, 0, 0, 0, 0]))["leaders"]
    assert found.to_dict("list") == {"run": [0, 0, 1], "leader": [0, 2, 0], "size": [3, 2, 5]}


def test_only_the_last_frame_counts():
    labels = np.array([[[0, 1, 2], [0, 1, 1], [0, 0, 0]]], np.int32)
    assert len(leaders.find(xr.Dataset({"label": (("run", "time", "token"), labels)}))["leaders"]) == 1


def test_equal_groups_have_an_effective_number_equal_to_their_count():
    """n^2 / sum size^2 = k for k equal groups; (3 + 1)^2 / (9 + 1) = 1.6 for sizes 3 and 1."""
    runs = leaders.per_run(leaders.find(groups([0, 1, 0, 1], [0, 0, 0, 3], [0, 1, 2, 3]))["leaders"])
    assert runs["n_leaders"].tolist() == [2, 2, 4]
    assert runs["effective"].tolist() == pytest.approx([2, 1.6, 4])
    assert runs["largest"].tolist() == pytest.approx([0.5, 0.75, 0.25])


def of_counts(counts):
    """Leaders tables with `counts[k]` runs of k leaders and 256 tokens."""
    rows, run = [], 0
    for k, times in counts.items():
        for _ in range(times):
            rows += [(run, leader, 256 - k + 1 if leader == 0 else 1) for leader in range(k)]
            run += 1
    return pd.DataFrame(rows, columns=["run", "leader", "size"])


INDEPENDENT = {4: 6, 5: 55, 6: 104, 7: 34, 8: 1}  # leaders: runs, of 200


def test_the_independent_histogram_has_its_mean_and_spread():
    """200 runs of the seed's experiment: mean 5.845, standard deviation 0.749 (0.751 with n - 1)."""
    table = of_counts(INDEPENDENT)
    found = leaders.summarise(table, SEED)
    assert found["leaders_mean"].value == pytest.approx(5.845)
    assert found["leaders_mean"].expectation.value == NUMBERS["leaders_mean", 49.0, 256, 476.19][0]
    assert found["leaders_sd"].value == pytest.approx(0.749 * (200 / 199) ** 0.5, abs=5e-4)
    assert found["leaders_sd"].expectation.value == NUMBERS["leaders_sd", 49.0, 256, 476.19][0]
    assert agrees(found["leaders_mean"]).outcome == "agrees"
    assert agrees(found["leaders_sd"]).outcome == "agrees"


def test_another_mean_is_called_a_disagreement():
    """All 200 runs with one leader more: 20 standard errors away."""
    table = of_counts({k + 1: runs for k, runs in INDEPENDENT.items()})
    assert agrees(leaders.summarise(table, SEED)["leaders_mean"]).outcome == "disagrees"


@pytest.mark.parametrize(
    "change",
    [
        {"beta": 64}, {"tokens": 128}, {"dimension": 3, "key": "identity"}, {"mask": "none"}, {"steps": 1000},
        {"attention": "unnormalised"}, {"initial": "mine.npy"}, {"gap": 0.1}, {"value": "axis"},
        {"integrator": "ode", "end_time": 50.0},
    ],
)  # fmt: skip
def test_other_experiments_are_not_held_against_the_independent_number(change):
    assert leaders.summarise(of_counts(INDEPENDENT), SEED | change)["leaders_mean"].expectation is None


@pytest.mark.parametrize("change", [{"gap": 0.07}, {"integrator": "ode", "end_time": 500.0}, {"runs": 7}])
def test_equivalent_experiments_are(change):
    assert leaders.summarise(of_counts(INDEPENDENT), SEED | change)["leaders_mean"].expectation is not None


def test_a_single_run_has_no_interval_and_no_verdict():
    found = leaders.summarise(of_counts({6: 1}), SEED)
    assert found["leaders_mean"].ci is None
    assert agrees(found["leaders_mean"]).outcome == "none"
    assert found["leaders_sd"].note == "one run has no spread"
    assert np.isnan(found["leaders_sd"].value)


def test_headlines_of_three_runs_worked_out_by_hand():
    """Counts 2, 2, 4: mean 8/3, t(2) = 4.303, cut at 1 and 4; effective 2, 1.6, 4; largest 2/4, 3/4, 1/4."""
    table = leaders.find(groups([0, 1, 0, 1], [0, 0, 0, 3], [0, 1, 2, 3]))["leaders"]
    found = leaders.summarise(table, SEED | {"tokens": 4})
    half = 4.302653 * (4 / 3) ** 0.5 / 3**0.5
    assert found["leaders_mean"].value == pytest.approx(8 / 3)
    assert found["leaders_mean"].ci == (1.0, 4.0) and 8 / 3 - half < 1.0 and 8 / 3 + half > 4.0
    assert found["leaders_sd"].value == pytest.approx((4 / 3) ** 0.5)
    assert found["effective_groups"].value == pytest.approx((2 + 1.6 + 4) / 3)
    assert found["effective_groups"].ci[0] == 1.0 and found["effective_groups"].ci[1] == 4.0
    assert found["largest_group"].value == pytest.approx(0.5)
    assert (found["largest_group"].n, found["largest_group"].unit) == (3, "share")
    assert [found[name].rank for name in found] == [1, None, None, None]


def test_the_spread_has_the_chi_square_interval():
    """200 runs; s sqrt(199 / chi2) with the quantiles .975 and .025 of chi-square with 199 degrees of freedom."""
    table = of_counts(INDEPENDENT)
    found = leaders.summarise(table, SEED)["leaders_sd"]
    quantiles = 239.960, 161.826
    assert found.ci == pytest.approx([found.value * (199 / q) ** 0.5 for q in quantiles], rel=1e-5)
    equal = leaders.summarise(of_counts({6: 3}), SEED)["leaders_sd"]
    assert (
        equal.value == 0 and equal.ci is None and equal.note == "no interval: all runs have as many leaders"
    )


@pytest.mark.parametrize("runs", [8, 20, 64])
def test_the_interval_of_the_spread_covers(runs):
    """2,000 samples of the second code's counts, of kurtosis 2.86: 93 to 97 % of the intervals hold its deviation."""
    counts = np.repeat(list(INDEPENDENT), list(INDEPENDENT.values())).astype(float)
    rng = np.random.default_rng(3)
    found = [deviation_interval(rng.choice(counts, runs)) for _ in range(2000)]
    assert 0.93 <= np.mean([e.lo <= counts.std() <= e.hi for e in found]) <= 0.97


@pytest.mark.slow  # 200 runs of both integrators: a minute
def test_two_of_200_runs_of_the_map_have_other_leaders_than_the_flow():
    """`circle` of config/seeds.yaml after 10,000 steps, and the flow after as much time (docs/causal.md)."""
    ends = []
    for changes in ({}, {"integrator": "ode", "end_time": 500 / 1.05}):
        run = simulation.build(experiment(runs=200, tokens=256, **changes))
        state, clock = run.initial(), np.asarray(run.schedule)
        for before, after in itertools.pairwise(clock):
            state = run.advance(state, before, after)
        ends.append(grouping.leads(grouping.label(run.observe(state)["x"], 0.07)))
    assert (ends[0] != ends[1]).any(-1).sum() == 2
