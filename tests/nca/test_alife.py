"""Phylogenies of other programs: read as they are, or refused in one line."""

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics.nca import alife, balance, descent
from tests.nca.worlds import datasets, drive, parameters

ROWS = {
    "id": [10, 4, 7, 30, 2],
    "ancestor_list": ["[none]", "[10]", "[10]", "[7]", "[]"],
    "origin_time": [0, 2, 2, 5, 0],
    "destruction_time": [3, np.inf, 6, np.inf, 4],
}


def table(**changes):
    return pd.DataFrame(ROWS | changes)


def test_taxa_are_numbered_so_that_ancestors_come_first():
    found = alife.read(table())
    assert found.ids.tolist() == [-1, 10, 2, 4, 7, 30]
    assert found.descent.parent.tolist() == [-1, 0, 0, 1, 1, 4]
    assert found.descent.last.tolist() == [-1, 2, 3, 6, 5, 6]
    assert found.descent.generations == 6
    tree = descent.prune(found.descent)
    assert found.ids[tree.genome].tolist() == [10, 4, 7, 30]
    assert balance.shape(tree) == {"sackin": 2.0, "colless": 0.0, "phylogenetic_diversity": 2 + 4 + 3 + 1}


def test_our_own_table_comes_back_whole(tmp_path):
    """Tree, shape and Newick of a run equal those of what `descent.alife` wrote of it."""
    p = parameters(generations=60, inheritance=0.5)
    groups = datasets(drive(p), p)
    tree = descent.prune(descent.read(groups.frames, groups.log, 0)[0])
    descent.alife(tree).sample(frac=1, random_state=1).to_csv(tmp_path / "a.csv", index=False)
    found = alife.read(tmp_path / "a.csv", end=60)
    again = descent.prune(found.descent)
    assert np.array_equal(np.sort(found.ids[again.genome]), tree.genome)
    assert balance.shape(again) == balance.shape(tree)
    above = np.where(again.ancestor > 0, found.ids[again.ancestor], 0)
    parents = dict(zip(found.ids[again.genome].tolist(), above.tolist(), strict=True))
    assert parents == dict(zip(tree.genome.tolist(), tree.ancestor.tolist(), strict=True))


def test_what_phylotrackpy_writes_is_read(tmp_path):
    """Its snapshot of a small history: a root, two children, one of which has a child; its ids, order and [NONE]."""
    systematics = pytest.importorskip("phylotrackpy").systematics
    kept = systematics.Systematics(lambda taxon: taxon, True, True, False, False)
    kept.set_update(0)
    root = kept.add_org("a")
    kept.set_update(1)
    first, second = kept.add_org("b", root), kept.add_org("c", root)
    kept.set_update(3)
    kept.add_org("d", second)
    kept.remove_org(root)
    kept.snapshot(str(tmp_path / "snapshot.csv"))
    found = alife.read(tmp_path / "snapshot.csv")
    by_id = {int(i): int(found.ids[a]) for i, a in zip(found.ids[1:], found.descent.parent[1:], strict=True)}
    ids = [taxon.get_id() for taxon in (root, first, second)]
    assert by_id[ids[0]] == -1 and by_id[ids[1]] == by_id[ids[2]] == ids[0]
    assert sorted(by_id.values()).count(ids[2]) == 1 and len(by_id) == 4


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ancestor_list": ["[none]", "[10, 2]", "[10]", "[7]", "[]"]}, "id 4 has the ancestors [10, 2]"),
        ({"ancestor_list": ["[none]", "[11]", "[10]", "[7]", "[]"]}, "id 4 descends from '11', which is not in"),
        ({"ancestor_list": ["[30]", "[10]", "[10]", "[7]", "[]"], "origin_time": [2] * 5}, "descends from itself"),
        ({"id": [10, 4, 7, 4, 2]}, "id 4 occurs twice"),
        ({"id": [10, 4.5, 7, 30, 2]}, "id '4.5' must be a whole number"),
        ({"origin_time": [0, 2, 2, np.nan, 0]}, "origin_time 'nan' must be a whole number"),
        ({"destruction_time": [3, np.inf, 1, np.inf, 4]}, "id 7 is destroyed before it begins"),
        ({"origin_time": [3, 2, 2, 5, 0], "destruction_time": [9] * 5}, "begins outside the time of its ancestor 10"),
        ({"destruction_time": ["soon", "inf", 6, "inf", 4]}, "destruction_time 'soon' must be a whole number"),
    ],
)  # fmt: skip
def test_what_is_no_phylogeny_is_one_line(changes, words):
    with pytest.raises(ValueError) as refused:
        alife.read(table(**changes))
    assert words in str(refused.value) and "\n" not in str(refused.value)


def test_a_missing_column_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("id,parent\n1,0\n")
    with pytest.raises(ValueError, match=r"a\.csv: has no column ancestor_list; it has id, parent"):
        alife.read(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("id,ancestor_list,origin_time\n")
    with pytest.raises(ValueError, match=r"b\.csv: has no taxa"):
        alife.read(tmp_path / "b.csv")
