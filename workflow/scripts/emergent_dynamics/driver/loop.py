"""Run a simulation from wherever it stopped to a published store.

Order of a commit: whole chunks, fsync, then one state file by rename. What lies beyond the last state is
written again, with the same values; what lies before it is never touched. So a kill at any moment loses at
most what happened since the last commit, and the finished store does not depend on it.
"""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emergent_dynamics.driver import checkpoint, lock
from emergent_dynamics.driver.checkpoint import Progress
from emergent_dynamics.driver.contract import Clock, OnDevice, Simulation, State
from emergent_dynamics.driver.progress import Report
from emergent_dynamics.runtime.errors import TemporaryFailure
from emergent_dynamics.store import Stream, Writer, publish

COMMIT_SECONDS = 30.0  # a commit costs 5 to 30 ms, so this is less than 0.1 % of a run
COMMIT_VARIABLE = "EMERGENT_DYNAMICS_COMMIT_SECONDS"  # no parameter of an experiment: it changes no result
LEG_SECONDS = 1.0  # how long a signal may have to wait


class Interrupted(TemporaryFailure):
    """SIGTERM came; the checkpoint is written and the next run goes on from it."""


def run(
    simulation: Simulation,
    folder: Path | str,
    destination: Path | str,
    fingerprint: str,
    attributes: Mapping[str, Any],
    name: str = "",
    commit_seconds: float | None = None,
) -> None:
    """Simulate along the schedule and publish the store at `destination`.

    folder : the checkpoint folder, on the same file system, outside anything a workflow manager deletes.
    fingerprint : identifies parameters and code; a checkpoint with another one, or of another device, is discarded.
    commit_seconds : between checkpoints; None: what EMERGENT_DYNAMICS_COMMIT_SECONDS says, else 30.
    Raises Locked if another process writes in the folder, Interrupted after SIGTERM.
    """
    folder = Path(folder)
    if commit_seconds is None:
        commit_seconds = float(os.environ.get(COMMIT_VARIABLE, COMMIT_SECONDS))
    with lock.held(folder), _termination() as asked:
        loop = _Loop(simulation, folder, _on(simulation, fingerprint), commit_seconds)
        loop.open()
        report = Report(name or folder.name, loop.schedule[0], loop.schedule[-1], loop.clock)
        while loop.advance():
            report.at(loop.clock)
            if asked:
                loop.commit()
                report.done(f"stopped by SIGTERM at {loop.clock:g}, checkpoint written")
                raise Interrupted(f"{report.name}: stopped at {loop.clock:g}; run again to go on from there")
            if loop.due():
                loop.commit()
        loop.finish()
        publish(
            loop.stream.writer.path, Path(destination), {**attributes, **simulation.notes()}, loop.stream.rows
        )
        report.done("published")


def discard(folder: Path | str) -> bool:
    """Delete a checkpoint folder that nobody writes in; True if it is gone."""
    folder = Path(folder)
    with contextlib.suppress(lock.Locked), lock.held(folder):
        shutil.rmtree(folder)
    return not folder.exists()


def _on(simulation: Simulation, fingerprint: str) -> str:
    """With the device that computes, unless that is the CPU: devices round differently."""
    device = simulation.notes().get("device", "cpu")
    return fingerprint if device == "cpu" else f"{fingerprint} on {device}"


class _Loop:
    """The simulation, its stream of frames and its clock."""

    def __init__(self, simulation: Simulation, folder: Path, fingerprint: str, commit_seconds: float) -> None:
        self.simulation, self.folder, self.fingerprint = simulation, folder, fingerprint
        self.commit_seconds = commit_seconds
        self.variables = simulation.variables()
        self.schedule: list[Clock] = simulation.schedule.tolist()
        self.state: State = {}
        self.clock: Clock = self.schedule[0]
        self._leg: Clock = 1  # grows until a leg lasts LEG_SECONDS

    def open(self) -> None:
        """Go on from the newest sound checkpoint, or start."""
        for leftover in (*self.folder.glob("*.tmp"), *self.folder.rglob("*.partial")):
            leftover.unlink()
        for path in checkpoint.states(self.folder):
            found = checkpoint.load(path, self.fingerprint)
            self.stream = self._stream()
            if found and self.stream.resume(found.frames, found.rows, found.pending):
                self.state, self.clock = found.state, found.clock
                self.number = int(path.stem.rpartition("-")[2])
                self._committed = time.monotonic()
                return
            path.unlink()
        self._start()

    def advance(self) -> bool:
        """One leg towards the next save point, and the frame if it is reached; False at the end."""
        if self.stream.frames == len(self.schedule):
            return False
        target = self.schedule[self.stream.frames]
        stop = min(target, self.clock + self._leg) if self.simulation.divisible else target
        begun = time.monotonic()
        self.state = self.simulation.advance(self.state, self.clock, stop)
        self._lengthen(stop - self.clock, time.monotonic() - begun)
        self.clock = stop
        for name, variable in self.variables.items():
            if variable.kind == "log" and name in self.state:
                self.stream.append_rows(name, self.state.pop(name))
        if stop == target:
            self._frame()
        return True

    def due(self) -> bool:
        """Is it time to commit?"""
        return time.monotonic() - self._committed >= self.commit_seconds

    def commit(self) -> None:
        """Make everything up to now durable."""
        self.stream.writer.flush()
        pending = {}
        for name, parts in self.stream.pending.items():
            if parts:
                variable = self.variables[name]
                axis = variable.dims.index(self.simulation.stream_dim) if variable.kind == "frame" else 0
                pending[name] = np.concatenate(parts, axis=axis)
        self.number += 1
        state = self.state
        if isinstance(self.simulation, OnDevice):
            state = self.simulation.checkpoint(state)
        progress = Progress(self.clock, self.stream.frames, state, self.stream.rows, pending)
        checkpoint.save(self.folder, self.number, self.fingerprint, progress)
        self._committed = time.monotonic()

    def finish(self) -> None:
        """Final variables and the rest of the stream; a commit, so that publishing can be repeated."""
        self.commit()
        for name, values in self.simulation.finish(self.state).items():
            self.stream.whole(name, values)
        self.stream.finish()

    def _start(self) -> None:
        self.stream = self._stream()
        self.stream.start()
        self.number = 0
        self.state = self.simulation.initial()
        for name, variable in self.variables.items():
            if variable.kind == "static":
                self.stream.whole(name, self.state.pop(name))
            elif variable.kind == "log" and name in self.state:
                self.stream.append_rows(name, self.state.pop(name))
        self._frame()
        self.commit()

    def _stream(self) -> Stream:
        path = self.folder / "store.zarr"
        return Stream(Writer(path, self.variables, self.simulation.stream_dim, len(self.schedule)))

    def _frame(self) -> None:
        block = {}
        for name, values in self.simulation.observe(self.state).items():
            variable = self.variables[name]
            axis = variable.dims.index(self.simulation.stream_dim)
            # a copy: the state's arrays go on changing while the frame waits for its block
            block[name] = np.array(values if variable.per_frame > 1 else np.expand_dims(values, axis))
        self.stream.append(block)

    def _lengthen(self, done: Clock, seconds: float) -> None:
        if self.simulation.divisible:
            fitting = int(done * LEG_SECONDS / max(seconds, 1e-6))
            self._leg = max(1, min(2 * self._leg, fitting))


@contextlib.contextmanager
def _termination() -> Iterator[list[int]]:
    """A list that is no longer empty once SIGTERM came."""
    asked: list[int] = []
    previous = signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    try:
        yield asked
    finally:
        signal.signal(signal.SIGTERM, previous)
