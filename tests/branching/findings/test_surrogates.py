"""A recording against its surrogates: a null is rejected where its structure is missing, and only there."""

from dataclasses import replace

import numpy as np
import pytest

from emergent_dynamics.branching import galton_watson, shuffling
from emergent_dynamics.branching.findings.surrogates import STATISTICS, find, summarise
from emergent_dynamics.branching.recording import Avalanches, Recording, Settings

SETTINGS = Settings(0, 1.0, (1, None), (1, None), 50, 0.2, 1, surrogates=39, jitter=10.0)


def recording(active):
    """(row, unit) bool as a recording with steps of 1."""
    row, unit = np.nonzero(active)
    return Recording(times=row.astype(float), units=unit, step=1.0, duration=float(len(active)))


def bursting(seed, together, rows=3000, units=8):
    """Units that are silent or fire for 5 rows on end: each by itself, or all together."""
    rng = np.random.default_rng(seed)
    starts = rng.random((rows, 1 if together else units)) < 0.01
    burst = np.lib.stride_tricks.sliding_window_view(starts, 5, axis=0).any(-1)
    return recording(np.broadcast_to(burst, (len(burst), units)) & (rng.random((len(burst), units)) < 0.8))


def p_of(found):
    table = find(found, SETTINGS)["surrogates"]
    return table[table["statistic"] == "mean_size"].set_index("surrogate")["p"]


def test_bursts_of_independent_units_are_no_more_than_rotated_ones_and_those_of_all_units_are():
    """Each kind rejects what lacks the structure that it keeps: redrawn events have no bursts at all."""
    alone, all_of_them = p_of(bursting(1, False)), p_of(bursting(1, True))
    floor = 2 / 40
    assert alone["redrawn"] == floor and alone["rotated"] > floor
    assert all_of_them["redrawn"] == all_of_them["rotated"] == all_of_them["shuffled"] == floor


def test_rows_are_kinds_and_statistics_with_what_is_kept():
    table = find(bursting(2, True), SETTINGS)["surrogates"]
    assert table["surrogate"].tolist() == [kind for kind in shuffling.KEEPS for _ in STATISTICS]
    assert table["statistic"].tolist() == list(STATISTICS) * 4
    assert (table["n"] == 39).all() and (table["lo"] <= table["hi"]).all() and (table["reason"] == "").all()
    assert table["keeps"].tolist()[:4] == [shuffling.KEEPS["shuffled"]] * 4
    shuffled = table[(table["surrogate"] == "shuffled") & (table["statistic"] == "one_step")].iloc[0]
    assert abs(shuffled["mean"]) < 0.02 < 0.5 < shuffled["recorded"]


def test_headlines_are_the_p_of_the_mean_size_with_what_the_null_keeps():
    tables = find(bursting(2, True), SETTINGS)
    headlines = summarise(tables)
    assert list(headlines) == [f"recorded_size_p_{kind}" for kind in shuffling.KEEPS]
    for kind, headline in zip(shuffling.KEEPS, headlines.values(), strict=True):
        assert (headline.unit, headline.n, headline.ci) == ("probability", 39, None)
        assert shuffling.KEEPS[kind] in headline.note and "39 surrogates" in headline.note


def test_counts_are_shuffled_only_and_sizes_have_no_surrogates():
    counts = Recording(counts=galton_watson.driven(0.9, 0.1, 2000, 1), step=1.0)
    assert set(find(counts, SETTINGS)["surrogates"]["surrogate"]) == {"shuffled"}
    empty = find(Recording(given=Avalanches(np.array([1, 2]), None, None)), SETTINGS)
    assert len(empty["surrogates"]) == 0 and summarise(empty) == {}
    one = find(Recording(counts=np.array([0, 3, 0]), step=1.0), replace(SETTINGS, bin={"intervals": 1.0}))
    assert len(one["surrogates"]) == 0


def test_an_undefined_statistic_says_why():
    """Always active: no avalanche, neither in the recording nor in a surrogate."""
    found = find(Recording(counts=np.full(100, 2), step=1.0), SETTINGS)
    row = found["surrogates"].iloc[0]
    assert np.isnan(row["p"]) and "undefined" in row["reason"]
    assert summarise(found)["recorded_size_p_shuffled"].note == row["reason"]


@pytest.mark.slow  # 200 recordings: 30 s
def test_p_is_small_as_often_as_it_says_where_the_null_is_true():
    """Bursting units that are independent, rotated: p <= 0.1 in a tenth of 200 recordings, 4 standard errors."""
    settings = replace(SETTINGS, surrogates=19)
    small = []
    for seed in range(200):
        table = find(bursting(100 + seed, False, 1000, 5), settings)["surrogates"]
        row = table[(table["surrogate"] == "rotated") & (table["statistic"] == "mean_size")].iloc[0]
        small.append(row["p"] <= 0.1)
    assert np.mean(small) <= 0.1 + 4 * np.sqrt(0.09 / 200)
