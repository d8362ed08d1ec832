"""Worlds in which it is known whether nets matter: the rule of the room, with a number for a net.

A cell that has a net keeps alive with its genome's `viability`, whatever is around it. Where all genomes have the same,
the world is strictly neutral. Frames and log are those of a trajectory.
"""

import numpy as np
import xarray as xr

from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.runtime.compiler import numba

SIZE, GENERATIONS, RUNS = 20, 60, 8
INHERITANCE, BUDGET, MUTATED, FOUNDERS, LEVEL = 0.3, 4, 0.3, 60, 0.85
WORLD = {
    "inheritance": INHERITANCE,
    "update": "sequential",
    "generations": GENERATIONS,
    "shadow": "lattice",
    "pickles": None,
}


def world(seed, gain=0.0, share=0.02):
    """A trajectory of RUNS worlds; `share` of founders and mutants, and their kin, are viable at LEVEL + gain."""
    gid = np.zeros((RUNS, GENERATIONS + 1, SIZE, SIZE), np.int32)
    alpha = np.zeros(gid.shape, np.uint8)
    parents = []
    for run in range(RUNS):
        parents.append(_grow(np.random.default_rng([seed, run]), gid[run], alpha[run], gain, share))
    dims = ("run", "generation", "y", "x")
    coordinates = {"run": np.arange(RUNS), "generation": np.arange(GENERATIONS + 1)}
    frames = xr.Dataset({"gid": (dims, gid), "alpha": (dims, alpha)}, coordinates)
    log = xr.Dataset(
        {
            "run": ("genome", np.repeat(np.arange(RUNS), list(map(len, parents)))),
            "parent": ("genome", np.concatenate(parents)),
            "birth": ("genome", np.zeros(sum(map(len, parents)), np.int32)),
        }
    )
    return Trajectory(frames, log, xr.Dataset())


@numba.njit(cache=True)
def _grow(rng, gid, alpha, gain, share):
    """Fill gid and alpha (generation, y, x) of one world; returns the parent of each genome, 0 for a founder."""
    n = SIZE * SIZE
    net, age = np.zeros(n, np.int32), np.zeros(n, np.int32)
    parent = np.zeros(n * GENERATIONS, np.int32)
    viability = np.full(parent.size + 1, LEVEL)
    for genome in range(1, FOUNDERS + 1):
        if rng.random() < share:
            viability[genome] = LEVEL + gain
    for genome, cell in enumerate(rng.permutation(np.arange(n))[:FOUNDERS]):
        net[cell], age[cell] = genome + 1, 1
    newest = FOUNDERS
    around = np.empty(9, np.int64)
    gid[0], alpha[0] = net.reshape(SIZE, SIZE), (age > 0).reshape(SIZE, SIZE)
    age[:] = 0
    for t in range(1, gid.shape[0]):
        alive = alpha[t - 1].copy().reshape(-1) > 0
        had = net.copy()
        for cell in range(n):
            y, x = divmod(cell, SIZE)
            k = 0
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    at = (y + dy) % SIZE * SIZE + (x + dx) % SIZE
                    if alive[at]:
                        around[k] = at
                        k += 1
            if k == 0:
                net[cell] = 0
            elif rng.random() < INHERITANCE:
                source = net[around[rng.integers(0, k)]]
                if net[cell] == 0 and rng.random() < MUTATED:
                    newest += 1
                    parent[newest - 1], viability[newest] = source, viability[source]
                    if rng.random() < share:
                        viability[newest] = LEVEL + gain
                    source = newest
                net[cell] = source
        for cell in range(n):
            lives = had[cell] > 0 and net[cell] > 0 and rng.random() < viability[had[cell]]
            age[cell] = age[cell] + 1 if lives and age[cell] < BUDGET else 0
            if age[cell] == 0 and had[cell] > 0:
                net[cell] = 0
        gid[t], alpha[t] = net.reshape(SIZE, SIZE), (age > 0).reshape(SIZE, SIZE)
    return parent[:newest]
