"""Leaders: hand-made groups, then what the headlines say about the seed's experiment and only about it."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from emergent_dynamics.causal.findings import leaders

SEED = {
    "beta": 49, "tokens": 256, "dimension": 2, "integrator": "map", "step_size": 0.05, "steps": 10_000,
    "mask": "causal", "attention": "softmax", "initial": None, "gap": {"scaled": 0.49},
    "value": "identity", "query": "identity", "key": [[1, 0], [0, 1]],
}  # fmt: skip


def groups(*labels):
    """A groups dataset of one frame, one row of labels a run."""
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
    assert found["leaders_mean"].value == pytest.approx(5.845) == found["leaders_mean"].expected
    assert found["leaders_sd"].value == pytest.approx(0.749 * (200 / 199) ** 0.5, abs=5e-4)
    assert found["leaders_mean"].ok
    assert found["leaders_sd"].ok


def test_another_mean_is_called_a_disagreement():
    """All 200 runs with one leader more: 19 standard errors away."""
    table = of_counts({k + 1: runs for k, runs in INDEPENDENT.items()})
    assert leaders.summarise(table, SEED)["leaders_mean"].ok is False


@pytest.mark.parametrize(
    "change",
    [
        {"beta": 64}, {"tokens": 128}, {"dimension": 3, "key": "identity"}, {"mask": "none"}, {"steps": 1000},
        {"attention": "unnormalised"}, {"initial": "mine.npy"}, {"gap": 0.1}, {"value": "axis"},
        {"integrator": "ode", "end_time": 50.0},
    ],
)  # fmt: skip
def test_other_experiments_are_not_held_against_the_independent_number(change):
    assert leaders.summarise(of_counts(INDEPENDENT), SEED | change)["leaders_mean"].expected is None


@pytest.mark.parametrize("change", [{"gap": 0.07}, {"integrator": "ode", "end_time": 500.0}, {"runs": 7}])
def test_equivalent_experiments_are(change):
    assert leaders.summarise(of_counts(INDEPENDENT), SEED | change)["leaders_mean"].expected == 5.845


def test_a_single_run_has_no_interval_and_no_verdict():
    found = leaders.summarise(of_counts({6: 1}), SEED)
    assert found["leaders_mean"].ci is None
    assert found["leaders_mean"].ok is None
    assert np.isnan(found["leaders_sd"].value)
