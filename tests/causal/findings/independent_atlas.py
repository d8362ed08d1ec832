"""The atlas of causal attention by another path: the map with dense matrices, and groups by single linkage."""

from functools import cache

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist

from emergent_dynamics import streams

EXPERIMENT = {"beta": [4, 25], "sizes": [16], "runs": 8, "end_time": 6}
# members of the sweep at full size (config/atlas.yaml) that tests/atlas/test_full_size.py computes again
MEMBERS = {"beta": [1, 144], "sizes": [64, 256]}
BETA, TOKENS, RUNS, END, STEP = 25.0, 16, 8, 6, 0.05
STEPS = 21  # of 0.05 / 1.05 in a natural time


def moved(x):
    """One step of the map under the causal mask with Q = K = V = 1: x (token, 2)."""
    weight = np.tril(np.exp(BETA * (x @ x.T)))
    pulled = x + STEP * (weight / weight.sum(1, keepdims=True)) @ x
    return pulled / np.linalg.norm(pulled, axis=1, keepdims=True)


@cache
def followed():
    """(run, time) ln of a disturbance's length over its first at times 1, 2, ..., and the groups at the end."""
    lengths, groups = [], []
    for run in range(RUNS):
        angle = 2 * np.pi * streams.uniform(1, f"causal.atlas.{TOKENS}", run, 0, TOKENS)
        shift = streams.normal(1, f"causal.atlas.{TOKENS}", run, 1, TOKENS)
        shift *= 1e-7 / np.sqrt((shift**2).mean())
        one, other = (np.column_stack([np.cos(a), np.sin(a)]) for a in (angle, angle + shift))
        found = [apart(one, other)]
        for _ in range(END):
            for _ in range(STEPS):
                one, other = moved(one), moved(other)
            found.append(apart(one, other))
        lengths.append(np.log(np.array(found[1:]) / found[0]))
        groups.append(connected_components(cdist(one, one) < 0.49 / np.sqrt(BETA), directed=False)[0])
    return np.array(lengths), np.array(groups)


def apart(one, other):
    """The length of the angles between two sets of tokens; chords are as long at 1e-7."""
    return np.sqrt(((one - other) ** 2).sum())


RECOMPUTED = {
    "groups_at_largest_beta": lambda path, tables, p: followed()[1].mean(),
    "growth_early": lambda path, tables, p: followed()[0][:, 4].mean() / 5,
    "growth_whole": lambda path, tables, p: followed()[0][:, -1].mean() / END,
    "amplification": lambda path, tables, p: followed()[0].max(1).clip(0).mean(),
}
EXPECTED: dict = {}
REASONS: dict = {}
# the sweep whose coverage is counted: sixteen runs of 32 tokens until groups have formed
COVERAGE = {"beta": [4, 25], "sizes": [32], "runs": 16, "end_time": 20}
REPEATS = 600
