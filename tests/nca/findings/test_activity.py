"""Evolutionary activity beside the neutral shadow, on frames worked out by hand and on small runs."""

import numpy as np
import pandas
import pytest

from emergent_dynamics.findings import Headline
from emergent_dynamics.nca.findings import activity
from tests.nca.worlds import board, datasets, drive, parameters


@pytest.fixture(scope="module")
def world():
    p = parameters(runs=2, generations=40, inheritance=0.5)
    stored = drive(p)
    return p, stored, datasets(stored, p)


def test_activity_counts_the_generations_of_presence():
    """Presence 1, 2, 3 of a genome that stays: mean activity t + 1 while alone."""
    found = activity.find(board([1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]), {"seed": 3})["activity"]
    assert found["mean_activity"].tolist() == [1, 2, 3]
    assert found["diversity"].tolist() == [1, 1, 1]
    assert found["shadow_mean_activity"].tolist() == [1, 2, 3]  # clones of one genome cannot drift apart
    assert (found["excess"] == 0).all()


def test_activity_without_genomes_is_undefined():
    """After extinction the means are NaN, not 0."""
    found = activity.find(board([1, 2, 0, 0], [0, 0, 0, 0]), {"seed": 3})["activity"]
    assert found["diversity"].tolist() == [2, 0]
    assert np.isnan(found["mean_activity"].iloc[1])


def test_the_shadow_has_the_births_deaths_and_mutants_of_the_run(world):
    """As many individuals as cells with a net in every frame, and as many new labels as new genomes."""
    p, stored, groups = world
    known = set()
    for (generation, _, labels), gid in zip(
        activity.neutral(groups.frames, 5, 1), stored["gid"][1], strict=True
    ):
        assert labels.size == np.count_nonzero(gid)
        newest = max(known, default=0)
        fresh = set(np.unique(labels).tolist()) - known
        born = int((np.unique(gid) > newest).sum()) if generation else p.founders
        assert len(fresh) == born
        known |= set(np.unique(gid[gid > 0]).tolist()) | fresh


def test_without_mutation_the_run_is_its_own_shadow_in_diversity_on_average():
    """PPP = 0 is drift on a lattice: no new genomes in either, and activities grow by one a generation."""
    p = parameters(mutation=0.0, generations=20, inheritance=0.5)
    found = activity.find(datasets(drive(p), p), {"seed": 1})["activity"]
    for name in ("diversity", "shadow_diversity"):
        assert (np.diff(found[name]) <= 0).all()
    assert found["mean_activity"].tolist() == list(range(1, 22))


def headline(low, high):
    return Headline((low + high) / 2, (low, high), 5, "generations", "An estimate")


@pytest.mark.parametrize(
    "excess, trend, expected",
    [
        ((-2, 1), (4, 6), 1),
        ((0, 1), (4, 6), 1),
        ((1, 3), (-0.2, 0.4), 2),
        ((1, 3), (0, 0.4), 2),
        ((1, 3), (0.05, 0.15), 3),
    ],
)
def test_the_class_needs_intervals_above_zero(excess, trend, expected):
    """Class 3 only where both excess and trend exceed 0 beyond doubt; a single run has no class."""
    assert activity.activity_class(headline(*excess), headline(*trend)) == expected
    alone = Headline(1.0, None, 1, "generations", "An estimate of one run")
    assert np.isnan(activity.activity_class(headline(*excess), alone))
    assert np.isnan(activity.activity_class(alone, headline(*trend)))


def rows(run, excess, new=1.0):
    generation = np.arange(len(excess))
    return pandas.DataFrame({"run": run, "generation": generation, "excess": excess, "new_activity": new})


def test_headlines_are_of_the_second_half():
    """Two runs whose excess grows by 1 and by 3 per generation from generation 2 of 4 on; before, it is 100."""
    table = pandas.concat([rows(0, [100, 100, 1, 2, 3]), rows(1, [100, 100, 3, 6, 9], new=3.0)])
    found = activity.summarise(table, {"generations": 4})
    assert found["excess_activity"].value == 4 and found["excess_activity"].n == 2
    assert found["excess_trend"].value == pytest.approx(2)
    assert found["new_activity"].value == 2 and found["new_activity"].ci[0] == 0
    assert found["activity_class"].value == 1 and "lattice" in found["activity_class"].note
    odd = activity.summarise(table[table["generation"] < 4], {"generations": 3})
    assert odd["excess_activity"].value == 3  # generations 2 and 3 of 3


def test_one_run_has_no_class_and_two_generations_no_trend():
    """Three generations are the fewest with a trend; NaN carries its reason."""
    found = activity.summarise(rows(0, [1.0, 2.0, 4.0]), {"generations": 0})
    assert found["excess_trend"].value == pytest.approx(1.5)
    assert np.isnan(found["activity_class"].value) and "no class" in found["activity_class"].note
    few = activity.summarise(rows(0, [1.0, np.nan, 4.0]), {"generations": 0})
    assert np.isnan(few["excess_trend"].value) and "three generations" in few["excess_trend"].note


def test_events_between_two_frames_by_hand():
    """Cell 0 stays, 1 dies, 2 is born with a known genome, 3 changes hands, 4 and 5 get the new genomes 8 and 9."""
    before = np.array([1, 2, 0, 3, 0, 4, 0], np.int32)
    now = np.array([1, 0, 1, 1, 8, 9, 0], np.int32)
    assert activity._events(before, now, 7) == (3, 4, 2, 9)  # deaths, births, mutants, newest
    assert activity._events(before, before, 7) == (0, 0, 0, 7)
    twice = np.array([8, 8, 0, 0, 0, 0, 0], np.int32)  # a new genome that spread at once is one mutant
    assert activity._events(before, twice, 7) == (4, 2, 1, 8)


def test_the_shadow_drifts_by_the_draws_that_it_is_given():
    """Of 1, 2, 3, 4 the third dies, then the last of 1, 2, 4; one child is new, the other the second's."""
    labels = np.array([1, 2, 3, 4], np.int32)
    found = activity._drift(labels, 2, 2, 1, 7, np.array([0.5, 0.9, 0.0, 0.3]))
    assert found.tolist() == [1, 2, 8, 2]
    assert labels.tolist() == [1, 2, 3, 4]
    assert activity._drift(labels, 0, 2, 2, 7, np.zeros(2)).tolist() == [1, 2, 3, 4, 8, 9]
    assert activity._drift(labels, 4, 1, 0, 7, np.array([0.0, 0.0, 0.0, 0.0, 0.99])).tolist() == [4]


def test_presence_counts_every_genome_once_per_frame():
    """Genome 2 held twice counts once; the empty net never; ids come in the order of appearance."""
    counter = np.array([0, 5, 6, 7], np.int32)
    assert activity._present(counter, np.array([2, 0, 2, 3], np.int32)).tolist() == [2, 3]
    assert counter.tolist() == [0, 5, 7, 8]
    assert activity._present(counter, np.zeros(3, np.int32)).size == 0


def test_measures_of_a_frame_by_hand():
    """Activities 1, 3 (twice) and 6: diversity 4, mean 13/4, and within [3, 6) two of 3."""
    kinds, genomes = activity._occurrences(np.array([3, 1, 6, 3]))
    assert kinds.tolist() == [1, 3, 6] and genomes.tolist() == [1, 2, 1]
    assert activity._measures(kinds, genomes, 3.0) == (4, 13 / 4, 6 / 4)
    diversity, mean, new = activity._measures(*activity._occurrences(np.array([], np.int64)), 3.0)
    assert diversity == 0 and np.isnan(mean) and np.isnan(new)


def test_a_counter_doubles_when_an_id_is_beyond_its_end():
    counter = np.arange(4, dtype=np.int32)
    assert activity._reaching(counter, 3) is counter
    assert activity._reaching(counter, 4).tolist() == [0, 1, 2, 3, 0, 0, 0, 0]
    assert activity._reaching(counter, 20).size == 21 and activity._reaching(counter, 20).dtype == np.int32


def test_the_bar_is_the_quantile_of_the_shadow_at_the_end():
    """One genome for 40 frames: its shadow ends with activity 40, and no new activity lies beyond it before."""
    found = activity.find(board(*[[1, 1, 0, 0]] * 40), {"seed": 3})["activity"]
    assert (found["threshold"] == 40).all()
    assert found["new_activity"].tolist() == [0.0] * 39 + [40.0] == found["shadow_new_activity"].tolist()
    assert found["run"].unique().tolist() == [0] and found["generation"].tolist() == list(range(40))
    dead = activity.find(board([0, 0], [0, 0]), {"seed": 3})["activity"]
    assert dead["threshold"].isna().all() and (dead["shadow_diversity"] == 0).all()
