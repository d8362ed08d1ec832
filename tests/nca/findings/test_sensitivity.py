"""Twins that lost one founder."""

import numpy as np
import pytest

from emergent_dynamics.nca.findings import sensitivity
from emergent_dynamics.nca.findings.sensitivity import Seen
from tests.nca.worlds import history, parameters


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
