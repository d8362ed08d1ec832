"""Sums over series that are too long for memory, one piece at a time, with the bits that NumPy gives for all values.

A series is a NumPy array (time,), in memory or mapped from a file. NumPy adds floating-point numbers in pairs of halves
(Higham 1993, SIAM J Sci Comput 14:783), so a sum is repeated bit for bit by adding the same halves in the same order.
Sums of integers below 2^53 are exact in any order.
"""

import mmap
import tempfile
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from emergent_dynamics.statistics import Estimate, mean_interval, mean_interval_of_moments

PIECE = 2**16  # values in memory; a multiple of what NumPy adds without halving


def on_disk(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Return an array of zeros in a temporary file, which is deleted with the array.

    `pieces` and `release` keep what was read and written out of memory.
    """
    return np.memmap(tempfile.TemporaryFile(), dtype, "w+", shape=shape)


def release(array: np.ndarray) -> None:
    """Give back the memory of an array that is mapped from a file; its values are read again when they are used."""
    mapped = getattr(array, "_mmap", None)
    if mapped is not None:
        mapped.madvise(mmap.MADV_DONTNEED)


def pieces(
    series: np.ndarray, start: int = 0, stop: int | None = None, length: int | None = None
) -> Iterator[np.ndarray]:
    """Iterate over series[start:stop] in pieces of `length`, by default `PIECE`, of which one is in memory."""
    stop, length = series.size if stop is None else stop, length or PIECE
    for first in range(start, stop, length):
        yield series[first : min(first + length, stop)]
        release(series)


def cuts(n: int, parts: int) -> np.ndarray:
    """Return (parts + 1,) where `np.array_split` cuts n values, with both ends."""
    share, longer = divmod(n, parts)
    part = np.arange(parts + 1)
    return part * share + np.minimum(part, longer)


def mean(series: np.ndarray) -> float:
    """Return the mean of integers (time,)."""
    return sum(int(piece.sum(dtype=np.int64)) for piece in pieces(series)) / series.size


def variance(series: np.ndarray) -> float:
    """Return the variance of integers (time,), with the bits of `series.var()`."""
    middle = mean(series)
    return Sums((piece - middle) ** 2 for piece in pieces(series)).add(series.size) / series.size


def interval_of_mean(parts: Callable[[], Iterable[np.ndarray]]) -> Estimate:
    """Return `statistics.mean_interval` of the integers that `parts` yields in pieces, each time that it is called."""
    n = total = 0
    ends = np.zeros(0, np.int64)
    for part in parts():
        n, total = n + part.size, total + int(part.sum())
        both = np.append(ends, part)
        ends = np.array([both.min(), both.max()]) if both.size else both
    if n < 2:
        return mean_interval(np.full(n, total))
    middle = total / n
    if ends[0] == ends[1]:
        return Estimate(middle, middle, middle, n)
    square = Sums((part - middle) ** 2 for part in parts()).add(n)
    return mean_interval_of_moments(middle, float(np.sqrt(square / (n - 1))), n)


class Sums:
    """Sums of successive values that come in `parts`, each with the bits of `np.sum` of its values."""

    def __init__(self, parts: Iterable[np.ndarray]) -> None:
        self._parts = iter(parts)
        self._rest = np.zeros(0)

    def add(self, n: int) -> float:
        """Return the sum of the next n values."""
        if n <= PIECE:
            return float(self._take(n).sum())
        half = n // 2
        half -= half % 8
        return self.add(half) + self.add(n - half)

    def _take(self, n: int) -> np.ndarray:
        held, found = [self._rest], self._rest.size
        while found < n:
            held.append(next(self._parts))
            found += held[-1].size
        joined = np.concatenate(held)
        self._rest = joined[n:].copy()
        return joined[:n]
