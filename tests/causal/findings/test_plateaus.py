"""Plateaus: a factor 2 in time, cut ends, leaders that change under a constant count."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from emergent_dynamics.causal import groups
from emergent_dynamics.causal.findings import plateaus


def run_of(counts, time, labels=None):
    """A one-run groups dataset in which the first counts[k] tokens lead frame k."""
    tokens = max(counts) + 1
    if labels is None:
        labels = [[i if i < k else 0 for i in range(tokens)] for k in counts]
    values = np.array(labels, np.int32)[None]
    return xr.Dataset(
        {
            "label": (("run", "time", "token"), values),
            "n_clusters": (("run", "time"), groups.n_clusters(values)),
        },
        coords={"time": np.array(time, float)},
    )


def test_plateaus_of_a_run_worked_out_by_hand():
    """Counts 5 5 | 4 | 3 3 3 | 2 2 at 1 ... 128: ln 2, too short, ln 4, ln 2."""
    found = plateaus.find(run_of([5, 5, 4, 3, 3, 3, 2, 2], 2.0 ** np.arange(8)))["plateaus"]
    assert found["n_clusters"].tolist() == [5, 3, 2]
    assert found["start"].tolist() == [1, 8, 64]
    assert found["end"].tolist() == [2, 32, 128]
    assert found["log_lifetime"].tolist() == pytest.approx(np.log([2, 4, 2]))
    assert found["cut"].tolist() == ["start", "no", "end"]
    assert found["leaders"].tolist() == ["0 1 2 3 4", "0 1 2", "0 1"]
    assert found["same_leaders"].all()


def test_a_run_that_never_changes_is_one_plateau_cut_at_both_ends():
    """Time 0 has no logarithm: the plateau starts at the first later frame."""
    found = plateaus.find(run_of([3, 3, 3], [0, 1, 10]))["plateaus"]
    assert found[["start", "end", "cut"]].to_numpy().tolist() == [[1, 10, "both"]]


def test_the_dense_cloud_has_no_plateaus():
    """Counts 3 3 3 rise to 6 at t = 8: the first stretch is noise of the cloud, the share is of ln(128 / 8)."""
    dataset = run_of([3, 3, 3, 6, 4, 4, 4, 2], 2.0 ** np.arange(8))
    found = plateaus.find(dataset)["plateaus"]
    assert found["n_clusters"].tolist() == [4] and found["cut"].tolist() == ["no"]
    headlines = plateaus.summarise(found, dataset)
    assert headlines["log_time_on_plateaus"].value == pytest.approx(2 / 4)
    rising = run_of([1, 2, 3], [1.0, 2.0, 4.0])
    share = plateaus.summarise(plateaus.find(rising)["plateaus"], rising)["log_time_on_plateaus"]
    assert np.isnan(share.value) and share.note == "fewer than two frames after the peak"


def test_less_than_a_factor_2_is_no_plateau():
    found = plateaus.find(run_of([3, 3, 2, 2], [1, 1.99, 2, 3]))["plateaus"]
    assert found.empty
    assert list(found.columns) == plateaus.COLUMNS


def test_a_change_of_leaders_under_a_constant_count_is_told():
    found = plateaus.find(run_of([2, 2], [1, 4], labels=[[0, 1, 0], [0, 0, 2]]))["plateaus"]
    assert not found["same_leaders"].iloc[0]
    assert found["leaders"].iloc[0] == "0 2"


@pytest.mark.parametrize(
    ("values", "expected"),
    [([7], [(0, 0)]), ([1, 1, 2], [(0, 1), (2, 2)]), ([1, 2, 1], [(0, 0), (1, 1), (2, 2)])],
)
def test_stretches_are_maximal(values, expected):
    assert plateaus.stretches(np.array(values)) == expected


def test_headlines_use_whole_plateaus_for_lifetimes():
    dataset = run_of([5, 5, 4, 3, 3, 3, 2, 2], 2.0 ** np.arange(8))
    found = plateaus.summarise(plateaus.find(dataset)["plateaus"], dataset)
    assert found["plateaus"].value == 3
    assert found["whole_plateau_lifetime"].value == pytest.approx(np.log(4))
    assert found["log_time_on_plateaus"].value == pytest.approx(4 / 7)
    assert (found["log_time_on_plateaus"].unit, found["log_time_on_plateaus"].ci) == ("share", None)


def runs_of(*counts, time):
    return xr.concat([run_of(c, time) for c in counts], "run", join="outer", fill_value=0)


def test_headlines_of_three_runs_worked_out_by_hand():
    """Whole plateaus: ln 4 and ln 2 in the first run, ln 8 in the second, none in the third."""
    counts = [[4, 3, 3, 3, 2, 2, 1], [4, 3, 3, 3, 3, 2, 1], [4, 3, 2, 4, 3, 2, 1]]
    dataset = runs_of(*counts, time=2.0 ** np.arange(7))
    found = plateaus.summarise(plateaus.find(dataset)["plateaus"], dataset)
    assert found["plateaus"].value == 1.0
    assert found["plateaus"].ci[0] == 0.0 and found["plateaus"].ci[1] == pytest.approx(1 + 4.302653 / 3**0.5)
    covered = np.array([3, 3, 0]) / 6
    assert found["log_time_on_plateaus"].value == pytest.approx(covered.mean())
    assert found["log_time_on_plateaus"].ci == (0.0, 1.0)
    whole = found["whole_plateau_lifetime"]
    assert (whole.value, whole.n) == (pytest.approx(2 * np.log(2)), 2)
    # A ratio of sums 6 / 3 ln 2: residuals 3 - 2 x 2 and 3 - 2 x 1, over 1.5 plateaus per run.
    assert whole.standard_error == pytest.approx(np.std([-1, 1], ddof=1) / 1.5 / 2**0.5 * np.log(2))
    assert whole.ci[0] == 0.0


def test_no_whole_plateau_and_no_log_time_say_so():
    dataset = run_of([3, 3, 3], [0, 1, 10])
    found = plateaus.summarise(plateaus.find(dataset)["plateaus"], dataset)
    assert found["whole_plateau_lifetime"].note == "no plateau both begins and ends within the run"
    assert (
        found["log_time_on_plateaus"].note == "no interval: a single sample"
        and found["log_time_on_plateaus"].value == 1.0
    )
    dataset = run_of([3, 3], [0, 1])
    found = plateaus.summarise(plateaus.find(dataset)["plateaus"], dataset)
    assert np.isnan(found["log_time_on_plateaus"].value)
    assert found["log_time_on_plateaus"].note == "fewer than two frames after the peak"


def test_the_interval_of_the_lifetime_covers_a_ratio_of_sums():
    """Runs of 1 to 3 plateaus whose mean length depends on their number: 95 % of 400 intervals hold the ratio."""
    rng = np.random.default_rng(1)
    truth, hits = (1 * 1.0 + 2 * 2.0 + 3 * 3.0) / 6, 0
    for _ in range(400):
        number = rng.integers(1, 4, 40)
        rows = [(run, value) for run, n in enumerate(number) for value in rng.uniform(0, 2 * n, n)]
        table = pd.DataFrame(rows, columns=["run", "log_lifetime"]).assign(cut="no")
        lo, hi = plateaus.whole_lifetime(table).ci
        hits += lo <= truth <= hi
    assert 0.93 * 400 <= hits <= 0.97 * 400
