"""Small data such as a user might bring, for config/examples/data."""

from typing import NamedTuple

import numpy as np

SIDE, GENERATIONS, GENES, LIVES = 12, 40, 40, 4


class Grown(NamedTuple):
    """ids, alpha (generation, y, x), weights (net, weight); of each net its parent, first and last generation."""

    ids: np.ndarray
    alpha: np.ndarray
    weights: np.ndarray
    parent: list[int]
    born: list[int]
    last: list[int]


def grown() -> Grown:
    """Nets that spread: each cell dies after `LIVES` generations, and an empty one takes the net of a neighbour.

    One birth in ten changes a weight. All numbers are whole or quarters, so that every machine has the same.
    """
    rng = np.random.default_rng(4)
    ids, age = np.zeros((SIDE, SIDE), np.int32), np.zeros((SIDE, SIDE), int)
    ids.flat[rng.choice(ids.size, 10, replace=False)] = np.arange(1, 11)
    weights = [np.zeros(GENES), *rng.integers(-8, 9, (10, GENES)) / 4]
    parent, born, frames, alphas = [0] * 11, [0] * 11, [ids], [np.where(ids, 1.0, 0.0)]
    for generation in range(1, GENERATIONS + 1):
        before, age = ids, np.where(ids, age + 1, 0)
        ids = np.where(age < LIVES, before, 0)
        for y, x in np.argwhere(before == 0):
            dy, dx = rng.integers(-1, 2, 2)
            above = int(before[(y + dy) % SIDE, (x + dx) % SIDE])
            if above and rng.random() < 0.5:
                ids[y, x] = above
                if rng.random() < 0.1:
                    weights.append(weights[above].copy())
                    weights[-1][rng.integers(GENES)] += 0.25
                    parent.append(above)
                    born.append(generation)
                    ids[y, x] = len(parent) - 1
        frames.append(ids)
        alphas.append(np.where(ids, (5 + ids % 5) / 10, 0.0))
    held = [np.flatnonzero([(frame == net).any() for frame in frames]) for net in range(len(parent))]
    last = [int(when[-1]) for when in held]
    return Grown(np.stack(frames), np.stack(alphas), np.array(weights), parent, born, last)


def phylogeny() -> str:
    """The ancestor of every net, in the alife standard."""
    world = grown()
    lines = ["id,ancestor_list,origin_time,destruction_time"]
    for net in range(1, len(world.parent)):
        above, gone = world.parent[net] or "none", world.last[net] + 1
        lines.append(f"{net},[{above}],{world.born[net]},{'inf' if gone > GENERATIONS else gone}")
    return "\n".join(lines) + "\n"


FILES = {
    "nets_ids.npz": lambda: grown().ids,
    "nets_alpha.npz": lambda: grown().alpha,
    "nets_weights.npz": lambda: grown().weights,
    "nets_phylogeny.csv": phylogeny,
}
