"""Exact descent: the parent of every genome, pruned to the ancestors of the living, as alife-standard CSV and Newick.

Nothing is inferred: every genome has one logged parent. Founders have none, so a tree may have several roots.
Conventions: alife data standards (Lalejini et al. 2019, "Data standards for artificial life software").
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.nca import census
from emergent_dynamics.nca.census import Census
from emergent_dynamics.nca.genome_log import Pieces, column, pieces
from emergent_dynamics.runtime.compiler import numba


@dataclass(frozen=True)
class Descent:
    """All genomes of one run by id (entry 0 is the empty net): int32 arrays of length genomes + 1.

    parent, birth (generation), cell : from the log. last : last frame in which a cell holds the genome, -1 if there
    is none.
    """

    parent: np.ndarray
    birth: np.ndarray
    cell: np.ndarray
    last: np.ndarray
    generations: int


@dataclass(frozen=True)
class Tree:
    """A forest whose nodes are in the order of their ids; `ancestor` (node,) is the id of the parent node, 0 for a
    root.
    """

    genome: np.ndarray
    ancestor: np.ndarray
    birth: np.ndarray
    last: np.ndarray
    cell: np.ndarray
    generations: int


def read(
    frames: xr.Dataset, log: xr.Dataset, run: int, known: Pieces | None = None
) -> tuple[Descent, Census]:
    """Return the descent and the census of one run; frames and log are read once, in blocks.

    The descent takes twelve bytes per genome of this run. known : the `genome_log.pieces` of the log, if already read.
    """
    known = known or pieces(log)
    mine = known.run == run
    whole = {name: np.append(np.int32(-1), column(log, run, name, known)) for name in ("parent", "cell")}
    whole["birth"] = np.append(np.int32(-1), np.repeat(known.birth[mine], (known.stop - known.start)[mine]))
    counted = census.take(frames, run, founders(whole["parent"]))
    return Descent(**whole, last=counted.last, generations=int(frames["generation"][-1])), counted


def prune(descent: Descent) -> Tree:
    """Keep the genomes alive in the last frame and all their ancestors."""
    kept = (descent.last == descent.generations) & (descent.parent >= 0)
    mark_ancestors(kept, descent.parent)
    genome = np.flatnonzero(kept)
    return Tree(
        genome,
        descent.parent[genome].astype(np.int64),
        descent.birth[genome],
        descent.last[genome],
        descent.cell[genome],
        descent.generations,
    )


def collapse(tree: Tree) -> Tree:
    """Leave out nodes that are extinct and have exactly one child and a parent; topology and dates do not change."""
    children = np.bincount(
        np.searchsorted(tree.genome, tree.ancestor[tree.ancestor > 0]), minlength=tree.genome.size
    )
    kept = (children != 1) | (tree.ancestor == 0) | (tree.last == tree.generations)
    ancestor = tree.ancestor.copy()
    for i in np.flatnonzero(
        ancestor
    ):  # parents come before children, so a link to a kept node is already final
        above = np.searchsorted(tree.genome, ancestor[i])
        if not kept[above]:
            ancestor[i] = ancestor[above]
    return Tree(
        tree.genome[kept],
        ancestor[kept],
        tree.birth[kept],
        tree.last[kept],
        tree.cell[kept],
        tree.generations,
    )


@numba.njit(cache=True)
def mark_ancestors(kept, parent):
    """Mark every ancestor of a marked genome, in place."""
    for genome in range(kept.size - 1, 0, -1):  # a parent's id is smaller than its child's
        if kept[genome] and parent[genome] > 0:
            kept[parent[genome]] = True


@numba.njit(cache=True)
def founders(parent):
    """Return (genome + 1,) the founder from which each genome descends; entry 0 is 0."""
    founder = np.zeros(parent.size, np.int32)
    for genome in range(1, parent.size):
        founder[genome] = founder[parent[genome]] if parent[genome] > 0 else genome
    return founder


@numba.njit(cache=True)
def depths(parent):
    """Return (genome + 1,) the number of mutated births between a genome and its founder."""
    depth = np.zeros(parent.size, np.int32)
    for genome in range(1, parent.size):
        depth[genome] = depth[parent[genome]] + 1 if parent[genome] > 0 else 0
    return depth


def alife(tree: Tree, before: int = 0) -> pd.DataFrame:
    """Return an alife-standard phylogeny: id, ancestor_list, origin_time, destruction_time (inf for the living),
    origin_cell.

    before : a number that is added to every id, so that the trees of several runs can be in one file. Column `genome`
    has the ids without it.
    """
    alive = tree.last == tree.generations
    gone = np.where(alive, np.inf, tree.last + 1.0)
    above = [f"[{a + before}]" if a else "[none]" for a in tree.ancestor.tolist()]
    return pd.DataFrame(
        {
            "id": tree.genome + before,
            "ancestor_list": above,
            "origin_time": tree.birth,
            "destruction_time": gone,
            "origin_cell": tree.cell,
            "genome": tree.genome,
        }
    )


def tree(phylogeny: pd.DataFrame, generations: int, run: int) -> Tree:
    """Return the tree of one run from a table of `alife` with a column `run`; its genomes are named by `id`."""
    rows = phylogeny[phylogeny["run"] == run]
    above = rows["ancestor_list"].astype(str).str.strip("[]").replace("none", "0").astype(np.int64)
    gone = rows["destruction_time"].to_numpy(float)
    last = np.where(np.isinf(gone), generations, gone - 1).astype(np.int32)
    columns = (rows[name].to_numpy(np.int64) for name in ("id", "origin_time", "origin_cell"))
    genome, birth, cell = columns
    return Tree(genome, above.to_numpy(), birth, last, cell, generations)


def newick(tree: Tree) -> str:
    """Return Newick text whose names are genome ids and whose branch lengths are generations between births.

    Several roots become children of one unnamed root.
    """
    children: dict[int, list[int]] = {}
    birth = dict(zip(tree.genome.tolist(), tree.birth.tolist(), strict=True))
    for genome, above in zip(tree.genome.tolist(), tree.ancestor.tolist(), strict=True):
        children.setdefault(above, []).append(genome)
    roots = children.pop(0, [])
    if len(roots) == 1:
        return "".join(_subtree(roots[0], children, birth)) + ";"
    return "(" + ",".join("".join(_subtree(root, children, birth)) for root in roots) + ");"


def _subtree(root: int, children: dict[int, list[int]], birth: dict[int, int]) -> Iterator[str]:
    """Yield pieces of the text, without recursion, because lineages are thousands of births deep."""
    todo: list[tuple[int, int, str]] = [(root, birth[root], "open")]
    while todo:
        node, above, what = todo.pop()
        if what == "text":
            yield ","
            continue
        below = children.get(node, []) if what == "open" else []
        if below:
            yield "("
            todo.append((node, above, "close"))
            for i, child in enumerate(reversed(below)):
                if i:
                    todo.append((0, 0, "text"))
                todo.append((child, birth[node], "open"))
            continue
        yield (")" if what == "close" else "") + f"{node}:{birth[node] - above}"


def statistics(descent: Descent, tree: Tree) -> dict[str, float]:
    """Return statistics of the genomes alive in the last frame; what is undefined without any is NaN.

    genomes, founders : numbers in the whole run. surviving_founders : founders with living descendants. tips : living
    genomes. ancestry : nodes of the pruned tree. depth : mean number of mutated births since the founder. mrca :
    generation of birth of the most recent common ancestor, where one founder has all the living as descendants.
    """
    tips = tree.genome[tree.last == tree.generations]
    found = {
        "genomes": float(descent.parent.size - 1),
        "founders": float((descent.parent == 0).sum()),
        "surviving_founders": float((tree.ancestor == 0).sum()),
        "tips": float(tips.size),
        "ancestry": float(tree.genome.size),
        "depth": float("nan"),
        "mrca": float("nan"),
    }
    if tips.size:
        found["depth"] = float(depths(descent.parent)[tips].mean())
    if found["surviving_founders"] == 1:
        found["mrca"] = float(_mrca_birth(tree))
    return found


def _mrca_birth(tree: Tree) -> int:
    """Walk from the only root down to the first node that is alive or branches, and return its generation of birth."""
    index = np.searchsorted(tree.genome, tree.ancestor[1:])
    children = np.bincount(index, minlength=tree.genome.size)
    node = 0
    while children[node] == 1 and tree.last[node] < tree.generations:
        node = 1 + int(np.flatnonzero(index == node)[0])
    return int(tree.birth[node])
