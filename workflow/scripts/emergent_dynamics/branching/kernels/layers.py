"""Compiled kernels of the layered network: they move blocks of diagonals through the layers, add avalanches to
histograms, and expand numbers of active neurons to single neurons.

The results equal those of `model.step` on the words `streams.bits(seed, stream, run, diagonal, layers)`: layer l
takes word l. A result therefore depends neither on how diagonals are divided into blocks nor on sigma (common random
numbers along a sweep).
"""

from typing import NamedTuple

import numpy as np

from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.streams import philox4x32


class Stream(NamedTuple):
    """The source of the random words: the run and the two words of the key of the stream, uint32 each."""

    run: np.uint32
    k0: np.uint32
    k1: np.uint32


class Packed(NamedTuple):
    """An `alias.Table` in the form that kernels take: entries (link, row * 2**bits) uint32, and bits."""

    entries: np.ndarray
    bits: int


BLOCK = 256  # diagonals whose words are drawn together: 4 KiB, which stay in the first-level cache


@numba.njit(cache=True)
def _words(quad, low, high, stream, words):
    """Fill words, four arrays (diagonal,) uint32, with those of layers 4 quad to 4 quad + 3.

    low, high (diagonal,) uint32 : the halves of the 64-bit number of the diagonal.
    """
    # Floor of the whole path: 0.4 to 0.6 ns per word, with vectorised Philox; four flat arrays instead of one (4,
    # diagonal) array, or 64-bit numbers split here, cost 1.5 and 2 times as much.
    word_0, word_1, word_2, word_3 = words
    run, k0, k1 = stream
    for i in range(low.size):
        word_0[i], word_1[i], word_2[i], word_3[i] = philox4x32(np.uint32(quad), low[i], high[i], run, k0, k1)


@numba.njit(cache=True, inline="always")
def _halves(number):
    """Return the low and the high 32 bits of the number of a diagonal, avalanche or trial."""
    return np.uint32(np.uint64(number) & np.uint64(0xFFFFFFFF)), np.uint32(np.uint64(number) >> np.uint64(32))


@numba.njit(cache=True)
def _layer(entries, bits, words, here, there):
    """Compute the next counts there[i] from here[i] with words[i], as `model.step` does, in a form that the compiler
    vectorises.
    """
    shift, mask = np.uint32(32 - bits), np.uint32((1 << (32 - bits)) - 1)
    up, column_mask = np.uint32(bits), np.uint32((1 << bits) - 1)
    for i in range(there.size):
        column = words[i] >> shift
        entry = entries[np.int64((np.uint32(here[i]) << up) | column)]
        other = entry & column_mask
        there[i] = column if (words[i] & mask) < (entry >> up) else other


@numba.njit(cache=True)
def diagonals(table, first, stream, counts):
    """Fill counts (layer, diagonal) uint8 or uint16 from its first layer, which is given; column 0 is diagonal
    `first`.

    table : `Packed`. Every step is that of `model.step`.
    """
    # Measured in performance/branching.py. The time above the floor is the gather from the table; hand-written gathers
    # would be less than 3 times as fast, and storing the counts would still cost more than simulating them.
    entries, bits = table
    layers, n_diagonals = counts.shape
    words = np.empty((4, BLOCK), np.uint32)
    low, high = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    for start in range(0, n_diagonals, BLOCK):
        n = min(BLOCK, n_diagonals - start)
        for i in range(n):
            low[i], high[i] = _halves(first + start + i)
        for layer in range(layers - 1):
            if layer % 4 == 0:
                _words(layer // 4, low[:n], high[:n], stream, (words[0], words[1], words[2], words[3]))
            _layer(
                entries[min(layer, len(entries) - 1)],
                bits,
                words[layer % 4, :n],
                counts[layer, start : start + n],
                counts[layer + 1, start : start + n],
            )


@numba.njit(cache=True)
def avalanches(table, path, root, first, n_avalanches, stream, tally):
    """Run avalanches `first` to `first + n_avalanches - 1` from `root` active neurons and add them to `tally`.

    path : (layer, BLOCK) work space, of an integer type that holds a count. The last duration of the tally means
    "reached the last layer".
    """
    # After every four layers extinct avalanches are removed from the block, so a critical avalanche costs two draws of
    # four words.
    entries, bits = table
    sizes, durations, sums, squares, profile = tally
    words = np.empty((4, BLOCK), np.uint32)
    low, high = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    alive = np.empty(BLOCK, np.int64)
    layers = len(path)  # indexed by place in the block; column i is the history of avalanche i
    here = np.empty(BLOCK, path.dtype)
    there = np.empty(BLOCK, path.dtype)
    last = np.empty(BLOCK, np.int64)
    for start in range(0, n_avalanches, BLOCK):
        n = min(BLOCK, n_avalanches - start)
        n_alive = n
        for i in range(n):
            alive[i] = i
            here[i] = path[0, i] = root
            last[i] = layers
        layer = 0
        while n_alive > 0 and layer < layers - 1:
            for i in range(n_alive):
                low[i], high[i] = _halves(first + start + alive[i])
            each = words[0], words[1], words[2], words[3]
            _words(layer // 4, low[:n_alive], high[:n_alive], stream, each)
            for lane in range(min(4, layers - 1 - layer)):
                link = entries[min(layer + lane, len(entries) - 1)]
                _layer(link, bits, words[lane, :n_alive], here, there[:n_alive])
                here, there = there, here
                for i in range(n_alive):
                    path[layer + lane + 1, alive[i]] = here[i]
            layer += 4
            n_kept = 0
            for i in range(n_alive):
                alive[n_kept], here[n_kept] = alive[i], here[i]
                n_kept += here[i] > 0
            n_alive = n_kept
        for i in range(n):
            size, duration = 0, 0
            while duration < layers and path[duration, i] > 0:
                size += path[duration, i]
                duration += 1
            for t in range(duration):
                profile[duration, t] += path[t, i]
            sizes[size] += 1
            durations[duration] += 1
            sums[duration] += size
            squares[duration] += size * size


@numba.njit(cache=True)
def inputs(first, lowest, highest, stream, out):
    """Fill out (trial,) with numbers of excited neurons, uniform from lowest to highest; entry 0 belongs to trial
    `first`.
    """
    run, k0, k1 = stream
    for i in range(out.size):
        low, high = _halves(first + i)
        word, _, _, _ = philox4x32(np.uint32(0), low, high, run, k0, k1)
        out[i] = lowest + ((np.uint64(word) * np.uint64(highest - lowest + 1)) >> np.uint64(32))


@numba.njit(cache=True)
def neurons(counts, widths, first, stream, mask):
    """Fill mask (layer, diagonal, neuron) bool: which neurons are active, given counts (layer, diagonal).

    Given the counts, every subset of that size is equally likely and independent of the other layers, because all
    neurons receive the same input. Floyd's sampling (Bentley & Floyd 1987, CACM 30:754) takes half a word per neuron:
    the remainder of a word after the first index is uniform on 2^22 values or more. Column 0 of counts is diagonal
    `first`; widths (layer,) is in neurons.
    """
    # Measured 4 times the cost of the counts themselves (performance/branching.py). A critical frame of 35 x 20 draws
    # 39 neurons; a third of the time goes to the mispredicted branch that ends the loop over each layer's neurons.
    # Whether a neuron was drawn before is looked up in a register (up to 64 neurons), not in the mask just written.
    # In a layer more than half active the silent neurons are drawn, so a saturated layer costs nothing; the words of
    # all layers that are not silent are drawn together; views of rows in the inner loop would cost 3 times as much.
    run, k0, k1 = stream
    layers, n_diagonals, widest = mask.shape
    flat = mask.reshape(-1)
    flat[:] = False
    words = np.empty((4, BLOCK), np.uint32)
    low, high = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    busy = np.empty(BLOCK, np.int64)
    for layer in range(layers):
        quad, n_neurons = 64 * layer, widths[layer]
        narrow = n_neurons <= 64
        for start in range(0, n_diagonals, BLOCK):
            n = 0
            for d in range(start, min(start + BLOCK, n_diagonals)):
                busy[n] = d
                n += counts[layer, d] > 0
            for i in range(n):
                low[i], high[i] = _halves(first + busy[i])
            _words(quad, low[:n], high[:n], stream, (words[0], words[1], words[2], words[3]))
            for i in range(n):
                k = np.int64(counts[layer, busy[i]])
                row = (layer * n_diagonals + busy[i]) * widest
                active = 2 * k <= n_neurons
                if not active:
                    for neuron in range(row, row + n_neurons):
                        flat[neuron] = True
                m = k if active else n_neurons - k
                taken = left = np.uint64(0)
                word, w1, w2, w3 = words[0, i], words[1, i], words[2, i], words[3, i]
                for j in range(m):
                    if j % 2 == 0:
                        if j > 0 and j % 8 == 0:
                            word, w1, w2, w3 = philox4x32(
                                np.uint32(quad + j // 8), low[i], high[i], run, k0, k1
                            )
                        left = np.uint64(word)
                        word, w1, w2 = w1, w2, w3
                    top = n_neurons - m + j
                    product = left * np.uint64(top + 1)
                    left = product & np.uint64(0xFFFFFFFF)
                    chosen = np.int64(product >> np.uint64(32))
                    if narrow:
                        chosen = top if (taken >> np.uint64(chosen)) & np.uint64(1) else chosen
                        taken |= np.uint64(1) << np.uint64(chosen)
                    elif flat[row + chosen] == active:
                        chosen = top
                    flat[row + chosen] = active
