"""What a key requires of an array, and the error message for a file that does not satisfy it."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from emergent_dynamics.inputs.array import Array, Unusable
from emergent_dynamics.inputs.content import exists, located
from emergent_dynamics.inputs.files import FORMATS, NUMBERS, kind_of, opened

Fault = tuple[str, str, str]
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Wanted:
    """The conditions on an array.

    shapes : {names of the axes: lengths}, for example {"(run, time, unit)": (4, None, 9)}, one of which must fit; None
    allows any length but 0. low, high : limits of every value, both included. integers : whether all values must be
    whole numbers. directions : whether no vector along the last axis may be zero.
    """

    shapes: Mapping[str, Shape] = field(default_factory=dict)
    low: float = -np.inf
    high: float = np.inf
    integers: bool = False
    directions: bool = False

    @property
    def values(self) -> tuple[float, float, bool, bool]:
        """The conditions on the values."""
        return self.low, self.high, self.integers, self.directions


def faults(key: str, path: str | None, wanted: Wanted) -> Iterator[Fault]:
    """(key, path, what is allowed and what was found) if a file does not satisfy the conditions; at most one.

    A missing file yields nothing, since the configuration reports it. Values are read in pieces, and only once per
    process while size and time of the file remain the same.
    """
    if path is None or not exists(path):
        return
    try:
        found = opened(path)
        if found.dtype.kind not in NUMBERS:
            yield key, path, f"a file of real numbers; it holds {kind_of(found.dtype)}"
        elif wanted.shapes and not any(_fits(found.shape, shape) for shape in wanted.shapes.values()):
            yield key, path, f"an array of shape {_shapes(wanted.shapes)}; it has {found.shape}"
        elif fault := _content(path, version(path), wanted.values):
            yield key, path, fault
    except Unusable as error:
        yield key, path, f"a file of numbers ({FORMATS}); it {error}"


def shape_of(path: str) -> tuple[int, ...]:
    """The shape of an array; () if the file cannot be read, which `faults` reports."""
    try:
        return opened(path).shape if exists(path) else ()
    except Unusable:
        return ()


def memory(path: str) -> int:
    """Bytes of memory that reading a part of an array takes in addition to the part.

    That is the whole array, or 0 for a .npy file and a Zarr store.
    """
    try:
        found = opened(path)
    except Unusable:
        return 0
    return found.bytes if found.whole else 0


def _fits(found: tuple[int, ...], shape: Shape) -> bool:
    return len(found) == len(shape) and all(
        n > 0 and wanted in (None, n) for n, wanted in zip(found, shape, strict=True)
    )


def _shapes(shapes: Mapping[str, Shape]) -> str:
    """Allowed shapes as text: `(run, token, coord) = (3, 6, 2)`, or the names alone if any lengths are allowed."""
    texts = []
    for names, shape in shapes.items():
        sizes = ", ".join("any" if n is None else str(n) for n in shape)
        sizes += "," * (len(shape) == 1)
        texts.append(names if set(shape) == {None} else f"{names} = ({sizes})")
    return " or ".join(texts)


def version(path: str) -> tuple[int, int]:
    """Size and time of a file, by which what was read of it is cached."""
    stat = located(path)[0].stat()
    return stat.st_size, stat.st_mtime_ns


@functools.lru_cache(maxsize=64)
def _content(path: str, version: tuple[int, int], conditions: tuple[float, float, bool, bool]) -> str:
    """The first condition that the values violate, as text, or "". Cached by size and time of the file (`version`)."""
    low, high, integers, directions = conditions
    for start, piece in opened(path).pieces():
        if fault := _piece(piece, start, low, high, integers):
            return fault
    return _zero_vector(opened(path)) if directions else ""


def _piece(piece: np.ndarray, start: tuple[int, ...], low: float, high: float, integers: bool) -> str:
    """The first condition that these values violate, and where, as text; "" if they satisfy all."""
    conditions = [("finite numbers", np.isfinite(piece))]
    if np.isfinite([low, high]).any():
        ends = np.float64(low), np.float64(high)  # not rounded to a shorter type of the file
        conditions.append((_range(low, high), (piece >= ends[0]) & (piece <= ends[1])))
    if integers and piece.dtype.kind == "f":
        conditions.append(("whole numbers", np.isfinite(piece) & (piece == np.trunc(piece))))
    for words, holds in conditions:
        if not holds.all():
            first = np.unravel_index(int(np.argmin(holds)), holds.shape)
            place = [int(i) + j for i, j in zip(first, start, strict=True)]
            return f"an array of {words}; it holds {piece[first]} at {place}"
    return ""


def _range(low: float, high: float) -> str:
    if np.isinf(high):
        return f"numbers of at least {low:g}"
    return f"numbers of at most {high:g}" if np.isinf(low) else f"numbers from {low:g} to {high:g}"


def _zero_vector(found: Array) -> str:
    values = found.load()
    for i in range(found.shape[0]):  # along the first axis, so that no more than one part is in memory
        zero = np.argwhere(~np.asarray(values[i]).any(axis=-1))
        if zero.size:
            place = [i, *map(int, zero[0])]
            return f"an array of vectors with a direction, the one at {place} is zero"
    return ""
