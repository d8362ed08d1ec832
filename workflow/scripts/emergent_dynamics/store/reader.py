"""Open a published store, refuse a damaged one, and read it in pieces of bounded size."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr

from emergent_dynamics.store.layout import arrays, chunk_indices
from emergent_dynamics.store.publication import SEAL, content_sha256, metadata_sha256

# decoded values in memory while a digest is compared; few chunks are then decoded twice
VERIFIED_BYTES = 64 * 2**20


class DamagedStore(ValueError):
    """Raised for a store that must not be read; the message names the array, the chunk and what to do."""


def open_complete(path: Path | str, group: str | None = None) -> xr.Dataset:
    """Open a published store lazily (no dask), after checking that nothing is missing.

    A missing or empty chunk would be read as fill values, so the existence of every chunk file is checked here. A
    changed chunk is detected by its crc32c when it is read. Raises DamagedStore.
    """
    path = Path(path)
    missing = _incomplete(path)
    if missing:
        raise DamagedStore(missing)
    return xr.open_zarr(path, group=group, chunks=None, consolidated=True)


def find_damage(path: Path | str, contents: bool = True) -> str | None:
    """A message of one line about the first damage found in a store; None if it is undamaged.

    contents : whether to decode every array and compare its digest with the one stored at publication.
    """
    path = Path(path)
    found = _incomplete(path)
    if found or not contents:
        return found
    for name, array in arrays(path).items():
        try:
            intact = content_sha256(array, VERIFIED_BYTES) == array.attrs["content_sha256"]
        except (ValueError, RuntimeError):
            return f"{path}: {name}, chunk {_undecodable_chunk(array)} is damaged (crc32c); {_remedy(path)}"
        if not intact:
            return f"{path}: {name} differs from its content_sha256; {_remedy(path)}"
    return None


def misplaced(path: Path | str) -> str | None:
    """A message of one line if the attributes of a store name another system and experiment than its path; else None.

    A store belongs below `<system>/<experiment>/`. One whose attributes cannot be read or name neither is no such case.
    """
    path = Path(path)
    try:
        whose = json.loads((path / "zarr.json").read_text())["attributes"]
        name = f"{whose['system']}/{whose['experiment']}"
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if f"/{name}/" in f"/{path.absolute().as_posix()}":
        return None
    return f"{path}: holds results of {name}; {_remedy(path)}"


def slices(dataset: xr.Dataset, dim: str, parts: int = 1) -> Iterator[xr.Dataset]:
    """The dataset in pieces along `dim`, in order, of which only one has to fit in memory.

    A piece is one stored chunk, or one of `parts` pieces of about equal length of it, for computations that hold many
    copies; the chunk is then decoded once per piece.
    """
    sizes = [
        variable.encoding["chunks"][variable.dims.index(dim)]
        for variable in dataset.data_vars.values()
        if dim in variable.dims and variable.encoding.get("chunks")
    ]
    step = -(-(min(sizes) if sizes else dataset.sizes[dim]) // parts)
    for start in range(0, dataset.sizes[dim], step):
        yield dataset.isel({dim: slice(start, start + step)})


def pieces_with(dataset: xr.Dataset, wanted: np.ndarray) -> Iterator[tuple[xr.Dataset, np.ndarray]]:
    """The pieces along time that hold any of the wanted frames (ascending indices), each with their indices in it."""
    first = 0
    for piece in slices(dataset, "time"):
        inside = wanted[(wanted >= first) & (wanted < first + piece.sizes["time"])] - first
        first += piece.sizes["time"]
        if inside.size:
            yield piece, inside


def _incomplete(path: Path) -> str | None:
    if not (path / "zarr.json").is_file():
        return f"{path}: not a Zarr store (no zarr.json)"
    try:
        root = json.loads((path / "zarr.json").read_text())
        if root["attributes"].get("complete") is not True:
            return f"{path}: was never finished; {_remedy(path)}"
        held = arrays(path)
        for name, node in root["consolidated_metadata"]["metadata"].items():
            if node["node_type"] == "array" and name not in held:
                return f"{path}: {name} is missing; {_remedy(path)}"
        if metadata_sha256(path) != root["attributes"].get(SEAL):
            return f"{path}: its metadata differ from their {SEAL}; {_remedy(path)}"
        for name, array in held.items():
            for index in chunk_indices(array):
                if not _has_content(path / name / array.metadata.encode_chunk_key(index)):
                    return f"{path}: {name}, chunk {_text(index)} is missing; {_remedy(path)}"
    except (ValueError, KeyError, TypeError) as error:
        return f"{path}: metadata cannot be read ({error}); {_remedy(path)}"
    return None


def _has_content(file: Path) -> bool:
    try:
        status = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size > 0


def _undecodable_chunk(array: zarr.Array[Any]) -> str | None:
    for index in chunk_indices(array):
        where = tuple(slice(i * c, (i + 1) * c) for i, c in zip(index, array.chunks, strict=True))
        try:
            array[where] if where else array[...]
        except (ValueError, RuntimeError):
            return _text(index)
    return None


def _text(index: tuple[int, ...]) -> str:
    return "(" + ", ".join(str(int(i)) for i in index) + ")"


def _remedy(path: Path) -> str:
    return f"delete {path} and run again"
