"""What the rule implies, on small worlds."""

import numpy as np
import pytest

from emergent_dynamics.nca import model, theory
from emergent_dynamics.nca.landscape import ground, since, strips
from emergent_dynamics.nca.parameters import Stage
from tests.nca.worlds import drive, history, parameters

MUTATION_ENDS = (Stage(6, None, 0.0, None),)
SHORT_LIVES = (Stage(8, None, None, 1), Stage(12, None, None, 4))
NOBODY = (Stage(8, 0.99, None, None),)


@pytest.mark.parametrize("engine", ["reference", "cpu"])
def test_a_landscape_changes_from_its_generation_on(engine):
    """No genome is born from 6 on, budget 1 kills who has lived once from 8 to 11, threshold 0.99 kills all at 8.

    Before its first stage a world is the one whose landscape never changes, to the bit.
    """
    usual = drive(parameters(engine=engine, generations=16))
    for stages, start in ((MUTATION_ENDS, 6), (SHORT_LIVES, 8), (NOBODY, 8)):
        found = drive(parameters(engine=engine, generations=16, landscape=stages), cuts=2)
        assert np.array_equal(found["gid"][0, :start], usual["gid"][0, :start])
        assert not np.array_equal(found["gid"][0], usual["gid"][0])
        if stages is MUTATION_ENDS:
            assert found["genome/birth"].max() == 5 < usual["genome/birth"].max()
        if stages is SHORT_LIVES:
            alive = found["alpha"][0] > 0
            assert not (alive[8:12] & alive[7:11]).any() and (alive[12:] & alive[11:-1]).any()
        if stages is NOBODY:
            assert not found["alpha"][0, 8:].any() and found["alpha"][0, 7].any()


def test_stages_add_up():
    """What a later stage does not name stays as an earlier one left it."""
    p = parameters(landscape=(Stage(3, 0.6, None, None), Stage(5, None, 0.2, 7), Stage(9, 0.5, None, None)))
    told = [[set(values.tolist()) for values in ground(p, t)] for t in (2, 3, 4, 5, 8, 9, 20)]
    first, second, third = [{0.6}, {0.05}, {4}], [{0.6}, {0.2}, {7}], [{0.5}, {0.2}, {7}]
    assert told == [[{0.5}, {0.05}, {4}], first, first, second, second, third, third]
    assert [since(p, t) for t in (2, 3, 4, 5, 8, 9, 20)] == [0, 3, 3, 5, 5, 9, 9]


def test_a_list_holds_one_value_per_strip_of_columns():
    """Two halves of 21 columns are 11 and 10 wide; a scalar of a later stage holds everywhere again."""
    p = parameters(width=21, landscape=(Stage(0, None, (0.0, 0.5), None), Stage(5, (0.5, 0.6, 0.7), None, 2)))
    assert ground(p, 4).mutation.tolist() == [0.0] * 11 + [0.5] * 10
    assert ground(p, 5).alive_threshold.tolist() == [0.5] * 7 + [0.6] * 7 + [0.7] * 7
    assert set(ground(p, 4).budget.tolist()) == {4} and set(ground(p, 5).budget.tolist()) == {2}
    assert strips(p) == 3 and strips(parameters(landscape=MUTATION_ENDS)) == 1


@pytest.mark.parametrize("engine", ["reference", "cpu"])
def test_each_half_of_a_world_has_its_own_rule(engine):
    """Mutation 0 on the left: all genomes are born on the right. Budget 1 there: nobody is alive twice in a row.

    Threshold 0.99 on the left, where alpha 1.0 is founders': nobody is alive there once they are gone.
    """
    places = np.arange(20) < 10
    found = drive(parameters(engine=engine, landscape=(Stage(0, None, (0.0, 0.3), (4, 1)),)), cuts=2)
    born = found["genome/cell"][found["genome/birth"] > 0] % 20
    assert born.size and not places[born].any()
    alive = found["alpha"][0] > 0
    assert not (alive[2:] & alive[1:-1])[..., ~places].any() and (alive[2:] & alive[1:-1])[..., places].any()
    found = drive(parameters(engine=engine, landscape=(Stage(0, (0.99, 0.5), None, None),)))
    alive = found["alpha"][0, 1:] > 0
    assert not alive[..., places].any() and alive[-1][..., ~places].any()


def test_founders_hidden_channels_know_the_threshold_of_their_place():
    """april2024 draws threshold + (1 - threshold) u, one u for all: the ratio of 1 - value is that of 1 - threshold."""
    p = parameters(rule="april2024", landscape=(Stage(0, (0.5, 0.8), None, None),))
    world, _ = model.initial(p, 0)
    left, right = (world.layers[1][:, half] for half in (slice(0, 10), slice(10, 20)))
    values = [np.unique(half[half > 0]) for half in (left, right)]
    assert [value.size for value in values] == [1, 1]
    assert np.isclose((1 - values[0][0]) / (1 - values[1][0]), 0.5 / 0.2, rtol=1e-5)


@pytest.mark.parametrize("fraction", [0.0026, 0.09, 1.0])
def test_founders_are_exactly_the_truncated_share_of_cells(fraction):
    """int(W H p) distinct cells, all channels 1, ids 1, 2, ... in the order of their cells."""
    p = parameters(seed_fraction=fraction, width=31, height=17)
    world, births = model.initial(p, 0)
    assert len(births) == int(31 * 17 * fraction) == (world.layers[0] == 1).sum()
    assert np.array_equal(np.sort(world.gid[world.gid > 0]), np.arange(1, len(births) + 1))
    assert (world.layers[1:] == world.layers[0]).all()


def test_founders_weights_lie_within_xavier_bounds():
    """U(-a, a), a = sqrt(6 / (in + out)): 0.5477 for fc1 and 1.2247 for fc2 with two channels; sd a / sqrt 3."""
    world, _ = model.initial(parameters(width=100, height=100), 0)
    nets = world.weights[world.gid > 0]
    for genes, bound in ((slice(0, 36), 0.5477226), (slice(36, 40), 1.2247449)):
        assert np.abs(nets[:, genes]).max() <= bound
        z = (nets[:, genes].std() / (bound / np.sqrt(3)) - 1) * np.sqrt(nets[:, genes].size)
        assert abs(z) < 4


def test_a_newborn_is_not_alive_in_the_generation_of_its_birth():
    """It put out what its empty net gives, g(0), which is at most the threshold."""
    worlds, born = history(parameters())
    for world, births in zip(worlds[1:], born[1:], strict=True):
        assert all(world.layers[0].reshape(-1)[birth.cell] == 0 for birth in births)


def test_a_cell_lives_at_most_its_budget_in_a_row():
    """Budget b: never more than b consecutive frames alive, one more for founders, who are alive in frame 0."""
    stored = drive(parameters(budget=3, generations=40))
    alive = stored["alpha"][0] > 0
    longest = np.zeros(alive.shape[1:], int)
    streak = np.zeros_like(longest)
    for frame in alive[1:]:
        streak = np.where(frame, streak + 1, 0)
        longest = np.maximum(longest, streak)
    assert longest.max() == 3


def test_rounding_lifts_the_threshold_by_a_twentieth():
    """alpha 0.52 is dead at threshold 0.5 with `alive_rounding: 1` and alive without; 0.55 rounds up (0.5500000119)."""
    alpha = np.array([0.5, 0.52, 0.55, 0.56], np.float32)
    assert model.is_alive(alpha, parameters()).tolist() == [False, False, True, True]
    assert model.is_alive(alpha, parameters(alive_rounding="none")).tolist() == [False, True, True, True]


def test_the_least_living_tenth_is_the_first_above_the_threshold():
    """Counted up from 0, for a thousand thresholds, tenths and their neighbours in float64 among them."""
    tenths = np.arange(10) / 10
    near = [np.nextafter(tenths, -1).clip(0), tenths, np.nextafter(tenths, 1), np.linspace(0, 0.999, 970)]
    thresholds = np.concatenate(near)
    counted = [next(k for k in range(12) if k / 10 > threshold) for threshold in thresholds.tolist()]
    assert model.least_tenths(thresholds).tolist() == counted


def test_tenths_are_what_python_rounds_to():
    """round(alpha, 1) of the float32 widened to float64, ties to even as decided by the exact value."""
    alpha = np.random.default_rng(0).random(20_000).astype(np.float32)
    alpha = np.concatenate([alpha, np.float32([0.25, 0.75, 0.05, 0.15, 0.35, 1.0])])
    assert [round(float(a), 1) for a in alpha] == [k / 10 for k in model.tenths(alpha)]


def test_without_mutation_no_genome_is_ever_born():
    """PPP = 0: takeovers and births copy founders, whose clades can only be lost."""
    stored = drive(parameters(mutation=0.0, generations=60))
    founders = parameters().founders
    assert stored["genome/parent"].size == founders
    surviving = [np.unique(frame[frame > 0]).size for frame in stored["gid"][0]]
    assert surviving[0] == founders and np.all(np.diff(surviving) <= 0)


def test_without_inheritance_life_ends_with_the_budget():
    """IP = 0: no births, and nobody is alive after `budget` generations."""
    stored = drive(parameters(inheritance=0.0, generations=6))
    assert stored["genome/parent"].size == parameters().founders
    assert (stored["alpha"][0, 4:] == 0).sum() == stored["alpha"][0, 4:].size - (
        stored["alpha"][0, 4] > 0
    ).sum()
    assert not stored["alpha"][0, 5:].any()


def test_under_april2024_nobody_born_survives():
    """Without grace a newborn, which is not alive yet, loses its net at once: only takeovers spread, until all die."""
    stored = drive(parameters(rule="april2024", generations=30))
    cells = stored["gid"][0] > 0
    assert (np.diff(cells.sum(axis=(1, 2))) <= 0).all() and not cells[-1].any()


def test_the_shift_of_the_torus_shifts_a_synchronous_world():
    """One deterministic step (IP = 0) commutes with translation, on a rectangle."""
    p = parameters(inheritance=0.0, width=13, height=8, update="synchronous")
    world, _ = model.initial(p, 0)
    draw = model.draws(p, 0, 1)
    moved = model.World(
        np.roll(world.layers, (3, 5), (1, 2)),
        np.roll(world.weights, (3, 5), (0, 1)),
        np.roll(world.gid, (3, 5), (0, 1)),
        world.age,
        world.n_genomes,
    )
    here, _ = model.step(world, draw, 1, p)
    there, _ = model.step(moved, draw, 1, p)
    assert np.array_equal(np.roll(here.layers, (3, 5), (1, 2)), there.layers)


def test_births_without_a_change_are_as_frequent_as_chance_says():
    """A newborn shares its parent's genome with probability (1 - PPP)^40: 0.4457 for PPP = 0.02."""
    p = parameters(width=60, height=60, mutation=0.02, generations=40)
    stored = drive(p)
    mutants = (stored["genome/birth"] > 0).sum()
    gid, before = stored["gid"][0, 1:], stored["gid"][0, :-1]
    births = ((before == 0) & (gid > 0)).sum()
    share, expected = 1 - mutants / births, theory.unchanged_births(0.02, p.genes)
    assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / births)


@pytest.mark.parametrize("changes", [{"inheritance": 0.5, "budget": 4}, {"inheritance": 0.5, "budget": 8}])
def test_dense_life_nearly_fills_the_share_that_is_possible(changes):
    """At most b / (1/IP + b + 1), 0.5714 and 0.7273, and 0.01 less at most: 3 seeds, 80x80."""
    p = parameters(width=80, height=80, seed_fraction=0.08, mutation=0.02, generations=150, runs=3, **changes)
    alive = (drive(p)["alpha"][:, 100:] > 0).mean()
    most = theory.most_alive(p.inheritance, p.budget)
    assert most - 0.01 < alive < most
