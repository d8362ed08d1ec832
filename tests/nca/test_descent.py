"""Descent, pruning and the formats that other programs read."""

import re

import numpy as np
import pytest

from emergent_dynamics.nca import census, descent
from emergent_dynamics.nca.descent import Descent
from tests.nca.worlds import datasets, drive, parameters


@pytest.fixture
def family():
    """1 -> 3 -> 5 -> 6 (alive), 3 -> 4 -> 8 (alive), 1 -> 7 extinct; founder 2 left no one."""
    parent = np.array([-1, 0, 0, 1, 3, 3, 5, 1, 4], np.int32)
    birth = np.array([-1, 0, 0, 2, 4, 5, 7, 8, 9], np.int32)
    last = np.array([-1, 6, 3, 6, 8, 7, 10, 9, 10], np.int32)
    return Descent(parent, birth, np.arange(9, dtype=np.int32), last, 10)


def test_pruning_keeps_the_living_and_their_ancestors(family):
    """Genomes 2 and 7 left no one."""
    tree = descent.prune(family)
    assert tree.genome.tolist() == [1, 3, 4, 5, 6, 8]
    assert tree.ancestor.tolist() == [0, 1, 3, 3, 5, 4]


def test_collapsing_keeps_dates_and_branching(family):
    """4 and 5 are extinct with one child each: 6 and 8 hang on 3 directly."""
    tree = descent.collapse(descent.prune(family))
    assert tree.genome.tolist() == [1, 3, 6, 8]
    assert tree.ancestor.tolist() == [0, 1, 3, 3]


def test_newick_has_names_and_branch_lengths(family):
    """Lengths are generations between births; the root has none."""
    assert descent.newick(descent.collapse(descent.prune(family))) == "((6:5,8:7)3:2)1:0;"


def test_the_alife_table_follows_the_standard(family):
    """Founders have [none], the living are destroyed at inf, the others when they are first gone."""
    table = descent.alife(descent.prune(family))
    assert table["ancestor_list"].tolist() == ["[none]", "[1]", "[3]", "[3]", "[5]", "[4]"]
    assert table["destruction_time"].tolist() == [7, 7, 9, 8, np.inf, np.inf]


def test_the_statistics_of_a_known_family(family):
    """One founder left of two, two tips, depth (3 + 3) / 2, most recent common ancestor is 3, born at 2."""
    found = descent.statistics(family, descent.prune(family))
    assert (
        found["surviving_founders"] == 1 and found["tips"] == 2 and found["depth"] == 3 and found["mrca"] == 2
    )


def test_the_tree_of_a_run_is_closed_and_agrees_with_its_frames():
    """Every ancestor is in the tree and older; tips are the genomes of the last frame; Newick names each node once."""
    p = parameters(generations=60, inheritance=0.5)
    stored = drive(p)
    groups = datasets(stored, p)
    family, _ = descent.read(groups.frames, groups.log, 0)
    tree = descent.prune(family)
    assert np.isin(tree.ancestor[tree.ancestor > 0], tree.genome).all()
    assert (tree.ancestor < tree.genome).all()
    final = stored["gid"][0, -1]
    assert np.array_equal(tree.genome[tree.last == 60], np.unique(final[final > 0]))
    collapsed = descent.collapse(tree)
    names = re.findall(r"[(,)](\d+):", descent.newick(collapsed))
    assert sorted(map(int, names)) == collapsed.genome.tolist()


def test_clades_partition_the_cells_with_a_net():
    """Summed over shown founders and the rest, the cells are those with a net."""
    p = parameters(generations=20)
    stored = drive(p)
    groups = datasets(stored, p)
    _, counted = descent.read(groups.frames, groups.log, 0)
    cells = census.clade_cells(counted, p.founders, shown=5)
    assert (
        cells.groupby("generation")["cells"].sum().tolist()
        == (stored["gid"][0] > 0).sum(axis=(1, 2)).tolist()
    )
    assert cells["founder"].nunique() == 6
