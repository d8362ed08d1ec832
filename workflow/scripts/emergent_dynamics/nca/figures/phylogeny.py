"""The phylogenetic tree of the genomes alive at the end."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from emergent_dynamics.nca.descent import Tree
from emergent_dynamics.plotting import colours, style


@style.styled()
def draw(tree: Tree) -> Figure:
    """Draw the pruned tree of the living, with time to the right, tips in the order of the tree, and one colour per
    founder.
    """
    drawing, [[axis]] = style.figure(1000, 620, gap=0)
    if tree.genome.size == 0:
        style.nothing(axis, "no genome is alive in the last generation")
        return drawing
    height, root = places(tree)
    index = np.searchsorted(tree.genome, tree.ancestor)
    below = tree.ancestor > 0
    start = np.where(below, tree.birth[index % tree.genome.size], tree.birth)
    across = np.stack([np.stack([tree.birth, height], 1), np.stack([tree.last, height], 1)], 1)
    joints = np.stack(
        [np.stack([tree.birth, height[index % tree.genome.size]], 1), np.stack([tree.birth, height], 1)], 1
    )
    stems = np.stack([np.stack([start, height[index % tree.genome.size]], 1), joints[:, 0]], 1)
    palette = colours.identity_table(int(root.max()) + 1) / 255
    for lines, keep, width in ((across, slice(None), 1.0), (joints, below, 0.6), (stems, below, 0.6)):
        axis.add_collection(
            LineCollection(list(lines[keep]), colors=palette[root[keep]], linewidths=width, rasterized=True)
        )
    axis.set(
        xlim=(0, tree.generations), ylim=(-1, height.max() + 1), xlabel="generation", ylabel="living genomes"
    )
    axis.set_yticks([])
    axis.grid(False)
    living = tree.last == tree.generations
    founders = len(np.unique(root[living]))
    style.conclude(drawing, f"The {living.sum():,} genomes alive at the end descend from {founders} founders")
    return drawing


def places(tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """Return (node,) the height of each node in the drawing, and (node,) the number of its root.

    Tips have heights 0, 1, ... in the order of the tree; a parent has the mean height of its children.
    """
    n = tree.genome.size
    above = np.where(tree.ancestor > 0, np.searchsorted(tree.genome, tree.ancestor), -1)
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(above.tolist()):
        children.setdefault(parent, []).append(node)
    height, root, next_tip = np.zeros(n), np.zeros(n, int), 0
    for number, first in enumerate(children.get(-1, [])):
        todo = [first]
        while todo:
            node = todo.pop()
            root[node] = number
            below = children.get(node, [])
            if not below:
                height[node] = next_tip
                next_tip += 1
            todo.extend(reversed(below))
    for node in range(n - 1, -1, -1):  # children have larger ids than their parents
        if node in children:
            height[node] = np.mean(height[children[node]])
    return height, root
