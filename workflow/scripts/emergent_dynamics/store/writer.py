"""Write whole chunks into a preallocated store and sync them to disk."""

import itertools
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from emergent_dynamics.store import layout
from emergent_dynamics.store.layout import Variable

# Blocks of zeros must exist as files, else a reader could not distinguish "missing" from "zero". The setting
# is not stored in the metadata, so every writing process needs it.
zarr.config.set({"array.write_empty_chunks": True})


def sync(path: Path) -> None:
    """fsync a file or a directory."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Writer:
    """A store that is written in whole chunks. Nothing is certain to be on disk before `flush`.

    path : the store's directory. frames : length of the stream in frames. stream_dim : its dimension.
    """

    def __init__(self, path: Path, variables: Mapping[str, Variable], stream_dim: str, frames: int) -> None:
        self.path = path
        self.variables = dict(variables)
        self.stream_dim = stream_dim
        self.frames = frames
        self.block = layout.frames_per_block(variables, stream_dim, frames)
        self._unsynced: set[Path] = set()

    def create(self) -> None:
        """Preallocate every array, replacing whatever exists at the path."""
        shutil.rmtree(self.path, ignore_errors=True)
        root = zarr.create_group(self.path, zarr_format=3)
        for name in self.variables:
            layout.create(root, name, self.variables, self.stream_dim, self.block)
        for folder, _, files in os.walk(self.path):
            for file in files:
                sync(Path(folder) / file)
            sync(Path(folder))
        self._arrays = {name: self._array(name) for name in self.variables}

    def reopen(self) -> bool:
        """Open the existing arrays to continue writing; False if their layout is not the requested one."""
        if not self.adopt():
            return False
        for name, array in self._arrays.items():
            variable = self.variables[name]
            shape = (layout.LOG_BOUND,) if variable.kind == "log" else variable.shape
            wanted = (shape, np.dtype(variable.dtype), layout.chunks(variable, self.stream_dim, self.block))
            if (array.shape, array.dtype, array.chunks) != wanted:
                return False
        return True

    def adopt(self) -> bool:
        """Open the existing arrays with the layout that they have; False if one is missing."""
        try:
            self._arrays = {name: self._array(name) for name in self.variables}
        except (FileNotFoundError, KeyError, ValueError):
            return False
        return True

    def entries(self, name: str, indices: np.ndarray) -> np.ndarray:
        """Entries of a variable along its stream (frames times `per_frame`, or records of a log), by their indices."""
        array, before = self._arrays[name], (slice(None),) * self.axis(name)
        runs = np.split(indices, np.flatnonzero(np.diff(indices) != 1) + 1)  # runs of consecutive indices
        slices = [slice(int(run[0]), int(run[-1]) + 1) if run.size else slice(0, 0) for run in runs]
        return np.concatenate([np.asarray(array[(*before, piece)]) for piece in slices], axis=self.axis(name))

    def axis(self, name: str) -> int:
        """The axis of a variable along which it grows."""
        variable = self.variables[name]
        return variable.dims.index(self.stream_dim) if variable.kind == "frame" else 0

    def write_frames(self, name: str, first: int, values: np.ndarray) -> None:
        """Write the block of frames that starts at frame `first` (a multiple of the block)."""
        self._write(name, self.axis(name), first * self.variables[name].per_frame, values)

    def write_rows(self, name: str, first: int, values: np.ndarray) -> None:
        """Write records of a log from record `first` on (a multiple of the log's chunk)."""
        self._write(name, 0, first, values)

    def write_whole(self, name: str, values: np.ndarray) -> None:
        """Write a static or final variable."""
        values = np.asarray(values, dtype=self.variables[name].dtype)
        if values.shape != self.variables[name].shape:
            raise ValueError(
                f"{name}: shape {values.shape} where the layout says {self.variables[name].shape}"
            )
        self._arrays[name][...] = values
        self._unsynced.update(self._files(name, None))

    def flush(self) -> None:
        """fsync every chunk written since the last flush, then its directories up to the store."""
        folders: set[Path] = set()
        for file in self._unsynced:
            sync(file)
            folders.update(itertools.takewhile(lambda p: p != self.path.parent, file.parents))
        for folder in sorted(folders, key=lambda p: -len(p.parts)):
            sync(folder)
        self._unsynced.clear()

    def holds(self, frames: int, rows: Mapping[str, int]) -> bool:
        """Whether all chunks before frame `frames` and before record `rows[name]` of each log exist and decode."""
        for name, variable in self.variables.items():
            if variable.kind == "frame":
                stop = frames * variable.per_frame
            elif variable.kind == "log":
                stop = rows[name]
            elif variable.kind == "static":
                stop = None
            else:
                continue
            if stop != 0 and not self._decodes(name, stop):
                return False
        return True

    def _array(self, name: str) -> zarr.Array[Any]:
        return zarr.open_array(self.path / name, mode="r+")

    def _write(self, name: str, axis: int, start: int, values: np.ndarray) -> None:
        array = self._arrays[name]
        stop = start + values.shape[axis]
        chunk = array.chunks[axis]
        if start % chunk or (
            stop % chunk and stop != array.shape[axis] and self.variables[name].kind != "log"
        ):
            raise ValueError(f"{name}: [{start}, {stop}) does not consist of whole chunks of {chunk}")
        where = (slice(None),) * axis + (slice(start, stop),)
        array[where] = values
        self._unsynced.update(self._files(name, range(start // chunk, -(-stop // chunk))))

    def _files(self, name: str, along: Iterable[int] | None) -> list[Path]:
        """Chunk files of an array; `along` restricts them to these chunk indices along the stream axis."""
        array = self._arrays[name]
        axes = [range(-(-n // c)) for n, c in zip(array.shape, array.chunks, strict=True)]
        if along is not None:
            axes[self.axis(name)] = along  # type: ignore[call-overload]
        key = array.metadata.encode_chunk_key
        return [self.path / name / key(index) for index in itertools.product(*axes)]

    def _decodes(self, name: str, stop: int | None) -> bool:
        array, axis = self._arrays[name], self.axis(name)
        length = array.shape[axis] if stop is None else stop
        chunk = array.chunks[axis] if array.ndim else 1
        along = range(-(-length // chunk)) if array.ndim else None
        if any(not f.is_file() or f.stat().st_size == 0 for f in self._files(name, along)):
            return False
        try:
            for start in range(0, max(1, length), chunk) if array.ndim else ():
                array[(slice(None),) * axis + (slice(start, min(start + chunk, length)),)]
            if not array.ndim:
                array[...]
        except (ValueError, RuntimeError):
            return False
        return True
