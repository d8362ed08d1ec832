"""Formats: .npy, an array of an .npz, a table in a .csv or Parquet file, an array of a Zarr store; recognised by the
first bytes.

`file.npz#name` and `store.zarr#group/name` say which array is meant; without `#` there must be only one.
"""

import csv
import functools
import math
import tokenize
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from emergent_dynamics.inputs import parquet
from emergent_dynamics.inputs.array import Array, Unusable
from emergent_dynamics.inputs.content import is_store, located

FORMATS = ".npy, .npz, .csv, Parquet or Zarr"
WHOLE = 2 << 30  # bytes; larger arrays must be .npy or Zarr, which can be read in parts
LONGEST_TABLE = 256 << 20  # bytes of a .csv
TABLES = (".csv", ".txt", ".tsv")
WIDEST_EDGE = 3  # columns of the widest table whose first row may well be 0, 1, 2: an edge with its weight
NUMBERS = "biuf"
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
BAD_HEADER = (ValueError, EOFError, TypeError, SyntaxError, OverflowError, RecursionError, MemoryError)


def opened(path: str) -> Array:
    """The array that a path names, opened and not yet read. Raises Unusable, one line."""
    file, name = located(path)
    try:
        stat = file.stat()
        return _opened(file.resolve(), name, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror or error})") from None


def read(path: str) -> np.ndarray:
    """All values of the array that a path names. Raises Unusable, one line."""
    found = opened(path)
    if found.dtype.kind not in NUMBERS:
        raise Unusable(f"holds {kind_of(found.dtype)}")
    return np.asarray(found.load()[...])


def members(path: str) -> dict[str, Array]:
    """Every array of an .npz file, by name. Raises Unusable for another format."""
    file, _ = located(path)
    if not zipfile.is_zipfile(file):
        raise Unusable("is not an .npz file of arrays")
    with _archive(file) as archive:
        return {name: _member(file, archive, name) for name in _names(archive)}


def texts(path: str, usual: str) -> list[str] | None:
    """The texts in one column of a .csv file, or None if the path names no such column.

    The column is the one that the path names (`file.csv#question`), else the one called `usual`, else the only one; a
    table of one column needs no line of names. Raises Unusable where a named column is missing or a row lacks it.
    """
    file, name = located(path)
    if file.suffix.lower() not in TABLES or not file.is_file():
        return None
    if file.stat().st_size > LONGEST_TABLE:
        raise Unusable(
            f"has {file.stat().st_size} bytes; tables above {LONGEST_TABLE} bytes must be .npy or Zarr"
        )
    rows = list(_rows(file))
    head = [text.strip() for text in rows[0][1]] if rows else []
    if name and name not in head:
        raise Unusable(f"has no column {name}; it has {_listed(head)}")
    if len(head) > 1 and not name and usual not in head:
        return None
    place = head.index(name or usual) if (name or usual) in head else 0
    rows = rows[1:] if (name or usual) in head else rows
    for line, row in rows:
        if len(row) <= place:
            raise Unusable(f"has {len(row)} columns in line {line}, too few for {name or usual}")
    return [row[place].strip() for _, row in rows]


def kind_of(dtype: np.dtype) -> str:
    """The kind of values in an array, as text."""
    names = {"c": "complex numbers", "O": "Python objects, which are never unpickled", "V": "records"}
    names |= dict.fromkeys("SU", "text") | dict.fromkeys("mM", "dates or times")
    return names.get(dtype.kind, f"values of type {dtype}")


@functools.lru_cache(maxsize=8)
def _opened(file: Path, name: str, size: int, mtime_ns: int) -> Array:
    """The array, cached by size and time of the file, so that a process opens it only once."""
    if file.is_dir():
        return _zarr(file, name)
    with file.open("rb") as stream:
        first = stream.read(8)
        if first.startswith(b"PK\x03\x04"):
            return _zipped(file, name)
        if name:
            raise Unusable(f"has no arrays with names, so #{name} names nothing")
        if first.startswith(np.lib.format.MAGIC_PREFIX):
            stream.seek(0)
            return _npy(file, stream, size)
    if first.startswith(b"PAR1"):
        return parquet.table(file, WHOLE)
    if file.suffix.lower() in TABLES:
        return _table(file, size)
    raise Unusable("is empty" if not first else "is none of them")


def _header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    try:
        version = np.lib.format.read_magic(stream)
        if version not in HEADERS:
            raise Unusable(f"has the .npy format {version[0]}.{version[1]}; 1.0 and 2.0 are read")
        shape, fortran, dtype = HEADERS[version](stream)
    except Unusable:
        raise
    except (*BAD_HEADER, tokenize.TokenError, zipfile.BadZipFile, zlib.error):
        raise Unusable("has a damaged .npy header") from None
    if dtype.hasobject:
        raise Unusable(f"holds {kind_of(np.dtype('O'))}")
    if dtype.kind == "f" and dtype.itemsize > 8:
        raise Unusable(f"holds {dtype}; must be float64 or shorter")
    if any(not isinstance(n, int) or n < 0 for n in shape):
        raise Unusable(f"has the impossible shape {shape}")
    return shape, fortran, dtype


def _promised(shape: tuple[int, ...], dtype: np.dtype, there: int) -> None:
    """Raise Unusable, before any memory is allocated, if the file has less or more data than its header states."""
    promised = math.prod(shape) * dtype.itemsize
    if promised > there:
        raise Unusable(f"has {there} bytes of data where its header promises {promised}")
    if promised < there:
        raise Unusable(f"has {there - promised} bytes after its array; a file holds one")


def _npy(file: Path, stream: BinaryIO, size: int) -> Array:
    shape, fortran, dtype = _header(stream)
    offset = stream.tell()
    _promised(shape, dtype, size - offset)

    def load() -> np.ndarray:
        if 0 in shape or dtype.itemsize == 0:
            return np.empty(shape, dtype)
        return np.memmap(file, dtype, "r", offset, shape, "F" if fortran else "C")

    return Array(shape, dtype, False, load)


def _archive(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Unusable("is a damaged .npz file") from None


def _names(archive: zipfile.ZipFile) -> list[str]:
    return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]


def _zipped(file: Path, name: str) -> Array:
    with _archive(file) as archive:
        names = _names(archive)
        return _member(file, archive, _chosen(name, names))


def _chosen(name: str, names: list[str]) -> str:
    """The name of the array to read: `name` if it is given, else that of the only array. Raises Unusable."""
    if name and name not in names:
        raise Unusable(f"has no array {name}; it has {_listed(names)}")
    if not name and len(names) != 1:
        raise Unusable(f"has {len(names)} arrays: {_listed(names)}; write file#name for one of them")
    return name or names[0]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "") if names else "none"


def _member(file: Path, archive: zipfile.ZipFile, name: str) -> Array:
    try:
        with archive.open(f"{name}.npy") as stream:
            shape, _, dtype = _header(stream)  # type: ignore[arg-type]
            promised = math.prod(shape) * dtype.itemsize
            _promised(shape, dtype, archive.getinfo(f"{name}.npy").file_size - stream.tell())
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, zlib.error):
        raise Unusable(f"is a damaged .npz file (array {name})") from None
    if promised > WHOLE:
        raise Unusable(f"takes {promised} bytes in memory; above {WHOLE} write it as .npy or Zarr")

    def load() -> np.ndarray:
        try:
            with zipfile.ZipFile(file) as again, again.open(f"{name}.npy") as stream:
                values: np.ndarray = np.lib.format.read_array(stream, allow_pickle=False)
        except (zipfile.BadZipFile, ValueError, EOFError, zlib.error, OSError):
            raise Unusable(f"is a damaged .npz file (array {name})") from None
        return values

    return Array(shape, dtype, True, load)


def _zarr(folder: Path, name: str) -> Array:
    if not is_store(folder):
        raise Unusable("is a folder but no Zarr store")
    import zarr

    try:
        node: Any = zarr.open(str(folder), mode="r")
        if isinstance(node, zarr.Group):
            node = node[name] if name else node[_chosen("", sorted(key for key, _ in node.arrays()))]
        elif name:
            raise Unusable(f"is one array, so #{name} names nothing")
        if isinstance(node, zarr.Group):
            raise Unusable(f"has a group at #{name}; name one of its arrays")
        _refuse_codes(node)
        values = _Zarr(node)
        return Array(values.shape, np.dtype(node.dtype), False, lambda: values)
    except Unusable:
        raise
    except KeyError:
        raise Unusable(f"has no array {name}") from None
    except Exception as error:  # Zarr raises exceptions of many classes for damage
        raise Unusable(f"is a damaged Zarr store ({_first_line(error)})") from None


class _Zarr:
    """An array of a Zarr store; to read a damaged chunk raises Unusable."""

    def __init__(self, node: Any) -> None:
        self.node, self.shape, self.chunks = node, tuple(node.shape), node.chunks

    def __getitem__(self, part: Any) -> Any:
        try:
            return self.node[part]
        except Exception as error:  # of the codec of the chunk
            raise Unusable(f"is a damaged Zarr store ({_first_line(error)})") from None


def _refuse_codes(node: Any) -> None:
    """Raise Unusable for an array whose values xarray would decode by these attributes."""
    coding = ["scale_factor", "add_offset"]
    coding += ["_FillValue", "missing_value"] if np.dtype(node.dtype).kind in "iu" else []
    for name in coding:
        if name in node.attrs:
            raise Unusable(f"holds codes ({name} = {node.attrs[name]}); write the decoded values")


def _table(file: Path, size: int) -> Array:
    if size > LONGEST_TABLE:
        raise Unusable(f"has {size} bytes; tables above {LONGEST_TABLE} bytes must be .npy or Zarr")
    columns: tuple[str, ...] = ()
    numbers, width = array("d"), 0
    for line, row in _rows(file):
        if not width:
            width = len(row)
            if columns := _column_names(row, line):
                continue
        if len(row) != width:
            raise Unusable(f"has {len(row)} columns in line {line}, but {width} in the lines before it")
        try:
            numbers.extend(map(_number, row))
        except ValueError:
            wrong = next(text for text in row if not _is_number(text))
            raise Unusable(f"has {wrong[:20]!r} in line {line} where a number is expected") from None
    values = np.frombuffer(numbers, np.float64) if numbers else np.empty(0)
    values = values.reshape(-1, max(1, width))
    return Array(values.shape, values.dtype, True, lambda: values, columns)


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with the number of their line; tabs in a .tsv, else commas."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            reader = csv.reader(text, delimiter="\t" if file.suffix.lower() == ".tsv" else ",")
            yield from ((reader.line_num, row) for row in reader if row)
    except (UnicodeDecodeError, csv.Error):
        raise Unusable("is not a text file of numbers") from None


def _column_names(row: list[str], line: int) -> tuple[str, ...]:
    """The names of the columns if the first line of a table holds names, else (). Raises Unusable if it is unclear."""
    numbers = [text for text in row if _is_number(text)]
    if row == [str(i) for i in range(len(row))] and len(row) > WIDEST_EDGE:
        raise Unusable(f"numbers its columns in line {line}, as pandas does; write it with header=False")
    if len(numbers) == len(row):
        return ()
    names = tuple(text.strip() for text in row)
    if "" in names:
        raise Unusable(
            f"has a column without a name in line {line}, as pandas writes its index; write it with index=False"
        )
    if numbers:
        word = next(text for text in names if not _is_number(text))
        raise Unusable(
            f"has both {numbers[0][:20]!r} and {word[:20]!r} in line {line}, which is neither numbers nor names"
        )
    lower = [name.lower() for name in names]
    if twice := [name for i, name in enumerate(lower) if name in lower[:i]]:
        raise Unusable(f"has two columns with the name {twice[0][:20]}")
    return names


def _number(text: str) -> float:
    if "_" in text:  # Python would read 1_000 as 1000
        raise ValueError(text)
    return float(text)


def _is_number(text: str) -> bool:
    try:
        _number(text)
    except ValueError:
        return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:80]
