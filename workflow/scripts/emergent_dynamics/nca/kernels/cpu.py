"""One generation of one run in compiled code: equal to `model.step` on the same draws (ids exactly, floats to
rounding).

A cell holds the slot of its genome in a table of weights. An heir copies the slot, and only a mutated birth writes a
row (copy on write). Slots that no cell holds are collected and used again, so the table never needs more than twice
as many rows as there are cells.
"""

import numpy as np

from emergent_dynamics.nca.kernels.inheritance import choose, inherit
from emergent_dynamics.nca.kernels.network import forward
from emergent_dynamics.nca.kernels.workspace import SWEEP_EVERY
from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.streams import philox4x32


@numba.njit(cache=True)
def generation(board, n_free, n_genomes, step, run, k, s):
    """Compute `model.step` of a `Board` in place.

    Returns the number of free slots on the stack s.free, the number of births, and the number of changed genes, which
    are listed in s.births, s.genes and s.values. n_free : the number of free slots; pass 0 to collect them first.
    step : the number of the new generation, from 1 on.
    """
    # Floor (200x200, C = 2, all alive): 3.2 Mflop, 160,000 exponentials, 6.4 MB of weights read: 0.3 ms.
    # Measured: performance/nca.py.
    layers, slot, age, table, _ = board
    if n_free < slot.size or step % SWEEP_EVERY == 0:
        n_free = sweep(slot, s)
    n = find_active(layers, slot, k, s)
    heirs = choose(slot, n, step, run, k, s)
    forward(layers, slot, table, k, s)
    at = (np.uint32(step & 0xFFFFFFFF), np.uint32(step >> 32), np.uint32(run))
    n_free, births, changed = inherit(board, heirs, n_free, n_genomes, at, k, s)
    settle(layers, slot, age, step, run, k, s)
    return n_free, births, changed


@numba.njit(cache=True)
def sweep(slot, s):
    """Release every slot except 0 that no cell holds; the stack returns low slots first, so the table stays compact."""
    s.marks.fill(False)
    for held in slot.reshape(-1):
        s.marks[held] = True
    n_free = 0
    for row in range(s.marks.size - 1, 0, -1):
        s.free[n_free] = row
        n_free += not s.marks[row]
    return n_free


@numba.njit(cache=True)
def find_active(layers, slot, k, s):
    """Copy the board with its torus unrolled, list the cells that have any channel above the threshold in their
    neighbourhood, and empty the nets of all others.
    """
    channels, height, width = layers.shape
    s.hot.fill(False)
    s.newborn.fill(False)
    for c in range(channels):
        for y in range(height + 2):
            values, unrolled, hot = layers[c, (y - 1) % height], s.padded[c, y], s.hot[y]
            for x in range(width):
                unrolled[x + 1] = values[x]
            unrolled[0], unrolled[width + 1] = values[width - 1], values[0]
            for x in range(width + 2):
                hot[x] |= unrolled[x] > k.threshold[x]
    n = 0
    for y in range(height):
        near_hot(s.hot[y], s.hot[y + 1], s.hot[y + 2], s.near)
        living_around(s.padded[0, y], s.padded[0, y + 1], s.padded[0, y + 2], s.around[y], k.threshold)
        nets = slot[y]
        s.begins[y] = n
        for x in range(width):
            nets[x] = nets[x] if s.near[x] else np.int32(0)
        for x in range(width):
            s.active[n] = y * width + x
            n += s.near[x]
    s.begins[height] = n
    return n


@numba.njit(cache=True)
def near_hot(above, here, below, near):
    """Fill near (x,) of one row: whether any of the three unrolled rows (x + 2,) is hot in columns x - 1, x, x + 1."""
    for x in range(near.size):
        near[x] = above[x] | above[x + 1] | above[x + 2] | here[x] | here[x + 1] | here[x + 2]
    for x in range(near.size):
        near[x] |= below[x] | below[x + 1] | below[x + 2]


@numba.njit(cache=True)
def living_around(above, here, below, around, threshold):
    """Fill around (x,) uint16 of one row: bit 3 dy + dx is set if the alpha of that neighbour is above its
    threshold.
    """
    around.fill(0)
    for dx in range(3):
        for x in range(around.size):
            around[x] |= np.uint16(above[x + dx] > threshold[x + dx]) << np.uint16(dx)
            around[x] |= np.uint16(here[x + dx] > threshold[x + dx]) << np.uint16(3 + dx)
            around[x] |= np.uint16(below[x + dx] > threshold[x + dx]) << np.uint16(6 + dx)


@numba.njit(cache=True)
def settle(layers, slot, age, step, run, k, s):
    """Apply threshold, catastrophe and budget, and clear the cells that are not alive, in this order."""
    # It has no branches, so that it vectorises; it cannot be predicted which cells of a sparse world are empty.
    width = slot.shape[1]
    if k.strike_every > 0 and step % k.strike_every == 0:
        strike(slot.reshape(-1), step, run, k, s)
    else:
        s.struck.fill(False)
    for y in range(slot.shape[0]):
        row = slice(y * width, (y + 1) * width)
        dead, struck, alpha = s.dead[row], s.struck[row], layers[0, y]
        for x in range(width):
            bar = k.threshold[x + 1]
            dead[x] = (alpha[x] <= bar if k.inclusive else alpha[x] < bar) | struck[x]
        if k.has_budget:
            grow_old(slot[y], age[y], alpha, s.newborn[row], dead, k)
        for c in range(layers.shape[0]):
            values = layers[c, y]
            for x in range(width):
                values[x] = np.float32(0) if dead[x] else values[x]


@numba.njit(cache=True)
def grow_old(nets, ages, alpha, newborn, dead, k):
    """Add a generation to the ages of the living cells of one row; cells beyond the budget die, and cells that are
    not alive lose their nets.
    """
    for x in range(nets.size):
        alive = (np.float32(0) if dead[x] else alpha[x]) >= k.alive_from[x]
        older = ages[x] + np.int32(1) if alive else np.int32(0)
        spent = older > k.budget[x]
        ages[x] = np.int32(0) if spent else older
        gone = spent | (not alive)
        dead[x] |= gone
        kept = (not gone) | ((not spent) & k.grace & newborn[x])
        nets[x] = nets[x] if kept else np.int32(0)


@numba.njit(cache=True)
def strike(nets, step, run, k, s):
    """Mark the cells that a catastrophe kills, and erase their nets, or those of the cells that come after them."""
    low, high, stream = np.uint32(step & 0xFFFFFFFF), np.uint32(step >> 32), np.uint32(run)
    erase_next = False
    for cell in range(nets.size):
        _, _, w2, _ = philox4x32(np.uint32(cell), low, high, stream, k.choice_key[0], k.choice_key[1])
        struck = np.uint64(w2) < k.strike
        s.struck[cell] = struck
        if (struck and not k.strike_next) or erase_next:
            nets[cell] = 0
        erase_next = struck and k.strike_next
