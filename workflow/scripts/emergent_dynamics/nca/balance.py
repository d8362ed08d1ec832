"""Shape of a phylogeny: balance after Sackin and Colless, and the length of all lineages that lead to the living.

A living genome is one leaf; one that has living descendants too hangs on its own node by a branch of length 0. A node
at which two lineages or more part is a branching; others do not count. Founders' trees are not joined.
Sackin 1972; Colless 1982, for nodes of two lineages (Shao & Sokal 1990); Faith 1992, with generations for lengths.
"""

import numpy as np

from emergent_dynamics.nca.descent import Tree
from emergent_dynamics.runtime.compiler import numba


def shape(tree: Tree) -> dict[str, float]:
    """sackin, colless and phylogenetic_diversity of a pruned tree; NaN when nobody lives.

    sackin : branchings between a leaf and its founder, summed over leaves. colless : difference of the leaves below the
    two lineages of a node, summed over the nodes of two. phylogenetic_diversity : generations, summed over genomes,
    from birth to the last mutant birth that leads to the living, or to the end.
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
    """above (node,): place of the parent, -1 for a root, always before the child. Returns the two sums."""
    n = above.size
    lineages, leaves = alive.astype(np.int64), alive.astype(np.int64)
    most = alive.astype(np.int64)  # leaves below the largest lineage of a node
    for i in range(n - 1, -1, -1):
        at = above[i]
        if at >= 0:
            lineages[at] += 1
            leaves[at] += leaves[i]
            most[at] = max(most[at], leaves[i])
    depth = np.zeros(n, np.int64)  # branchings above and at a node
    sackin = colless = 0
    for i in range(n):
        depth[i] = (depth[above[i]] if above[i] >= 0 else 0) + (lineages[i] > 1)
        if alive[i]:
            sackin += depth[i]
        if lineages[i] == 2:
            colless += 2 * most[i] - leaves[i]
    return sackin, colless
