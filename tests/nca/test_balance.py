"""Shape of phylogenies: by hand, at its extremes, and as other programs count it."""

import functools
import math

import numpy as np
import pytest

from emergent_dynamics.nca import balance, descent
from emergent_dynamics.nca.descent import Tree
from emergent_dynamics.nca.findings import lineage
from tests.nca.worlds import datasets, drive, parameters


def tree(ancestor, alive, birth=None):
    """Nodes 1, 2, ... in order; `alive` are those that live at generation 10."""
    n = len(ancestor)
    last = np.where(np.isin(np.arange(1, n + 1), alive), 10, 9)
    birth = np.arange(n) if birth is None else np.array(birth)
    return Tree(np.arange(1, n + 1), np.array(ancestor), birth, last, np.zeros(n, int), 10)


def test_a_known_tree():
    """1 -> 2, 3 and 3 -> 4, 5; 1, 2, 4, 5 live. Node 1 has three lineages (its own), node 3 two: Sackin 1 + 1 + 2 + 2.

    Colless looks at node 3 only: 0. Lengths: 10 - 0 of 1, 10 - 1, from 2 to the birth of 5 at 4, 10 - 3, 10 - 4.
    """
    found = balance.shape(tree([0, 1, 1, 3, 3], [1, 2, 4, 5]))
    assert found == {"sackin": 6, "colless": 0, "phylogenetic_diversity": 10 + 9 + 2 + 7 + 6}


def test_extinct_nodes_with_one_child_change_no_balance():
    """1 -> 2 -> 3 -> 4, 5: one branching, two leaves; 2 and 1 are lengths only."""
    found = balance.shape(tree([0, 1, 2, 3, 3], [4, 5]))
    assert (found["sackin"], found["colless"]) == (2, 0)
    assert found["phylogenetic_diversity"] == 1 + 1 + 2 + 7 + 6


@pytest.mark.parametrize("n", [2, 3, 8, 33])
def test_a_caterpillar_is_least_balanced_and_a_star_most(n):
    """Sackin n (n + 1) / 2 - 1 and Colless (n - 1)(n - 2) / 2, the most that there is; n and 0 for a star."""
    spine = [0]
    for node in range(1, n - 1):
        spine += [node * 2 - 1, node * 2 - 1]
    spine += [2 * n - 3] * 2 if n > 1 else []
    leaves = [k for k in range(1, len(spine) + 1) if k not in spine]
    assert len(leaves) == n
    found = balance.shape(tree(spine, leaves))
    assert (found["sackin"], found["colless"]) == (n * (n + 1) / 2 - 1, (n - 1) * (n - 2) / 2)
    star = balance.shape(tree([0] + [1] * n, range(2, n + 2)))
    assert (star["sackin"], star["colless"]) == (n, 0)


def test_founders_trees_are_not_joined_and_nobody_has_no_shape():
    assert balance.shape(tree([0, 0], [1, 2], [0, 0])) == {
        "sackin": 0,
        "colless": 0,
        "phylogenetic_diversity": 20,
    }
    assert all(map(math.isnan, balance.shape(tree([], [])).values()))


@functools.cache
def families():
    p = parameters(runs=3, generations=40, inheritance=0.5)
    trajectory = datasets(drive(p), p)
    return p, trajectory, lineage.find(trajectory)


def test_ids_of_several_runs_are_unique_in_the_file_and_ancestors_are_of_the_same_run():
    """The case: 7,721 rows had 6,682 ids, and a reader saw 3,457 living genomes where there were 3,281."""
    _, _, tables = families()
    phylogeny = tables["phylogeny"]
    assert phylogeny["id"].is_unique and len(phylogeny) == tables["lineage"]["ancestry"].sum()
    run = dict(zip(phylogeny["id"], phylogeny["run"], strict=True))
    for row in phylogeny.itertuples():
        above = row.ancestor_list.strip("[]")
        assert above == "none" or run[int(above)] == row.run
        assert 0 <= row.id - row.genome == tables["lineage"]["genomes"][: row.run].sum()


def read_by_phylotrackpy(path, phylogeny):
    systematics = pytest.importorskip(
        "phylotrackpy.systematics", reason="phylotrackpy has no wheel for Python 3.14"
    )
    phylogeny.to_csv(path, index=False)
    found = systematics.Systematics(lambda organism: organism)
    found.load_from_file(str(path), "genome", False)
    return found


def test_phylotrackpy_reads_the_phylogeny_with_the_right_counts(tmp_path):
    """Three runs in one file: as many living genomes, ancestors and roots as the frames and the log have."""
    _, trajectory, tables = families()
    phylogeny, table = tables["phylogeny"], tables["lineage"]
    read = read_by_phylotrackpy(tmp_path / "phylogeny.csv", phylogeny)
    living = sum(np.unique(gid[-1][gid[-1] > 0]).size for gid in trajectory.frames["gid"].values)
    assert read.get_num_active() == living == table["tips"].sum()
    assert read.get_num_taxa() == len(phylogeny) == table["ancestry"].sum()
    assert read.get_num_roots() == table["surviving_founders"].sum()


@pytest.mark.parametrize("seed", range(5))
def test_sackin_is_phylotrackpys_where_no_ancestor_lives(tmp_path, seed):
    """Random trees of 60 nodes whose leaves live; that program counts a living ancestor otherwise."""
    rng = np.random.default_rng(seed)
    ancestor = [0] + [int(rng.integers(1, node)) for node in range(2, 61)]
    alive = sorted(set(range(1, 61)) - set(ancestor))
    one = tree(ancestor, alive, np.arange(60) // 7)
    for shown in (one, descent.collapse(one)):
        read = read_by_phylotrackpy(tmp_path / "one.csv", descent.alife(shown))
        assert read.sackin_index() == balance.shape(one)["sackin"]
