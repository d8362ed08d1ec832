"""An array in a file: its shape and type, known before it is read, and its values in pieces."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

PIECE = 1 << 21  # number of values that are checked together: 16 MiB of float64


class Unusable(ValueError):
    """Raised for a file that cannot be used. The message is a line without its subject, the file: "is damaged"."""


@dataclass(frozen=True)
class Array:
    """One array of a file.

    shape, dtype : from the header. whole : whether all values must be read into memory to read a part of them.
    load : returns an object that can be sliced like an array: a memory map, a Zarr array, or the values.
    columns : names of the columns of a table, else ().
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    whole: bool
    load: Callable[[], Any]
    columns: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Size in memory."""
        return int(np.prod(self.shape, dtype=object)) * self.dtype.itemsize

    def pieces(self) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
        """Yield all values in pieces: the index at which a piece begins, and the piece.

        A piece has at most 2^21 values; a piece of a Zarr array is one chunk.
        """
        values = self.load()
        lengths = getattr(values, "chunks", None) or _lengths(self.shape)
        starts = [range(0, size, max(1, length)) for size, length in zip(self.shape, lengths, strict=True)]
        for start in itertools.product(*starts):
            part = tuple(slice(i, i + max(1, n)) for i, n in zip(start, lengths, strict=True))
            yield start, np.asarray(values[part])


def _lengths(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Lengths of a piece along each axis: as many trailing axes as fit are whole, the one before is divided."""
    lengths, room = [], PIECE
    for size in reversed(shape):
        lengths.append(max(1, min(size, room)))
        room //= max(1, size)
    return tuple(reversed(lengths))
