"""Counts: Student's intervals, the second code's curve where frames are close to it."""

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics.causal.findings import counts
from emergent_dynamics.findings import agrees

PARAMETERS = {
    "beta": 49.0, "tokens": 256, "dimension": 2, "mask": "causal", "attention": "softmax",
    "value": "identity", "query": "identity", "key": "identity", "seed": 1, "initial": None,
    "gap": {"scaled": 0.49}, "integrator": "ode", "end_time": 500.0,
}  # fmt: skip


def groups(n_clusters, time, tokens=256):
    """Groups of one experiment, n_clusters[run][time]."""
    return xr.Dataset(
        {"n_clusters": (("run", "time"), np.array(n_clusters, np.int32))},
        coords={"time": np.array(time, float), "token": np.arange(tokens)},
    )


def test_counts_over_time_have_student_intervals():
    """1, 2, 3: mean 2, t(2) = 4.303, standard error 1 / sqrt 3; the lower end, -0.48, is cut at one group."""
    row = counts.find(groups([[1], [2], [3]], [7.0]))["counts"].iloc[0]
    assert (row["time"], row["value"], row["n"], row["lo"]) == (7.0, 2.0, 3, 1.0)
    assert row["hi"] - row["value"] == pytest.approx(4.302653 / 3**0.5)
    row = counts.find(groups([[1], [2], [3]], [7.0], tokens=3))["counts"].iloc[0]
    assert row["hi"] == 3.0


def test_the_table_has_a_row_for_every_frame():
    table = counts.find(groups([[9, 4], [7, 2]], [0.0, 3.0]))["counts"]
    assert table[["time", "value", "n"]].to_numpy().tolist() == [[0, 8, 2], [3, 3, 2]]


def test_the_end_is_the_last_frame():
    found = counts.summarise(groups([[9, 1], [7, 2], [8, 3]], [0.0, 3.0], tokens=3), PARAMETERS)
    assert list(found) == ["n_clusters_end"]
    assert (found["n_clusters_end"].value, found["n_clusters_end"].ci) == (2.0, (1.0, 3.0))
    assert found["n_clusters_end"].unit == "groups"


def test_counts_of_the_second_code_are_read_between_close_frames_in_log_time():
    """Frames at 9.5 and 100 / 9.5 with 10 and 8 groups: 9 at their geometric mean 10, beside 8.93."""
    found = counts.summarise(groups([[14, 10, 8]] * 3, [0, 9.5, 100 / 9.5]), PARAMETERS)
    assert found["n_clusters_t10"].value == pytest.approx(9.0)
    assert found["n_clusters_t10"].expectation.value == pytest.approx(8.93, abs=5e-3)
    assert list(found) == ["n_clusters_end", "n_clusters_t10"]
    assert "n_clusters_t10" not in counts.summarise(groups([[14, 10, 8]] * 3, [0, 8, 12.5]), PARAMETERS)


def test_a_curve_that_is_another_disagrees():
    """40 runs with 9 or 10 groups at t = 10 agree with 8.93; with 11 or 12 they do not."""
    for shift, outcome in ((0, "agrees"), (2, "disagrees")):
        runs = [[14, 9 + (r % 8 == 0) + shift] for r in range(40)]
        found = counts.summarise(groups(runs, [0, 10.0]), PARAMETERS)
        assert agrees(found["n_clusters_t10"]).outcome == outcome


def test_other_experiments_have_no_curve():
    found = counts.summarise(groups([[14, 10]] * 3, [0, 10.0]), PARAMETERS | {"mask": "none"})
    assert list(found) == ["n_clusters_end"]
