"""One generation of one run, fast: equal to `model.step` on the same draws (ids exactly, floats to rounding).

A cell holds the slot of its genome in a table of weights; an heir copies the slot, and only a mutated birth writes
a row (copy on write). Slots that no cell holds are swept and used again, so the table never outgrows twice the cells.
"""

import numpy as np

from emergent_dynamics.compiler import numba
from emergent_dynamics.nca.inheritance import choose, inherit
from emergent_dynamics.nca.network import forward
from emergent_dynamics.nca.workspace import SWEEP_EVERY
from emergent_dynamics.streams import philox4x32


@numba.njit(cache=True)
def generation(layers, slot, age, table, genome, n_free, n_genomes, step, run, k, s):
    """`model.step` in place. Returns (n_free, births, changed genes); rows are in s.births, s.genes, s.values.

    layers (channel, y, x) float32; slot, age (y, x) int32; table (slot, gene) float32; genome (slot,) int32 ids.
    n_free slots on the stack s.free (pass 0 to sweep first); step >= 1 is the generation that comes to be.
    """
    # Floor (200x200, C = 2, all alive): 3.2 Mflop, 160,000 exponentials, 6.4 MB of weights read: 0.3 ms.
    # Measured: performance/nca.py.
    cells = slot.size
    if n_free < cells or step % SWEEP_EVERY == 0:
        n_free = sweep(slot, s)
    n = find_active(layers, slot, k, s)
    heirs = choose(slot, n, step, run, k, s)
    forward(layers, slot, table, k, s)
    n_free, births, changed = inherit(slot, table, genome, heirs, n_free, n_genomes, step, run, k, s)
    settle(layers, slot, age, step, run, k, s)
    return n_free, births, changed


@numba.njit(cache=True)
def sweep(slot, s):
    """Free every slot but 0 that no cell holds; the stack gives low slots first, so the table stays compact."""
    s.marks[:] = False
    for held in slot.reshape(-1):
        s.marks[held] = True
    n_free = 0
    for row in range(s.marks.size - 1, 0, -1):
        if not s.marks[row]:
            s.free[n_free] = row
            n_free += 1
    return n_free


@numba.njit(cache=True)
def find_active(layers, slot, k, s):
    """Unroll the torus, list the cells with anything above the threshold around them, empty the nets of the others."""
    channels, height, width = layers.shape
    s.hot[:] = False
    for c in range(channels):
        for y in range(height + 2):
            row = (y - 1) % height
            s.padded[c, y, 1 : width + 1] = layers[c, row]
            s.padded[c, y, 0] = layers[c, row, width - 1]
            s.padded[c, y, width + 1] = layers[c, row, 0]
            for x in range(width + 2):
                s.hot[y, x] |= s.padded[c, y, x] > k.threshold
    n = 0
    flat, hot = slot.reshape(-1), s.hot
    for y in range(height):
        for x in range(width):
            cell = y * width + x
            s.newborn[cell] = False
            any_hot = False
            for dy in range(3):
                any_hot |= hot[y + dy, x] | hot[y + dy, x + 1] | hot[y + dy, x + 2]
            s.active[n] = cell
            n += any_hot
            flat[cell] *= any_hot
    return n


@numba.njit(cache=True)
def settle(layers, slot, age, step, run, k, s):
    """Threshold, catastrophe, budget and the clearing of cells that are not alive, in this order."""
    channels = layers.shape[0]
    planes, nets, ages = layers.reshape(channels, -1), slot.reshape(-1), age.reshape(-1)
    strike = k.strike_every > 0 and step % k.strike_every == 0
    low, high, stream = np.uint32(step & 0xFFFFFFFF), np.uint32(step >> 32), np.uint32(run)
    erase_next = False
    for cell in range(nets.size):
        if nets[cell] == 0 and ages[cell] == 0 and not strike:
            nothing = True
            for c in range(channels):
                nothing &= planes[c, cell] == 0
            if nothing:
                continue  # most cells of a sparse world
        alpha = planes[0, cell]
        dead = alpha <= k.threshold if k.inclusive else alpha < k.threshold
        if strike:
            _, _, w2, _ = philox4x32(np.uint32(cell), low, high, stream, k.choice_key[0], k.choice_key[1])
            struck = np.uint64(w2) < k.strike
            dead |= struck
            if (struck and not k.strike_next) or erase_next:
                nets[cell] = 0
            erase_next = struck and k.strike_next
        if dead:
            alpha = np.float32(0)
        if k.has_budget:
            ages[cell] = ages[cell] + 1 if alpha >= k.alive_from else 0
            spent = ages[cell] > k.budget
            if spent:
                ages[cell] = 0
            if ages[cell] == 0:
                dead = True
                if spent or not (k.grace and s.newborn[cell]):
                    nets[cell] = 0
        if dead:
            for c in range(channels):
                planes[c, cell] = np.float32(0)
