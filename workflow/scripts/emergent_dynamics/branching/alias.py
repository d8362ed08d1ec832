"""Alias tables packed into one 32-bit word per entry, so that a row of a transition matrix is sampled with one random
number and one memory access.

Method: Walker 1977, ACM TOMS 3:253. Construction: Vose 1991, IEEE TSE 17:972.
"""

from dataclasses import dataclass

import numpy as np

from emergent_dynamics.branching.kernels.layers import Packed
from emergent_dynamics.runtime.compiler import numba


@dataclass(frozen=True)
class Table:
    """Alias tables of all rows of a transition matrix, packed into unsigned integers.

    entries : (link, row, 2**bits) uint32. An entry is threshold << bits | other column. The first axis has length 1
    where one matrix serves all links between layers. bits : the number of leading bits of a random word that choose
    the column.

    The threshold has 32 - bits bits. The probability of an outcome is therefore off by less than 2**-32 * (columns
    that point to it) and never by more than 2**-(32 - bits); it is exactly 0 where the matrix is exactly 0.
    """

    entries: np.ndarray
    bits: int

    @property
    def counts(self) -> type[np.unsignedinteger]:
        """The unsigned integer type that can hold the index of a column."""
        return np.uint8 if self.bits <= 8 else np.uint16

    @property
    def packed(self) -> Packed:
        """The table in the form that the compiled kernels take."""
        return Packed(self.entries.reshape(len(self.entries), -1), self.bits)


@numba.njit(cache=True)
def _vose(scaled, threshold, other):
    """Fill threshold (column,) float64 and other (column,) from scaled (column,) float64, which has mean 1 and is
    overwritten.
    """
    n = scaled.size
    small = np.empty(n, np.int64)
    large = np.empty(n, np.int64)
    n_small = n_large = 0
    for i in range(n):
        if scaled[i] < 1.0:
            small[n_small] = i
            n_small += 1
        else:
            large[n_large] = i
            n_large += 1
    while n_small > 0 and n_large > 0:
        n_small -= 1
        low, high = small[n_small], large[n_large - 1]
        threshold[low], other[low] = scaled[low], high
        scaled[high] -= 1.0 - scaled[low]
        if scaled[high] < 1.0:
            n_large -= 1
            small[n_small] = high
            n_small += 1
    for i in range(n_large):
        threshold[large[i]], other[large[i]] = 1.0, large[i]
    for i in range(n_small):  # a small column is left over only by rounding, so it is full
        threshold[small[i]], other[small[i]] = 1.0, small[i]


def build(matrix: np.ndarray) -> Table:
    """Return the alias table of a row-stochastic matrix (row, column) with 2 to 1024 columns, or of one matrix per
    link (link, row, column).
    """
    columns = matrix.shape[-1]
    bits = max(1, int(columns - 1).bit_length())
    return Table(np.stack([_entries(m, bits) for m in matrix.reshape(-1, *matrix.shape[-2:])]), bits)


def _entries(matrix: np.ndarray, bits: int) -> np.ndarray:
    """Return the packed entries (row, 2**bits) uint32 of one matrix (row, column)."""
    rows, columns = matrix.shape
    width = 1 << bits
    entries = np.empty((rows, width), np.uint32)
    threshold, other = np.empty(width), np.empty(width, np.int64)
    for row in range(rows):
        scaled = np.zeros(width)
        scaled[:columns] = matrix[row] * (width / matrix[row].sum())
        _vose(scaled, threshold, other)
        other[threshold >= 1.0] = np.flatnonzero(threshold >= 1.0)  # a full column points to itself
        limit = np.minimum(np.rint(threshold * 2.0 ** (32 - bits)), 2.0 ** (32 - bits) - 1).astype(np.uint32)
        entries[row] = (limit << np.uint32(bits)) | other.astype(np.uint32)
    return entries


def law(table: Table, link: int = 0) -> np.ndarray:
    """Return (row, column) float64: exactly the probabilities that the integers in the table represent."""
    entries = table.entries[link]
    rows, width = entries.shape
    stay = (entries >> np.uint32(table.bits)) / 2.0 ** (32 - table.bits)
    probability = stay / width
    for row in range(rows):
        np.add.at(probability[row], entries[row] & np.uint32(width - 1), (1.0 - stay[row]) / width)
    return probability
