"""Genomes as colours: RWSP shows three weights, GHC hashes 24 of them to one bit each (Jain & Nichele 2024).

Different genomes can have the same colour in both. Colours are 0xRRGGBB in uint32; the empty net is black in both.
"""

from collections.abc import Sequence

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.nca.originals import parameters_to_genes
from emergent_dynamics.runtime.compiler import numba

HASHED = 24  # GHC: bits of one colour, from the first parameters


def rwsp_positions(channels: int, seed: int, chosen: Sequence[int] | None = None) -> np.ndarray:
    """Return (3,) the distinct parameters that RWSP shows: those chosen, or three drawn once per seed from all
    parameters, biases included.
    """
    if chosen:
        return np.array(chosen)
    n = parameters_to_genes(channels).size
    return np.sort(streams.choice_without_replacement(seed, "nca.rwsp", 0, 0, n, 3))


def rwsp_colours(weights: np.ndarray, positions: Sequence[int] | np.ndarray, channels: int) -> np.ndarray:
    """Return (net,) uint32 colours 0xRRGGBB of weights (net, gene) float32: trunc(255 w) mod 256, where w is rounded
    to one decimal.

    The value wraps for w < 0 and |w| > 1, as the authors' cast to uint8 does. A bias is always 0, so its channel is
    black.
    """
    return _rwsp(weights, parameters_to_genes(channels)[np.asarray(positions)])


@numba.njit(cache=True)
def _rwsp(weights, shown):
    colours = np.zeros(len(weights), np.uint32)
    for i in range(len(weights)):
        for gene in shown:
            tone = 0.0 if gene < 0 else np.trunc(255.0 * (np.rint(10.0 * weights[i, gene]) / 10.0))
            colours[i] = colours[i] << np.uint32(8) | np.uint32(np.int64(tone) & 255)
    return colours


@numba.njit(cache=True)
def ghc_colours(weights):
    """Return (net,) uint32 colours of weights (net, gene) float32: the bits hash(10 round(w, 2)) mod 2 of the first
    24 genes, where hash is Python's.

    The bit is computed in closed form, which was checked for |w| <= 10: floor(10 |w|) mod 2 of the rounded w, except
    that it is 0 for w = -0.10, because hash(-1.0) is -2.
    """
    # Integers have 32 bits and may be added in any order, so the genes of a net are one vector. NumPy takes
    # ten times as long.
    colours = np.empty(len(weights), np.uint32)
    for i in range(len(weights)):
        net, colour = weights[i], np.uint32(0)
        for gene in range(HASHED):
            hundredths = np.int32(np.rint(100.0 * net[gene]))
            tenths = np.uint32(abs(hundredths)) // np.uint32(10)
            bit = (tenths & np.uint32(1)) * np.uint32(hundredths != -10)
            colour |= bit << np.uint32(HASHED - 1 - gene)
        colours[i] = colour
    return colours


def rgb(colour: np.ndarray) -> np.ndarray:
    """Return (n, 3) uint8 from colours (n,) 0xRRGGBB."""
    return np.stack([colour >> 16 & 255, colour >> 8 & 255, colour & 255], axis=1).astype(np.uint8)


def n_unique(colours: np.ndarray, marks: np.ndarray) -> tuple[int, bool]:
    """Return the number of distinct colours other than black, and whether black is among them; marks is work space
    made by `colour_marks`.
    """
    n = _n_unique(colours, marks)
    black = bool((colours == 0).any())
    return n - black, black


def colour_marks() -> np.ndarray:
    """Return one bit per colour, all unset: 2 MB, which fit into the second-level cache."""
    return np.zeros(2**24 // 64, np.uint64)


@numba.njit(cache=True)
def _n_unique(colours, marks):
    # np.unique sorts, which takes ten times as long for 10,000 colours.
    n = 0
    for colour in colours:
        word, bit = colour >> np.uint32(6), np.uint64(colour & np.uint32(63))
        n += (marks[word] >> bit & np.uint64(1)) == 0
        marks[word] |= np.uint64(1) << bit
    for colour in colours:
        marks[colour >> np.uint32(6)] = 0
    return n
