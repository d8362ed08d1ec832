"""Collect frames and records until they fill whole chunks, and write these chunks."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy as np

from emergent_dynamics.store import layout
from emergent_dynamics.store.writer import Writer


class Standing(Protocol):
    """The position of a stream at its last checkpoint; see `driver.checkpoint.Progress`."""

    @property
    def frames(self) -> int: ...
    @property
    def rows(self) -> Mapping[str, int]: ...
    @property
    def marks(self) -> Mapping[str, np.ndarray]: ...
    @property
    def pending(self) -> Mapping[str, np.ndarray]: ...


class Stream:
    """Collects frames and records and passes them to a `Writer` in whole chunks.

    A checkpoint must save `pending`, `rows` and `marks` in addition to the writer's store. `marks` has the length of
    each log at each frame.
    """

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.frames = 0
        self.rows = {name: 0 for name, v in writer.variables.items() if v.kind == "log"}
        self.marks: dict[str, list[int]] = {name: [] for name in self.rows}
        self.pending: dict[str, list[np.ndarray]] = {name: [] for name in writer.variables}
        self._unwritten = {name for name, v in writer.variables.items() if v.kind in ("static", "final")}

    def start(self) -> None:
        """Begin an empty store."""
        self.writer.path.parent.mkdir(parents=True, exist_ok=True)
        self.writer.create()

    def resume(self, saved: Standing) -> bool:
        """Continue after `saved.frames` frames and `saved.rows` records, of which `saved.pending` was not yet written.

        Returns False if any other frame or record is missing from the store on disk, or damaged there.
        """
        self.frames, self.rows = saved.frames, dict(saved.rows)
        self.marks = {name: marks.tolist() for name, marks in saved.marks.items()}
        for name, values in saved.pending.items():
            self.pending[name] = [values]
        self._unwritten = {name for name in self._unwritten if self.writer.variables[name].kind == "final"}
        written = {name: self.rows[name] - sum(map(len, self.pending[name])) for name in self.rows}
        return self.writer.reopen() and self.writer.holds(self._flushed(), written)

    def whole(self, name: str, values: np.ndarray) -> None:
        """Write a static or final variable."""
        self.writer.write_whole(name, values)
        self._unwritten.discard(name)

    def copy(self, source: Mapping[Any, Any], names: Iterable[str]) -> None:
        """Write static variables, such as coordinates, with the values that another dataset has for them."""
        for name in names:
            self.whole(name, source[name].values)

    def append(self, block: Mapping[str, np.ndarray]) -> None:
        """Add one or more frames of every frame variable; arrays include the stream dimension."""
        lengths = {
            values.shape[self.writer.axis(name)] // self._per_frame(name) for name, values in block.items()
        }
        if len(lengths) != 1 or set(block) != self._frame_names():
            raise ValueError(
                f"a frame has {sorted(block)} in lengths {sorted(lengths)}; it must have all frame variables, "
                f"{sorted(self._frame_names())}, equally long"
            )
        for name, values in block.items():
            self._check_shape(name, values)
            self._push(name, values)
        frames = lengths.pop()
        self.frames += frames
        for name, marks in self.marks.items():
            marks.extend([self.rows[name]] * frames)
        while self.frames - self._flushed() >= self.writer.block:
            self._write_block(self.writer.block)

    def append_rows(self, name: str, values: np.ndarray) -> None:
        """Add records to a log."""
        self._push(name, values)
        self.rows[name] += len(values)
        while sum(map(len, self.pending[name])) >= layout.LOG_CHUNK:
            self._write_rows(name, layout.LOG_CHUNK)

    def finish(self) -> None:
        """Write what remains and sync the store to disk. Raises ValueError if frames or whole variables are missing."""
        if self.frames != self.writer.frames:
            raise ValueError(f"{self.writer.path}: {self.frames} of {self.writer.frames} frames were written")
        if self._unwritten:
            raise ValueError(
                f"{self.writer.path}: {', '.join(sorted(self._unwritten))}: declared and never written"
            )
        if self._flushed() < self.frames:
            self._write_block(self.frames - self._flushed())
        for name in self.rows:
            if self.pending[name]:
                self._write_rows(name, layout.LOG_CHUNK)
        self.writer.flush()

    def _flushed(self) -> int:
        first = next(iter(self._frame_names()), None)
        if first is None:
            return self.frames
        held = sum(v.shape[self.writer.axis(first)] for v in self.pending[first])
        return self.frames - held // self._per_frame(first)

    def _write_block(self, frames: int) -> None:
        start = self._flushed()
        for name in self._frame_names():
            axis = self.writer.axis(name)
            joined = np.concatenate(self.pending[name], axis=axis)
            block, rest = np.split(joined, [frames * self._per_frame(name)], axis=axis)
            self.writer.write_frames(name, start, block)
            self.pending[name] = [rest.copy()] if rest.shape[axis] else []

    def _write_rows(self, name: str, length: int) -> None:
        joined = np.concatenate(self.pending[name])
        start = self.rows[name] - len(joined)
        self.writer.write_rows(name, start, joined[:length])
        self.pending[name] = [joined[length:].copy()] if len(joined) > length else []

    def _push(self, name: str, values: np.ndarray) -> None:
        values = np.asarray(values)
        expected = np.dtype(self.writer.variables[name].dtype)
        if values.dtype != expected:
            raise ValueError(f"{name}: {values.dtype} where the layout says {expected}")
        self.pending[name].append(values)

    def _check_shape(self, name: str, values: np.ndarray) -> None:
        axis, expected = self.writer.axis(name), list(self.writer.variables[name].shape)
        found = list(values.shape)
        expected[axis] = found[axis]
        if found != expected:
            raise ValueError(
                f"{name}: frames of shape {tuple(found)} where the layout says {tuple(expected)}"
            )

    def _frame_names(self) -> set[str]:
        return {name for name, v in self.writer.variables.items() if v.kind == "frame"}

    def _per_frame(self, name: str) -> int:
        return self.writer.variables[name].per_frame
