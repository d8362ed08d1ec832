"""Who inherits from whom, and which births mutate: the scan of `model.step`, copying slots instead of nets."""

import numpy as np

from emergent_dynamics.compiler import numba
from emergent_dynamics.nca.workspace import BATCH
from emergent_dynamics.streams import philox4x32


@numba.njit(cache=True)
def choose(slot, n, step, run, k, s):
    """List the heirs and the living neighbour whose net each takes: both depend on the draws and the old alpha only."""
    height, width = slot.shape
    low, high, stream = np.uint32(step & 0xFFFFFFFF), np.uint32(step >> 32), np.uint32(run)
    for i in range(n):  # a loop of its own, so that it vectorises: 3 ns a block instead of 30
        s.choice[0, i], s.choice[1, i], _, _ = philox4x32(
            np.uint32(s.active[i]), low, high, stream, k.choice_key[0], k.choice_key[1]
        )
    heirs = 0
    around = np.empty(9, np.int64)
    for i in range(n):
        if np.uint64(s.choice[0, i]) >= k.inherit:
            continue
        y, x = divmod(s.active[i], np.int32(width))
        living = 0
        for place in range(9):
            around[living] = place
            living += s.padded[0, y + place // 3, x + place % 3] > k.threshold
        if living:
            place = around[(np.uint64(s.choice[1, i]) * np.uint64(living)) >> np.uint64(32)]
            s.heirs[0, heirs] = s.active[i]
            s.heirs[1, heirs] = (y + place // 3 - 1) % height * width + (x + place % 3 - 1) % width
            heirs += 1
    return heirs


@numba.njit(cache=True)
def inherit(slot, table, genome, heirs, n_free, n_genomes, step, run, k, s):
    """The row-major scan over the heirs: takeovers copy a slot, births copy it or write a mutated row."""
    flat = slot.reshape(-1)
    source = flat
    if k.synchronous:
        s.before[:] = flat
        source = s.before
    low, high, stream = np.uint32(step & 0xFFFFFFFF), np.uint32(step >> 32), np.uint32(run)
    births = changed = 0
    for start in range(0, heirs, BATCH):
        stop = min(start + BATCH, heirs)
        mutation_words(flat, start, stop, low, high, stream, k, s)
        candidate = 0
        for i in range(start, stop):
            cell = s.heirs[0, i]
            chosen = source[s.heirs[1, i]]
            may_mutate = k.birth_of_source or flat[cell] == 0
            if (chosen if k.birth_of_source else flat[cell]) == 0:
                s.newborn[cell] = True
                row = s.free[n_free - 1]
                count = pick(s.words, candidate, k.mutate, k.change == 2, s.genes, changed, table.shape[1])
                if count:
                    n_free -= 1
                    copy_row(table, chosen, row)
                    scale = (1.0, 1.0)
                    if k.change == 2:
                        scale = (
                            deviate(s.words[2, 0, candidate], 0, 0),
                            deviate(s.words[3, 0, candidate], 0, 0),
                        )
                    change(table, row, cell, s.genes, s.values, changed, count, scale, low, high, stream, k)
                    genome[row] = n_genomes + births + 1
                    s.births[births, 0], s.births[births, 1] = genome[row], genome[chosen]
                    s.births[births, 2], s.births[births, 3] = cell, count
                    births += 1
                    changed += count
                    chosen = row
            candidate += may_mutate
            flat[cell] = chosen
    return n_free, births, changed


@numba.njit(cache=True)
def mutation_words(flat, start, stop, low, high, stream, k, s):
    """The mask words of every heir in start..stop that may mutate (its own net is empty: no scan can change that)."""
    count = 0
    for i in range(start, stop):
        s.candidates[count] = s.heirs[0, i]
        count += k.birth_of_source or flat[s.heirs[0, i]] == 0
    blocks = (s.genes.size // flat.size + 3) // 4
    for b in range(s.words.shape[1]):
        for i in range(count):
            s.words[0, b, i], s.words[1, b, i], s.words[2, b, i], s.words[3, b, i] = philox4x32(
                np.uint32(s.candidates[i] * blocks + b),
                low,
                high,
                stream,
                k.mutation_key[0],
                k.mutation_key[1],
            )


@numba.njit(cache=True)
def pick(words, candidate, bar, tensors, genes, start, n):
    """List the genes that change in one birth, from `start` on; returns how many (`tensors`: none or all of each)."""
    count = 0
    if tensors:
        first = n - n // 10
        for gene in range(n):
            genes[start + count] = gene
            count += np.uint64(words[0 if gene < first else 1, 0, candidate]) < bar
        return count
    for b in range(words.shape[1]):
        for lane in range(min(4, n - 4 * b)):
            if np.uint64(words[lane, b, candidate]) < bar:
                genes[start + count] = 4 * b + lane
                count += 1
    return count


@numba.njit(cache=True)
def copy_row(table, parent, child):
    for gene in range(table.shape[1]):
        table[child, gene] = table[parent, gene]


@numba.njit(cache=True)
def change(table, row, cell, genes, values, start, count, scale, low, high, stream, k):
    """Add U(-1, 1) or N(0, 1), times its tensor's scale, to the listed genes of a row; write down the new values."""
    first = table.shape[1] - table.shape[1] // 10
    pairs = (table.shape[1] + 1) // 2
    words = np.empty(4, np.uint32)
    for m in range(start, start + count):
        gene = genes[m]
        block(words, cell * pairs + gene // 2, low, high, stream, k.change_key)
        delta = deviate(words[2 * (gene % 2)], words[2 * (gene % 2) + 1], k.change)
        values[m] = table[row, gene] + np.float32(delta * scale[0 if gene < first else 1])
        table[row, gene] = values[m]


@numba.njit(cache=True)
def deviate(u0, u1, kind):
    """2 u - 1, or Box & Muller 1958 with the logarithm's argument in (0, 1]."""
    if kind == 0:
        return 2.0 * (u0 / 4294967296.0) - 1.0
    radius = np.sqrt(-2.0 * np.log((u0 + 1.0) / 4294967296.0))
    return radius * np.cos(2.0 * np.pi * (u1 / 4294967296.0))


@numba.njit(cache=True)
def block(words, index, low, high, stream, keys):
    """The Philox block `index` of one address, into words (4,) uint32."""
    words[0], words[1], words[2], words[3] = philox4x32(np.uint32(index), low, high, stream, keys[0], keys[1])
