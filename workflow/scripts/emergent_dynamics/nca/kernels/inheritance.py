"""Which cells inherit from which, and which births mutate: the scan of `model.step`, which copies slots instead of
nets.
"""

import numpy as np

from emergent_dynamics.nca.kernels.prefetch import AHEAD, fetch
from emergent_dynamics.nca.kernels.workspace import BATCH
from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.streams import philox4x32


def _places() -> np.ndarray:
    """Return (pattern, 10): the places of the living neighbours (bit 3 dy + dx of the pattern) in order, and last
    their number.
    """
    places = np.zeros((512, 10), np.uint8)
    for pattern, row in enumerate(places):
        living = [place for place in range(9) if pattern >> place & 1]
        row[: len(living)], row[9] = living, len(living)
    return places


PLACES = _places()


@numba.njit(cache=True)
def choose(slot, n, step, run, k, s):
    """List the heirs and the living neighbour whose net each takes; both depend on the draws and the old alpha only."""
    height, width = slot.shape
    low, high, stream = np.uint32(step & 0xFFFFFFFF), np.uint32(step >> 32), np.uint32(run)
    for i in range(n):  # a separate loop, so that it vectorises: 3 ns per block instead of 30
        s.choice[0, i], s.choice[1, i], _, _ = philox4x32(
            np.uint32(s.active[i]), low, high, stream, k.choice_key[0], k.choice_key[1]
        )
    heirs = 0
    for y in range(height):
        first, around = heirs, s.around[y]
        for i in range(s.begins[y], s.begins[y + 1]):  # no branch: heirs cannot be predicted
            s.heirs[0, heirs], s.heirs[1, heirs] = s.active[i], i
            heirs += (np.uint64(s.choice[0, i]) < k.inherit) & (around[s.active[i] - y * width] != 0)
        for h in range(first, heirs):
            x = s.heirs[0, h] - y * width
            s.rates[h] = k.mutate[x]
            ranks = PLACES[around[x]]
            place = ranks[(np.uint64(s.choice[1, s.heirs[1, h]]) * np.uint64(ranks[9])) >> np.uint64(32)]
            s.heirs[1, h] = wrapped(y + place // 3 - 1, height) * width + wrapped(x + place % 3 - 1, width)
    return heirs


@numba.njit(cache=True)
def wrapped(at, size):
    """Return a coordinate that is at most one step outside the torus, wrapped."""
    return size - 1 if at < 0 else (0 if at == size else at)


@numba.njit(cache=True)
def inherit(board, heirs, n_free, n_genomes, at, k, s):
    """Scan the heirs in row-major order: takeovers copy a slot, births copy it or write a mutated row.

    at : (3,) uint32, the words of the counter of the draws that hold the generation (low, high) and the run. Returns
    (n_free, births, changed genes).
    """
    _, slot, _, table, genome = board
    flat = slot.reshape(-1)
    source = flat
    if k.synchronous:
        for cell in range(flat.size):
            s.before[cell] = flat[cell]
        source = s.before
    births = changed = np.int64(0)  # a literal has its own type: functions would be compiled twice
    for start in range(0, heirs, BATCH):
        stop = min(start + BATCH, heirs)
        mutations(flat, (start, stop), table.shape[1], at, k, s)
        first = births
        n_free, births = hand_down(flat, source, (start, stop), n_free, births, k, s)
        for birth in range(first, births):  # parents before children
            fetch(table, s.births[min(birth + AHEAD, births - 1), 1])
            row, parent = s.births[birth, 0], s.births[birth, 1]
            cell, candidate = s.births[birth, 2], s.births[birth, 3]
            count = pick(s.hits, candidate, s.genes, changed, table.shape[1])
            copy_row(table, parent, row)
            scale = (1.0, 1.0)
            if k.change == 2:
                scale = (deviate(s.words[2, candidate], 0, 0), deviate(s.words[3, candidate], 0, 0))
            change(table, (row, cell), (changed, count), scale, at, k, s)
            genome[row] = n_genomes + birth + 1
            s.births[birth, 0], s.births[birth, 1], s.births[birth, 3] = genome[row], genome[parent], count
            changed += count
    return n_free, births, changed


@numba.njit(cache=True)
def hand_down(flat, source, span, n_free, births, k, s):
    """Give the heirs in span[0]..span[1] their slots, and every mutant a new one. Returns (n_free, births).

    s.births gets, for every mutant, its slot, the slot of its parent, its cell, and its place among the candidates.
    """
    start, stop = span
    candidate = 0
    for i in range(start, stop):  # no branch, since births and mutants cannot be predicted
        cell = s.heirs[0, i]
        chosen = source[s.heirs[1, i]]
        empty = flat[cell] == 0
        born = (chosen == 0) if k.birth_of_source else empty
        mutant = born & s.mutates[candidate]
        row = s.free[n_free - 1]
        s.births[births, 0], s.births[births, 1] = row, chosen
        s.births[births, 2], s.births[births, 3] = cell, candidate
        s.newborn[cell] |= born
        flat[cell] = row if mutant else chosen
        n_free -= mutant
        births += mutant
        candidate += k.birth_of_source | empty
    return n_free, births


@numba.njit(cache=True)
def mutations(flat, span, genes, at, k, s):
    """Find the mutated genes of every heir in span[0]..span[1] that may mutate, because its own net is empty, which
    no scan can change.
    """
    start, stop = span
    count = np.int64(0)
    for i in range(start, stop):
        s.candidates[count], s.bars[count] = s.heirs[0, i], s.rates[i]
        count += k.birth_of_source or flat[s.heirs[0, i]] == 0
    blocks = (genes + 3) // 4
    s.hits.fill(0)
    by_layer = k.change == 2  # all genes of a layer change, or none
    for b in range(1 if by_layer else blocks):
        draw_words(s.words, s.candidates, count, (b, blocks), at, k)
        for gene in range(4 * b, genes if by_layer else min(4 * b + 4, genes)):
            lane = int(gene >= genes - genes // 10) if by_layer else gene % 4
            mark(s.hits[gene // 64], s.words[lane], count, s.bars, gene % 64)
    note_mutants(s.hits, count, s.mutates)


@numba.njit(cache=True)
def draw_words(words, cells, count, block, at, k):
    """Fill words (4, BATCH) with the mutation words of block block[0] of block[1], for the first `count` cells."""
    b, blocks = block
    low, high, stream = at
    for i in range(count):
        words[0, i], words[1, i], words[2, i], words[3, i] = philox4x32(
            np.uint32(cells[i] * blocks + b), low, high, stream, k.mutation_key[0], k.mutation_key[1]
        )


@numba.njit(cache=True)
def mark(hits, words, count, bars, bit):
    """Set one bit of hits (BATCH,) uint64 where the word is below its threshold in `bars`."""
    for i in range(count):
        hits[i] |= np.uint64(np.uint64(words[i]) < bars[i]) << np.uint64(bit)


@numba.njit(cache=True)
def note_mutants(hits, count, mutates):
    """Fill mutates (BATCH + 1,): whether any gene of a candidate changes."""
    mutates.fill(False)
    for word in range(hits.shape[0]):
        for i in range(count):
            mutates[i] |= hits[word, i] != 0


@numba.njit(cache=True)
def pick(hits, candidate, genes, start, n):
    """Write the genes whose bit is set in `hits` for one birth into `genes` from `start` on; return their number."""
    count = 0
    for word in range(hits.shape[0]):
        bits = hits[word, candidate]
        if bits:
            for bit in range(min(64, n - 64 * word)):
                genes[start + count] = 64 * word + bit
                count += (bits >> np.uint64(bit)) & np.uint64(1) != 0
    return count


@numba.njit(cache=True)
def copy_row(table, parent, child):
    """Copy the genes of a parent to the row of its child."""
    for gene in range(table.shape[1]):
        table[child, gene] = table[parent, gene]


@numba.njit(cache=True)
def change(table, birth, listed, scale, at, k, s):
    """Mutate genes of a row of the table, and record their new values.

    To each gene a uniform number from -1 to 1, or a standard normal one, times the scale of its tensor is added.

    birth : row and cell of the newborn. listed : (start, count); the genes are s.genes[start : start + count].
    """
    (row, cell), (start, count), (low, high, stream) = birth, listed, at
    first = table.shape[1] - table.shape[1] // 10
    pairs = (table.shape[1] + 1) // 2
    for m in range(start, start + count):
        gene = s.genes[m]
        w0, w1, w2, w3 = philox4x32(
            np.uint32(cell * pairs + gene // 2), low, high, stream, k.change_key[0], k.change_key[1]
        )
        delta = deviate(w2, w3, k.change) if gene % 2 else deviate(w0, w1, k.change)
        s.values[m] = table[row, gene] + np.float32(delta * scale[0 if gene < first else 1])
        table[row, gene] = s.values[m]


@numba.njit(cache=True)
def deviate(u0, u1, kind):
    """Return 2 u - 1, or a normal number by Box & Muller 1958 with the argument of the logarithm in (0, 1]."""
    if kind == 0:
        return 2.0 * (u0 / 4294967296.0) - 1.0
    radius = np.sqrt(-2.0 * np.log((u0 + 1.0) / 4294967296.0))
    return radius * np.cos(2.0 * np.pi * (u1 / 4294967296.0))
