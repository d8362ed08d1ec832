"""Reads the original study's pickles item by item: at most two generations are in memory, however long the file is.

`everystep_weights` is a list of generations, each a list of cells, each a list of floats; boards are a list of
arrays, `frequency_dicts` is a list of dicts. Only arrays, lists, dicts, tuples and numbers are built: a pickle that
names anything else is refused, and the error states that name. A gzip file is decompressed while it is read.
"""

import gzip
import io
import pickle
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import numpy as np

ALLOWED = {
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),  # builds arrays in protocol 5
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
}

DATA = (list, dict, np.ndarray, int, float)
# The memo of the pickle keeps only names, types and short keys, never data, which would accumulate. A file that refers
# to data again is refused.
PUT = {pickle.MEMOIZE: 0, pickle.BINPUT: 1, pickle.LONG_BINPUT: 4}
SHORT = 32  # "numpy._core.multiarray" has 22 characters
GZIP = b"\x1f\x8b"
# Exceptions of Python's pickle interpreter and of gzip for bytes that are missing or make no sense.
BROKEN = (
    EOFError, OSError, pickle.UnpicklingError, LookupError, TypeError, AttributeError, ValueError, OverflowError,
    MemoryError, zlib.error, struct.error,
)  # fmt: skip


class Refused(ValueError):
    """A pickle that would build something other than data; the message names it."""


class _Reader(pickle._Unpickler):
    """Python's own pickle interpreter with three differences: only some names are allowed, a list of floats becomes
    one array as soon as it ends, and finished items of the outermost list are yielded and forgotten.
    """

    dispatch: ClassVar[dict[int, Callable]] = dict(pickle._Unpickler.dispatch)

    memo: dict[int, Any]
    pop_mark: Callable[[], list]

    def __init__(self, file: BinaryIO, name: str) -> None:
        super().__init__(file, encoding="latin1")
        self.name = name

    def find_class(self, module: str, name: str) -> Any:
        module = module.replace("numpy.core.", "numpy._core.")
        if (module, name) not in ALLOWED:
            raise Refused(
                f"{self.name}: holds {module}.{name}; only arrays, lists, dicts, tuples and numbers are read"
            )
        return super().find_class(module, name)

    def persistent_load(self, pid: Any) -> Any:
        raise Refused(f"{self.name}: refers to something outside the file ({pid!r})")

    def items(self) -> Iterator[Any]:
        """Yield the items of the outermost list, in order."""
        self._unframer = pickle._Unframer(self._file_read, self._file_readline)  # type: ignore[attr-defined]
        self.read, self.readinto, self.readline = (
            self._unframer.read,
            self._unframer.readinto,
            self._unframer.readline,
        )
        self.metastack: list[list] = []
        self.stack: list[Any] = []
        self.append, self.proto = self.stack.append, 0
        remembered = 0
        while key := self.read(1):
            if key == pickle.STOP:
                yield from self._outermost(self.stack[0])
                if self.read(1):
                    raise Refused(f"{self.name}: goes on after its list; a file holds one")
                return
            if key in PUT:
                size = PUT[key]
                place = int.from_bytes(self.read(size), "little") if size else remembered
                remembered += 1
                if _is_small(self.stack[-1]):
                    self.memo[place] = self.stack[-1]
            else:
                self.dispatch[key[0]](self)
            yield from self._finished()
        raise Refused(f"{self.name}: ends in the middle of a list")

    def _finished(self) -> Iterator[Any]:
        """Yield the items of the outermost list that can no longer change, since another one has begun after them."""
        if (
            len(self.metastack) == 1
            and len(self.metastack[0]) == 1
            and isinstance(self.metastack[0][0], list)
        ):
            while _is_whole(self.stack):
                yield _value(self.stack.pop(0))
        elif (
            not self.metastack and len(self.stack) == 1 and isinstance(self.stack[0], list) and self.stack[0]
        ):
            yield from self._outermost(self.stack[0])
            self.stack[0].clear()

    def _outermost(self, outer: Any) -> Iterator[Any]:
        if not isinstance(outer, list):
            raise Refused(
                f"{self.name}: holds a {type(outer).__name__} where a list of generations is expected"
            )
        yield from map(_value, outer)

    def load_appends(self) -> None:
        items = self.pop_mark()
        into = self.stack[-1]
        if items and isinstance(items[0], float) and all(isinstance(item, float) for item in items):
            into.append(np.array(items, np.float32))
        else:
            into.extend(items)

    dispatch[pickle.APPENDS[0]] = load_appends


def _is_small(thing: Any) -> bool:
    """Return whether an object is a name, a type or a short key, which has to be kept in the pickle's memo.

    Protocol 2 writes the numbers of an array as text, which is long.
    """
    if isinstance(thing, str | bytes | tuple):
        return len(thing) < SHORT and (not isinstance(thing, tuple) or all(map(_is_small, thing)))
    return callable(thing) or isinstance(thing, int | float | np.dtype | None)


def _is_whole(stack: list[Any]) -> bool:
    """Return whether the first of the unfinished items can no longer change, which is known from what has begun after
    it.

    An array may be followed by its own state, and a list by its last cell, which a batch of one appends without a
    mark: only a third list shows that the second is a generation of its own.
    """
    if len(stack) < 2 or not isinstance(stack[0], DATA):
        return False
    if isinstance(stack[0], list):
        return len(stack) > 2 and isinstance(stack[1], list) and isinstance(stack[2], list)
    return callable(stack[1]) or isinstance(stack[1], list | dict)


def _value(item: Any) -> Any:
    """Return a generation as one array: lists of equally long arrays are stacked, and parts of a batched list are
    joined.
    """
    if isinstance(item, np.ndarray) and item.dtype.hasobject:
        raise Refused("an array of Python objects; only numbers are read")
    if not isinstance(item, list):
        return item
    if item and all(isinstance(part, np.ndarray) and part.ndim == 1 for part in item):
        return np.concatenate(item)
    return np.stack([_value(part) for part in item]) if item else np.empty(0, np.float32)


def items(path: Path | str) -> Iterator[Any]:
    """Yield the generations of one of the originals' pickles: arrays, or dicts of numbers (`frequency_dicts`).

    Raises `Refused`, one line with the path, for everything that is not a complete pickle of data.
    """
    with Path(path).open("rb") as plain:
        packed = plain.peek(2)[:2] == GZIP
        file: Any = gzip.GzipFile(fileobj=plain) if packed else plain
        try:
            yield from _Reader(io.BufferedReader(file, 2**20), str(path)).items()
        except Refused as error:
            raise error if str(path) in str(error) else Refused(f"{path}: {error}") from error
        except BROKEN as error:
            if "Memo value not found" in str(error):
                raise Refused(
                    f"{path}: refers twice to one list or array; write every generation and cell as a copy of its own"
                ) from error
            raise Refused(
                f"{path}: incomplete, or not a list of generations ({type(error).__name__}: {error})"
            ) from error
