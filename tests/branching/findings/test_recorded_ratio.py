"""The branching ratio of a recording, all of it and a part seen; and mrestimator on the same counts."""

from dataclasses import replace

import mrestimator
import numpy as np
import pytest

from emergent_dynamics.branching import galton_watson
from emergent_dynamics.branching.figures import recorded_ratio as figure
from emergent_dynamics.branching.findings.recorded_ratio import find, slopes, summarise, watched
from emergent_dynamics.branching.recording import Recording, Settings

SETTINGS = Settings(0, 1.0, (None, None), (None, None), 300, 0.1, 1)


def test_the_multistep_estimate_of_a_driven_process_stays_with_a_tenth_seen_and_the_one_step_slope_falls():
    """m = 0.995, the example of mrestimator's documentation."""
    counts = galton_watson.driven(0.995, 10.0, 200_000, 3)
    table = find(Recording(counts=counts, step=1.0), SETTINGS)["recorded_ratio"].set_index(
        ["estimator", "seen"]
    )
    for seen in (1.0, 0.1):
        row = table.loc[("mr", seen)]
        assert row["lo"] < 0.995 < row["hi"] and row["hi"] - row["lo"] < 0.003
    assert table.loc[("one_step", 1.0)]["value"] == pytest.approx(0.995, abs=0.002)
    assert table.loc[("one_step", 0.1)]["value"] < 0.95
    assert table.loc[("mr", 0.1)]["mean"] == pytest.approx(counts.mean() / 10, rel=0.01)


def test_slopes_are_those_of_mrestimator():
    counts = galton_watson.driven(0.98, 5.0, 20_000, 4)
    ours = slopes(counts, replace(SETTINGS, lags=40)).slopes()[1:]
    theirs = mrestimator.coefficients(counts[None], steps=(1, 40), method="sm").coefficients
    assert np.abs(ours - theirs).max() < 2e-3


def test_a_part_of_the_units_is_seen_where_there_are_units_and_nothing_where_avalanches_are_given():
    rng = np.random.default_rng(1)
    found = Recording(times=np.sort(rng.uniform(0, 5000, 4000)), units=rng.integers(0, 20, 4000))
    seen = watched(found, replace(SETTINGS, seen=0.25))
    assert [units for _, units in seen.values()] == [20, 5]
    assert seen[0.25][0].sum() < seen[1.0][0].sum()
    assert list(watched(found, replace(SETTINGS, seen=1.0))) == [1.0]
    empty = find(Recording(given=()), SETTINGS)
    assert len(empty["recorded_ratio"]) == 0 and summarise(empty) == {}


def test_a_short_or_constant_record_has_no_ratio_and_says_why():
    for counts in (np.array([1, 0, 2]), np.ones(500, int)):
        headlines = summarise(find(Recording(counts=counts, step=1.0), replace(SETTINGS, seen=1.0)))
        assert headlines
        assert all(
            np.isnan(headline.value) and "fewer than 100 bins" in headline.note
            for headline in headlines.values()
        )


def test_the_figure_shows_the_slopes_of_each_share_and_their_decay():
    counts = galton_watson.driven(0.9, 5.0, 5000, 4)
    seen = watched(Recording(counts=counts, step=1.0), SETTINGS)
    lagged = {share: slopes(activity, SETTINGS) for share, (activity, _) in seen.items()}
    (axis,) = figure.draw(lagged).axes
    assert len(axis.get_lines()) == 4
    assert np.array_equal(axis.get_lines()[0].get_ydata(), lagged[1.0].slopes()[1:])
    assert figure.draw({1.0: None}).axes[0].get_lines() == []


@pytest.mark.slow  # 200 records: 5 s
@pytest.mark.parametrize(("seen", "share"), [(1.0, 0.91), (0.2, 0.90)])
def test_the_interval_covers_as_often_as_the_documents_say(seen, share):
    hits = []
    for seed in range(200):
        counts = galton_watson.driven(0.95, 5.0, 10_000, seed)
        table = find(Recording(counts=counts, step=1.0), replace(SETTINGS, lags=100, seen=0.2))[
            "recorded_ratio"
        ]
        row = table[(table["estimator"] == "mr") & (table["seen"] == seen)].iloc[0]
        hits.append(row["lo"] <= 0.95 <= row["hi"])
    assert np.mean(hits) == pytest.approx(share, abs=0.005)
