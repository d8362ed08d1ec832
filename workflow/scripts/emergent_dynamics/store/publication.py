"""Publish a finished store: hard links, digests, consolidated metadata, and one rename to its final name."""

import contextlib
import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from emergent_dynamics.store.layout import Variable, arrays, nodes
from emergent_dynamics.store.stream import Stream
from emergent_dynamics.store.writer import Writer, sync

SEAL = "metadata_sha256"
DIGEST_BYTES = 16 * 2**20  # decoded values held at once while hashing


def publish(source: Path, destination: Path, attributes: Mapping[str, Any], rows: Mapping[str, int]) -> None:
    """Copy a flushed store by hard links, seal the copy and rename it to `destination`.

    source : the store of a `Writer`; it is not changed, so that an interrupted publication can be repeated.
    attributes : of the root; `content_sha256` is added to every array, and `metadata_sha256` to the root.
    rows : records in each log variable.
    Both paths must be on one file system (else the chunks are copied).
    """
    copy = destination.with_name(destination.name + ".publishing")
    shutil.rmtree(copy, ignore_errors=True)
    _link_tree(source, copy)
    for name, length in rows.items():
        _cut_log(copy / name, length)
    for array in arrays(copy, mode="r+").values():
        array.attrs["content_sha256"] = content_sha256(array)
    zarr.open_group(copy, mode="r+").attrs.update({**attributes, "complete": True})
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Consolidated metadata"
        )  # xarray reads it, though it is not part of the Zarr v3 specification
        zarr.consolidate_metadata(copy)
    _seal(copy)
    _sync_tree(copy)
    destination.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(destination, ignore_errors=True)
    copy.rename(destination)
    sync(destination.parent)


@contextlib.contextmanager
def writing(
    destination: Path | str,
    variables: Mapping[str, Variable],
    stream_dim: str,
    frames: int,
    attributes: Mapping[str, Any],
) -> Iterator[Stream]:
    """Write a store in a `with` block by `stream.append({name: frames})`, in order; the end of the block publishes it.

    Static and final variables are written with `stream.whole(name, values)`. After an exception nothing is published.
    """
    destination = Path(destination)
    work = destination.with_name(destination.name + ".writing")
    stream = Stream(Writer(work, variables, stream_dim, frames))
    try:
        stream.start()
        yield stream
        stream.finish()
        publish(work, destination, attributes, stream.rows)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def content_sha256(array: zarr.Array[Any], piece_bytes: int = DIGEST_BYTES) -> str:
    """sha256 of the decoded values in C order: `sha256(array[...].tobytes())`; `piece_bytes` are in memory at once.

    A chunk that reaches over several pieces is decoded for each of them.
    """
    digest = hashlib.sha256()
    for piece in _c_order_pieces(array, (), piece_bytes):
        digest.update(np.ascontiguousarray(piece).data)
    return digest.hexdigest()


def metadata_sha256(path: Path) -> str:
    """SHA-256 of all metadata of a store (attributes, shapes, codecs, consolidated metadata) except this digest."""
    digest = hashlib.sha256()
    for name, node in nodes(path).items():
        if name == ".":
            node["attributes"].pop(SEAL, None)
        digest.update(f"{name}\0{json.dumps(node, sort_keys=True)}\n".encode())
    return digest.hexdigest()


def _seal(path: Path) -> None:
    """Write the digest of all metadata into the attributes of the root group."""
    root = json.loads((path / "zarr.json").read_text())
    root["attributes"][SEAL] = metadata_sha256(path)
    (path / "zarr.json").write_text(json.dumps(root, indent=2))


def _c_order_pieces(array: zarr.Array[Any], prefix: tuple[int, ...], most: int) -> Iterator[np.ndarray]:
    """Contiguous pieces of an array in C order, each of at most `most` bytes; whole rows of chunks if they fit."""
    axis = len(prefix)
    row = array.dtype.itemsize * int(np.prod(array.shape[axis + 1 :], dtype=np.int64))
    if axis == array.ndim or row * array.shape[axis] <= most:
        yield np.asarray(array[prefix] if prefix else array[...])
    elif row > most:
        for i in range(array.shape[axis]):
            yield from _c_order_pieces(array, (*prefix, i), most)
    else:
        chunk = array.chunks[axis]
        rows = max(1, most // row)
        rows = rows // chunk * chunk or rows
        for start in range(0, array.shape[axis], rows):
            where: tuple[Any, ...] = (*prefix, slice(start, start + rows))
            yield np.asarray(array[where])


def _cut_log(path: Path, length: int) -> None:
    """Set the final length of a log. Its metadata file must be a copy: a hard link would change the source."""
    file = path / "zarr.json"
    metadata = json.loads(file.read_text())
    metadata["shape"] = [length]
    file.write_text(json.dumps(metadata))


def _link_tree(source: Path, copy: Path) -> None:
    for folder, _, files in os.walk(source):
        target = copy / Path(folder).relative_to(source)
        target.mkdir(parents=True, exist_ok=True)
        for file in files:
            if file.endswith((".partial", ".tmp")):
                continue
            if file == "zarr.json":
                shutil.copyfile(Path(folder) / file, target / file)
                continue
            try:
                os.link(Path(folder) / file, target / file)
            except OSError:
                shutil.copyfile(Path(folder) / file, target / file)


def _sync_tree(root: Path) -> None:
    for folder, _, files in os.walk(root):
        for file in files:
            if file == "zarr.json" or (Path(folder) / file).stat().st_nlink == 1:
                sync(Path(folder) / file)
        sync(Path(folder))
