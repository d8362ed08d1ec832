"""The atlas of the NCA by another path: worlds and twins by the reference model, cell by cell.

The descendants of lone adults are those of the kernel, which tests/nca/findings/test_atlas.py holds to the reference;
here the line through their growth rates is fitted anew.
"""

from dataclasses import replace

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.nca import model
from emergent_dynamics.nca.findings import atlas

EXPERIMENT = {
    "inheritance": [0.5, 1], "generations": 20, "sizes": [{"side": 8, "worlds": 2}],
    "onset": {"inheritance": [0.07, 1], "trials": 8}, "critical": [0.07, 0.5],
    "growth": {"inheritance": [0.5, 1], "side": 12, "worlds": 2, "twins": 1},
}  # fmt: skip
# members of the sweep at full size (config/atlas.yaml) that tests/atlas/test_full_size.py computes again
MEMBERS = {
    "inheritance": [0.06, 0.065], "sizes": [{"side": 30, "worlds": 16}, {"side": 60, "worlds": 8}],
    "growth": {"inheritance": [0.08, 1], "side": 120, "worlds": 16, "twins": 8},
}  # fmt: skip


def generations(world, p, run, start, stop):
    """The worlds at start + 1 ... stop."""
    for generation in range(start + 1, stop + 1):
        world, _ = model.step(world, model.draws(p, run, generation), generation, p)
        yield world


def alive(path, tables, parameters):
    """Mean share of cells with alpha above 1/2 in generations 11 to 20 of both worlds at inheritance 1."""
    p = atlas.experiment(1.0, 8, atlas._seed(1, "order.8"))
    shares = []
    for run in range(2):
        worlds = list(generations(model.initial(p, run)[0], p, run, 0, 20))
        shares += [(world.layers[0] > 0.5).mean() for world in worlds[10:]]
    return np.mean(shares)


def damage_rate(path, tables, parameters):
    """ln of the mean number of cells whose alpha in tenths differs five life cycles of six generations on, over 5."""
    p = atlas.experiment(1.0, 12, atlas._seed(1, "growth.12"))
    differ = []
    for run in range(2):
        *_, settled = generations(model.initial(p, run)[0], p, run, 0, 100)
        *_, left = generations(settled, p, run, 100, 130)
        living = np.flatnonzero(settled.layers[0] > 0.5)
        for place in streams.integers(p.seed, "nca.atlas.emptied", run, 0, 1, living.size):
            y, x = divmod(int(living[place]), 12)
            twin = replace(
                settled, layers=settled.layers.copy(), weights=settled.weights.copy(), gid=settled.gid.copy(),
                age=settled.age.copy(),
            )  # fmt: skip
            twin.layers[:, y, x], twin.weights[y, x], twin.gid[y, x], twin.age[y, x] = 0, 0, 0, 0
            *_, other = generations(twin, p, run, 100, 130)
            differ.append((np.round(10 * left.layers[0]) != np.round(10 * other.layers[0])).sum())
    return np.log(np.mean(differ)) / 5


def critical(path, tables, parameters):
    donors, rates = atlas.donor_adults(1), []
    for inheritance in (0.07, 0.5):
        young, old = atlas.lone(1, inheritance, 8, donors).mean(0)
        rates.append(np.log(old / young) / 40)
    slope, level = np.polyfit([0.07, 0.5], rates, 1)
    return -level / slope


RECOMPUTED = {
    "critical_inheritance": critical,
    "alive_at_most_inheritance": alive,
    "damage_rate": damage_rate,
}
EXPECTED = {"alive_at_most_inheritance": 4 / 6}  # b / (1 / IP + b + 1)
REASONS: dict = {}
# the sweep whose coverage is counted: worlds, generations and trials as many as in the default run
COVERAGE = {
    "inheritance": [0.06, 1], "sizes": [{"side": 30, "worlds": 8}],
    "onset": {"inheritance": [0.06, 0.07]}, "critical": [0.06, 0.07, 0.08],
    "growth": {"inheritance": [0.08, 1], "side": 40},
}  # fmt: skip
REPEATS = 120
