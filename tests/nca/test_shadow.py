"""Neutral shadows: by hand, by the run that they shadow, and by the law that they must have."""

import numpy as np
import pytest

from emergent_dynamics.nca import shadow
from tests.nca.worlds import datasets, drive, parameters

ASKED = {"seed": 5, "inheritance": 0.5, "update": "sequential"}


@pytest.fixture(scope="module")
def world():
    p = parameters(runs=2, generations=40, inheritance=0.5)
    stored = drive(p)
    return p, stored, datasets(stored, p)


@pytest.mark.parametrize("name", ["lattice", "well_mixed"])
def test_a_shadow_has_the_births_deaths_and_mutants_of_the_run(world, name):
    """As many individuals as cells with a net in every frame, and as many new labels as new genomes."""
    p, stored, groups = world
    known: set[int] = set()
    frames = shadow.SHADOWS[name](groups.frames, ASKED, 1)
    for frame, gid in zip(frames, stored["gid"][1], strict=True):
        labels = frame.labels[frame.labels > 0]
        assert labels.size == np.count_nonzero(gid) and np.array_equal(frame.gid, gid.reshape(-1))
        newest = max(known, default=0)
        fresh = set(np.unique(labels).tolist()) - known
        born = int((np.unique(gid) > newest).sum()) if frame.generation else p.founders
        assert len(fresh) == born
        known |= set(np.unique(gid[gid > 0]).tolist()) | fresh


@pytest.mark.parametrize("update", ["sequential", "synchronous"])
def test_the_lattice_shadow_has_a_net_where_the_run_has_one_and_its_label_from_the_neighbourhood(
    world, update
):
    """A label is new or was in the wrapped 3x3 before; in place it may have come a longer way within the scan."""
    p, _, groups = world
    at = np.arange(p.cells).reshape(p.height, p.width)
    around = np.stack(
        [np.roll(at, (dy, dx), (0, 1)).reshape(-1) for dy in (-1, 0, 1) for dx in (-1, 0, 1)], 1
    )
    before = None
    for frame in shadow.lattice(groups.frames, {**ASKED, "update": update}, 0):
        assert np.array_equal(frame.labels > 0, frame.gid > 0)
        assert np.array_equal(frame.clades > 0, frame.gid > 0)
        if before is not None:
            fresh = (frame.labels > before.max()) | (frame.labels == 0)
            near = (frame.labels[:, None] == before[around]).any(axis=1)
            if update == "synchronous":
                assert (near | fresh).all()
            else:
                assert (np.isin(frame.labels, before) | fresh).all() and (near | fresh).mean() > 0.9
        before = frame.labels.copy()


def test_a_child_takes_the_drawn_living_neighbour_and_mutants_keep_its_clade():
    """Five columns, three rows: 5 and 7 live, 6 is born from 7 by the draw 0.9, and 8 from 7 too, mutated."""
    labels = np.zeros(15, np.int32)
    labels[5], labels[7] = 1, 2
    now = np.zeros(15, np.int32)
    now[5:9] = 9
    mutated = np.zeros(15, bool)
    mutated[8] = True
    cells = shadow.Cells(labels.copy(), now, labels > 0, mutated)
    draws = np.full((15, 3), 0.9)
    into, kin = shadow._inherit(labels, labels, cells, draws, shadow.Rule(3, 5, 0.5, True), 40)
    assert into[5:9].tolist() == [1, 2, 2, 41] and kin[5:9].tolist() == [1, 2, 2, 2]
    draws[6, 1] = 0.4  # of two living neighbours the first
    into, _ = shadow._inherit(labels, labels, cells, draws, shadow.Rule(3, 5, 0.5, True), 40)
    assert into[6] == 1
    draws[7] = 0.1  # cell 7 takes over from the first living neighbour, itself: its label stays
    into, _ = shadow._inherit(labels, labels, cells, draws, shadow.Rule(3, 5, 0.5, True), 40)
    assert into[7] == 2


@pytest.mark.parametrize("in_place, last", [(True, 1), (False, 2)])
def test_in_place_an_heir_takes_what_its_source_has_just_received(in_place, last):
    """Cells 5, 6, 7 live with the labels 1, 2, 3; 6 takes over from 5, then 7 takes over from 6."""
    labels = np.zeros(15, np.int32)
    labels[5:8] = 1, 2, 3
    cells = shadow.Cells(labels.copy(), labels.copy(), labels > 0, np.zeros(15, bool))
    draws = np.ones((15, 3))
    draws[6], draws[7] = 0.0, 0.0
    into, _ = shadow._inherit(labels, labels, cells, draws, shadow.Rule(3, 5, 0.5, in_place), 3)
    assert into[5:8].tolist() == [1, 1, last]


def plain(labels, clades, cells, draws, rule, newest):
    """The rule of the shadow word by word, neighbour by neighbour."""
    into, kin = labels.copy(), clades.copy()
    source, of = (into, kin) if rule.in_place else (labels, clades)
    for c in range(labels.size):
        has = cells.before[c] > 0
        if (draws[c, 0] >= rule.inheritance) if has else (cells.now[c] == 0):
            continue
        y, x = divmod(c, rule.width)
        near = [
            (y + dy) % rule.height * rule.width + (x + dx) % rule.width
            for dy in (-1, 0, 1)
            for dx in (-1, 0, 1)
        ]
        held = [at for at in near if source[at] > 0]
        chosen = [at for at in held if cells.alive[at]] or held
        if chosen:
            at = chosen[int(draws[c, 1] * len(chosen))]
            into[c], kin[c] = source[at], of[at]
        if cells.mutated[c]:
            newest += 1
            into[c] = newest
            kin[c] = kin[c] if chosen else newest
    gone = cells.now == 0
    return np.where(gone, 0, into), np.where(gone, 0, kin)


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("unlabelled", [0.0, 0.3])
def test_inheritance_is_that_of_the_rule_word_by_word(in_place, unlabelled):
    """Random boards of 5 x 7, also such on which some living cells have no label yet."""
    rng = np.random.default_rng(3)
    for _ in range(40):
        before = rng.integers(0, 4, 35).astype(np.int32) * (rng.random(35) < 0.6)
        now = np.where(rng.random(35) < 0.7, rng.integers(1, 9, 35), 0).astype(np.int32)
        alive = (before > 0) & (rng.random(35) < 0.5) | (rng.random(35) < unlabelled)
        mutated = (before == 0) & (now > 0) & (rng.random(35) < 0.5)
        cells = shadow.Cells(before.astype(np.int32), now, alive, mutated)
        given = before.astype(np.int32), before.astype(np.int32), cells, rng.random((35, 3))
        rule = shadow.Rule(5, 7, 0.4, in_place)
        for found, expected in zip(shadow._inherit(*given, rule, 50), plain(*given, rule, 50), strict=True):
            assert np.array_equal(found, expected)


def test_of_equal_draws_the_first_cells_are_taken():
    draws, cells = np.array([0.5, 0.2, 0.5, 0.5, 0.9]), np.array([10, 11, 12, 13, 14])
    for count, chosen in ((0, []), (1, [11]), (2, [10, 11]), (3, [10, 11, 12]), (4, [10, 11, 12, 13])):
        assert sorted(shadow._smallest(draws, count, cells).tolist()) == chosen


def test_a_cell_without_living_neighbours_takes_from_any_with_a_net_or_founds_a_clade():
    labels = np.zeros(9, np.int32)
    labels[0] = 4
    now = np.array([4, 9, 0, 0, 0, 0, 0, 0, 0], np.int32)
    dead = np.zeros(9, bool)
    rule = shadow.Rule(3, 3, 0.0, True)
    into, _ = shadow._inherit(
        labels, labels, shadow.Cells(labels.copy(), now, dead, dead), np.zeros((9, 3)), rule, 9
    )
    assert into.tolist() == [4, 4, 0, 0, 0, 0, 0, 0, 0]
    none = np.zeros(9, np.int32)
    mutated = now > 4
    cells = shadow.Cells(none, np.where(mutated, now, 0), dead, mutated)
    into, kin = shadow._inherit(none, none, cells, np.zeros((9, 3)), rule, 9)
    assert into[1] == kin[1] == 10


def test_mutants_are_the_births_with_the_least_draws():
    before, now = np.array([0, 0, 0, 5, 0]), np.array([1, 2, 0, 6, 3])
    draws = np.array([0.9, 0.2, 0.0, 0.1, 0.4])
    everywhere, halves = np.zeros(5, int), np.array([0, 0, 0, 1, 1])
    two_new = shadow._mutated(before, now, draws, 2, everywhere)
    assert two_new.tolist() == [False, True, False, False, True]
    assert shadow._mutated(before, now, draws, 0, everywhere).sum() == 3  # four new genomes, three births
    assert not shadow._mutated(before, now, draws, 6, everywhere).any()
    assert shadow._mutated(before, now, draws, 2, halves).tolist() == [False, False, False, False, True]
    twice = np.array([7, 7, 0, 0, 7])
    assert shadow._mutated(before, twice, draws, 6, halves).tolist() == [False, True, False, False, False]


def test_between_frames_that_are_not_consecutive_no_shadow_is_known():
    p = parameters(generations=200, archive="checkpoint", inheritance=0.5)
    found = list(shadow.lattice(datasets(drive(p), p).frames, ASKED, 0))
    assert found[0].labels.any() and not any(frame.labels.size for frame in found[1:])


def test_events_between_two_frames_by_hand():
    """Cell 0 stays, 1 dies, 2 is born with a known genome, 3 changes hands, 4 and 5 get the new genomes 8 and 9."""
    before = np.array([1, 2, 0, 3, 0, 4, 0], np.int32)
    now = np.array([1, 0, 1, 1, 8, 9, 0], np.int32)
    assert shadow.events(before, now, 7) == (3, 4, 2, 9)  # deaths, births, mutants, newest
    assert shadow.events(before, before, 7) == (0, 0, 0, 7)
    twice = np.array([8, 8, 0, 0, 0, 0, 0], np.int32)  # a new genome that spread at once is one mutant
    assert shadow.events(before, twice, 7) == (4, 2, 1, 8)


def test_the_shadow_drifts_by_the_draws_that_it_is_given():
    """Of 1, 2, 3, 4 the third dies, then the last of 1, 2, 4; one child is new, the other the second's."""
    labels = np.array([1, 2, 3, 4], np.int32)
    found = shadow._drift(labels, 2, 2, 1, 7, np.array([0.5, 0.9, 0.0, 0.3]))
    assert found.tolist() == [1, 2, 8, 2]
    assert labels.tolist() == [1, 2, 3, 4]
    assert shadow._drift(labels, 0, 2, 2, 7, np.zeros(2)).tolist() == [1, 2, 3, 4, 8, 9]
    assert shadow._drift(labels, 4, 1, 0, 7, np.array([0.0, 0.0, 0.0, 0.0, 0.99])).tolist() == [4]
