"""Shape of a phylogeny: its balance after Sackin and Colless, and the total length of all lineages that lead to the
living.

A living genome is one leaf; one that also has living descendants is a leaf attached to its own node by a branch of
length 0. Only nodes at which two or more lineages separate count as branchings. The trees of different founders are
not joined. Sources: Sackin 1972; Colless 1982, for nodes of two lineages (Shao & Sokal 1990); Faith 1992, with
generations as lengths.
"""

import numpy as np

from emergent_dynamics.nca.descent import Tree
from emergent_dynamics.runtime.compiler import numba


def shape(tree: Tree) -> dict[str, float]:
    """Return sackin, colless and phylogenetic_diversity of a pruned tree; NaN when no genome is alive.

    sackin : number of branchings between a leaf and its founder, summed over leaves. colless : difference between the
    numbers of leaves below the two lineages of a node, summed over the nodes with two lineages.
    phylogenetic_diversity : generations from the birth of a genome to its last mutant birth that leads to the living,
    or to the end if it is alive, summed over genomes.
    """
    if not tree.genome.size:
        return dict.fromkeys(("sackin", "colless", "phylogenetic_diversity"), float("nan"))
    above = np.where(tree.ancestor > 0, np.searchsorted(tree.genome, tree.ancestor), -1)
    alive = tree.last == tree.generations
    sackin, colless = _balance(above, alive)
    end = np.where(alive, tree.generations, tree.birth).astype(np.int64)
    child = above >= 0
    np.maximum.at(end, above[child], tree.birth[child])
    return {
        "sackin": float(sackin),
        "colless": float(colless),
        "phylogenetic_diversity": float((end - tree.birth).sum()),
    }


@numba.njit(cache=True)
def _balance(above, alive):
    """Return the indices of Sackin and Colless.

    above : (node,) the index of the parent, which always comes before the child; -1 for a root. alive : (node,) bool.
    """
    n = above.size
    lineages, leaves = alive.astype(np.int64), alive.astype(np.int64)
    most = alive.astype(np.int64)  # number of leaves in the largest lineage below a node
    for i in range(n - 1, -1, -1):
        at = above[i]
        if at >= 0:
            lineages[at] += 1
            leaves[at] += leaves[i]
            most[at] = max(most[at], leaves[i])
    depth = np.zeros(n, np.int64)  # number of branchings above and at a node
    sackin = colless = 0
    for i in range(n):
        depth[i] = (depth[above[i]] if above[i] >= 0 else 0) + (lineages[i] > 1)
        if alive[i]:
            sackin += depth[i]
        if lineages[i] == 2:
            colless += 2 * most[i] - leaves[i]
    return sackin, colless
