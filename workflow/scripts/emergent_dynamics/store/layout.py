"""What a store holds: variables, their chunks and their codecs."""

import itertools
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec

# A job has one core: chunks are read one at a time in one thread, so that only one decoded chunk is in memory.
zarr.config.set({"threading.max_workers": 1, "async.concurrency": 1})

BLOCK_BYTES = 16 * 2**20  # of a block of frames with all variables; the driver holds one in memory
CHUNK_BYTES = 2**20  # a chunk contains several runs up to about this size, to keep the files few
LOG_CHUNK = 2**18  # records in a chunk of a log variable
LOG_BOUND = 2**40  # length of a log while it grows; publishing cuts it to what was written

CODECS: Mapping[str, BloscCodec] = MappingProxyType(
    {
        "float": BloscCodec(cname="lz4", clevel=5, shuffle="shuffle"),
        "bits": BloscCodec(cname="zstd", clevel=3, shuffle="bitshuffle"),
        # Level 3 takes three times as long as 1, and makes ids and counts less than 1 % smaller.
        "table": BloscCodec(cname="zstd", clevel=1, shuffle="shuffle"),
    }
)
KINDS = ("frame", "static", "log", "final")


@dataclass(frozen=True)
class Variable:
    """One array of a store.

    dims, shape : names and lengths, the stream dimension included; a log has one dimension and shape (0,).
    kind : frame (a slice per saved clock value) | static (written at the start) | log (records appended as
        they come) | final (written at the end).
    per_frame : number of entries along the stream dimension per frame.
    codec : a key of `CODECS`; every chunk ends in a crc32c, without which damage is read as numbers.
    """

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    long_name: str
    units: str
    kind: str = "frame"
    coordinate: bool = False
    per_frame: int = 1
    codec: str = "float"
    attrs: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.dims) != len(self.shape):
            raise ValueError(
                f"{self.long_name}: dims {self.dims} and shape {self.shape} must have the same length"
            )
        if self.kind not in KINDS or self.codec not in CODECS:
            kinds, codecs = ", ".join(KINDS), ", ".join(CODECS)
            raise ValueError(
                f"{self.long_name}: kind {self.kind!r} must be one of {kinds}, codec {self.codec!r} one of {codecs}"
            )
        if self.kind == "log" and len(self.dims) != 1:
            raise ValueError(f"{self.long_name}: a log variable has one dimension, found {self.dims}")

    def frame_bytes(self, stream_dim: str) -> int:
        """Bytes that one frame adds to this variable; 0 for variables that are not frames."""
        if self.kind != "frame":
            return 0
        others = [n for d, n in zip(self.dims, self.shape, strict=True) if d != stream_dim]
        return math.prod(others) * self.per_frame * np.dtype(self.dtype).itemsize


def frames_per_block(variables: Mapping[str, Variable], stream_dim: str, frames: int) -> int:
    """Number of frames that are written together: as many as fit `BLOCK_BYTES`, in blocks of nearly equal length."""
    frame = sum(v.frame_bytes(stream_dim) for v in variables.values())
    fitting = max(1, min(frames, BLOCK_BYTES // max(1, frame)))
    blocks = math.ceil(frames / fitting)
    return math.ceil(frames / blocks)


def chunks(variable: Variable, stream_dim: str, block: int) -> tuple[int, ...]:
    """Shape of a chunk: a block of frames, and as many runs as fit `CHUNK_BYTES`; other dimensions are not divided.

    A static or final variable is not divided along the stream dimension either: a clock known beforehand is one file.
    """
    if variable.kind == "log":
        return (LOG_CHUNK,)
    sizes = [max(1, n) for n in variable.shape]
    if variable.kind == "frame" and stream_dim in variable.dims:
        sizes[variable.dims.index(stream_dim)] = block * variable.per_frame
    if "run" in variable.dims:
        axis = variable.dims.index("run")
        one_run = math.prod(sizes) // sizes[axis] * np.dtype(variable.dtype).itemsize
        sizes[axis] = min(sizes[axis], max(1, CHUNK_BYTES // max(1, one_run)))
    return tuple(sizes)


def attributes(name: str, variables: Mapping[str, Variable]) -> dict[str, Any]:
    """long_name, units and the non-index coordinates of a variable, as xarray decodes them."""
    variable = variables[name]
    group = name.rpartition("/")[0]
    beside = [
        other.rpartition("/")[2]
        for other, v in variables.items()
        if v.coordinate
        and other.rpartition("/")[0] == group
        and v.dims != (other.rpartition("/")[2],)
        and set(v.dims) <= set(variable.dims)
    ]
    found = {"long_name": variable.long_name, "units": variable.units, **variable.attrs}
    if beside and not variable.coordinate:
        found["coordinates"] = " ".join(beside)
    return found


def create(
    root: zarr.Group, name: str, variables: Mapping[str, Variable], stream_dim: str, block: int
) -> None:
    """Preallocate one array; metadata never changes after this."""
    variable = variables[name]
    shape = (LOG_BOUND,) if variable.kind == "log" else variable.shape
    dtype = np.dtype(variable.dtype)
    root.create_array(
        name,
        shape=shape,
        chunks=chunks(variable, stream_dim, block),
        dtype=dtype,
        fill_value=float("nan") if dtype.kind == "f" else dtype.type(0).item(),
        compressors=[CODECS[variable.codec], Crc32cCodec()],
        dimension_names=variable.dims,
        attributes=attributes(name, variables),
    )


def arrays(path: Path, mode: Literal["r", "r+"] = "r") -> dict[str, zarr.Array[Any]]:
    """Every array of a store by its name, groups included, found by its zarr.json and nothing else.

    (Listing through zarr warns about the timestamp file that Snakemake leaves in a directory output.)
    """
    return {
        name: zarr.open_array(path / name, mode=mode, zarr_format=3)
        for name, node in nodes(path).items()
        if node["node_type"] == "array"
    }


def nodes(path: Path) -> dict[str, dict[str, Any]]:
    """The metadata of every group and array of a store by its name ("." for the root), in the order of their files."""
    found = {}
    for folder, below, files in os.walk(path):
        if "zarr.json" in files:
            file = Path(folder) / "zarr.json"
            found[file] = json.loads(file.read_text())
            if found[file]["node_type"] == "array":
                below.clear()  # below an array there are only chunks
    return {file.parent.relative_to(path).as_posix(): found[file] for file in sorted(found)}


def chunk_indices(array: zarr.Array[Any]) -> Iterator[tuple[int, ...]]:
    """The index of every chunk, in C order."""
    return itertools.product(*(range(-(-n // c)) for n, c in zip(array.shape, array.chunks, strict=True)))
