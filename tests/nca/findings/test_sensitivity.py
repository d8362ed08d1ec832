"""Twins that lost one founder."""

import numpy as np
import pandas
import pytest

from emergent_dynamics.nca.findings import sensitivity
from emergent_dynamics.nca.findings.sensitivity import Seen
from tests.nca.worlds import experiment, history, parameters


def test_differences_travel_a_cell_a_generation():
    """Synchronous rule: a cell depends on its 3x3 neighbourhood, so after t generations damage is within t cells."""
    p = parameters(
        width=40, height=40, seed_fraction=0.05, inheritance=0.5, update="synchronous", generations=8
    )
    found = sensitivity.compare_twins(p, twins=3, generations=8)
    assert (
        found["radius"].dropna() <= np.sqrt(2) * found["generation"][found["radius"].notna()] + 1e-9
    ).all()
    first = found[found["generation"] == 0]
    assert (first["damage"] == 1 / p.cells).all() and (first["radius"] == 0).all()
    assert found["damage"].max() > 1 / p.cells  # it does spread


def test_the_original_of_the_twins_is_the_run_itself(monkeypatch):
    """Without a founder lost, every measure of difference is 0: the draws are shared and the world is the same."""
    monkeypatch.setattr(sensitivity, "_lose", lambda world, home: None)
    found = sensitivity.compare_twins(parameters(generations=6), twins=2, generations=6)
    for name in ("damage", "clades", "gep_shift", "genomes_shift"):
        assert (found[name] == 0).all(), name


def test_the_table_is_the_same_however_many_twins_are_followed_together(monkeypatch):
    p = parameters(generations=6)
    whole = sensitivity.compare_twins(p, twins=5, generations=6)
    monkeypatch.setattr(sensitivity.resources, "twins_together", lambda cells, channels: 2)
    pandas.testing.assert_frame_equal(sensitivity.compare_twins(p, twins=5, generations=6), whole)
    assert list(whole["twin"][:5]) == [0, 1, 2, 3, 4] and whole["damage"].max() > 0


def test_comparing_two_frames_by_hand():
    """2 x 2 cells: one alpha of four differs, next to the lost founder; counts (2, 2) and (3, 1) agree in 1/2."""
    one = Seen(np.array([[0, 5], [0, 5]], np.uint8), np.array([[0, 1], [0, 2]]), genomes=2)
    twin = Seen(np.array([[0, 0], [0, 5]], np.uint8), np.array([[0, 0], [0, 2]]), genomes=1)
    found = sensitivity.compare(one, twin, home=0)
    assert found["damage"] == found["clades"] == 0.25
    assert found["unrelated"] == pytest.approx(0.5)
    assert found["radius"] == 1
    assert found["genomes_shift"] == -0.5
    assert found["gep_shift"] == pytest.approx(0.8112781244591328 - 1)


def test_clades_are_those_of_the_reference():
    """Founders of the unharmed world's cells, followed birth by birth in the reference."""
    p = parameters(generations=10, width=12, height=12, inheritance=0.6)
    worlds, born = history(p)
    founder = np.arange(p.founders + 1, dtype=np.int32)
    for births in born[1:]:
        founder = sensitivity._extend(founder, np.array([b.parent for b in births], np.int32))
    assert founder.size == worlds[-1].n_genomes + 1
    assert set(founder[worlds[-1].gid[worlds[-1].gid > 0]]) <= set(range(1, p.founders + 1))


def test_a_world_that_dies_heals():
    """IP = 0, budget 4: all are dead in both twins after five generations, damage 0, and nothing is undefined as 0."""
    found = sensitivity.compare_twins(parameters(inheritance=0.0, generations=6), twins=2, generations=6)
    headlines = sensitivity.summarise(found)
    assert headlines["twins_healed"].value == 1
    assert headlines["twin_damage"].value == 0
    assert np.isnan(headlines["twin_genomes_shift"].value) and headlines["twin_genomes_shift"].note


def test_headlines_are_of_the_last_generation():
    """Four twins: damage 0, .1, .2, .3 at the end, .5 between unrelated worlds; one healed, exact interval of 1/4."""
    last = pandas.DataFrame(
        {"twin": range(4), "generation": 9, "damage": [0, 0.1, 0.2, 0.3], "unrelated": 0.5}
    )
    last = last.assign(
        clades=[0.0, 0.2, 0.4, 0.6], gep_shift=[-1, 1, 1, 1], genomes_shift=[-1.0, 0.0, 1.0, np.nan]
    )
    found = sensitivity.summarise(pandas.concat([last.assign(generation=8, damage=0.9, clades=0.9), last]))
    values = {"twin_damage": 0.15, "twin_clades": 0.3, "twin_gep_shift": 0.5, "twin_genomes_shift": 0}
    assert {name: found[name].value for name in values} == pytest.approx(values)
    assert found["twin_damage_relative"].value == pytest.approx(0.3)
    assert found["twin_damage"].ci[0] == 0 and found["twin_damage_relative"].ci[0] == 0
    assert found["twin_clades"].ci[0] == 0 and found["twin_gep_shift"].ci == (pytest.approx(-1), 1)
    assert found["twin_genomes_shift"].ci[0] == -1 and found["twin_genomes_shift"].n == 3
    assert "nobody is alive" in found["twin_genomes_shift"].note
    assert found["twins_healed"].value == 0.25 and found["twins_healed"].n == 4
    assert found["twins_healed"].ci == pytest.approx((0.00631, 0.80588), abs=1e-5)
    assert [found[name].unit for name in ("twin_damage", "twin_clades", "twins_healed")] == ["share"] * 3
    assert [
        found[name].unit for name in ("twin_gep_shift", "twin_genomes_shift", "twin_damage_relative")
    ] == ["1"] * 3
    assert found["twin_damage_relative"].rank == 5 and found["twin_damage"].rank is None


def test_damage_relative_to_worlds_that_cannot_differ_is_undefined():
    last = pandas.DataFrame({"twin": [0], "generation": 9, "damage": 0.0, "unrelated": 0.0, "clades": 0.0})
    found = sensitivity.summarise(last.assign(gep_shift=0.0, genomes_shift=0.0))
    assert np.isnan(found["twin_damage_relative"].value) and found["twins_healed"].value == 1


def test_the_experiment_says_how_many_twins_and_how_long():
    """Two twins of four generations; never longer than the run, and never more twins than founders."""
    settings = experiment(width=6, height=5, seed_fraction=0.1, generations=9)
    table = sensitivity.find(settings | {"sensitivity": {"twins": 2, "generations": 4}})["sensitivity"]
    assert table["twin"].tolist() == [0, 1] * 5 and table["generation"].tolist() == sorted([*range(5)] * 2)
    table = sensitivity.find(settings | {"sensitivity": {"twins": 7, "generations": 40}})["sensitivity"]
    assert table["twin"].max() == 2 and table["generation"].max() == 9
    start = table[table["generation"] == 0]
    assert (start["damage"] == 1 / 30).all() and (start["clades"] == 1 / 30).all()
    assert start["genomes_shift"].tolist() == pytest.approx([-1 / 3] * 3)


def test_distances_go_the_short_way_round_the_torus():
    """Cells (0, 0), (4, 0), (0, 5) and (2, 3) of 5 x 6 from (0, 0): 0, 1, 1 and 4 + 9 squared."""
    differs = np.zeros((5, 6), bool)
    differs[[0, 4, 0, 2], [0, 0, 5, 3]] = True
    assert sensitivity._radius(differs, 0) == pytest.approx(np.sqrt((0 + 1 + 1 + 13) / 4))
    moved = np.roll(differs, (3, 4), (0, 1))
    assert sensitivity._radius(moved, 3 * 6 + 4) == pytest.approx(np.sqrt(15 / 4))
    assert np.isnan(sensitivity._radius(np.zeros((2, 2), bool), 3))


def test_founders_of_newborn_genomes_are_their_parents():
    """Genomes 3 and 4 come from 2 and from 3, which is of the same generation."""
    assert sensitivity._extend(np.array([0, 1, 2], np.int32), np.array([2, 3], np.int32)).tolist() == [
        0,
        1,
        2,
        2,
        2,
    ]


def test_intervals_end_where_a_share_can_end():
    """Two twins, all or nothing: Student's interval would be 12 wide; relative measures have no upper end."""
    last = pandas.DataFrame(
        {"twin": [0, 1], "generation": 9, "damage": [0.0, 1.0], "unrelated": 0.5, "clades": [0.0, 1.0]}
    )
    found = sensitivity.summarise(last.assign(gep_shift=[-1.0, 1.0], genomes_shift=[-1.0, 1.0]))
    assert found["twin_damage"].ci == found["twin_clades"].ci == (0, 1)
    assert found["twin_gep_shift"].ci == (-1, 1) and found["twin_genomes_shift"].ci[0] == -1
    assert found["twin_damage_relative"].ci[0] == 0
    assert found["twin_genomes_shift"].ci[1] > 12 and found["twin_damage_relative"].ci[1] > 12
