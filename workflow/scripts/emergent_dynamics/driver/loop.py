"""Run a simulation from wherever it stopped to a published store.

Order of a commit: whole chunks, fsync, then one state file by rename. What lies beyond the last state is
written again, with the same values; what lies before it is never touched. So a kill at any moment loses at
most what happened since the last commit, and the finished store does not depend on it.
"""

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emergent_dynamics import engines
from emergent_dynamics.driver import aside, checkpoint, extension, lock
from emergent_dynamics.driver.checkpoint import Progress
from emergent_dynamics.driver.contract import Clock, OnDevice, Simulation, State
from emergent_dynamics.driver.identity import Identity
from emergent_dynamics.driver.progress import Report
from emergent_dynamics.runtime.errors import TemporaryFailure
from emergent_dynamics.store import Stream, Writer, publish

COMMIT_SECONDS = 30.0  # a commit costs 5 to 30 ms, so this is less than 0.1 % of a run
COMMIT_VARIABLE = "EMERGENT_DYNAMICS_COMMIT_SECONDS"  # no experiment has it, as it changes no result
LEG_SECONDS = 1.0  # longest time that a signal may have to wait


class Interrupted(TemporaryFailure):
    """Raised after SIGTERM, when the checkpoint is written; the next run continues from it."""


def run(
    simulation: Simulation,
    folder: Path | str,
    destination: Path | str,
    attributes: Mapping[str, Any],
    name: str = "",
    commit_seconds: float | None = None,
) -> None:
    """Simulate along the schedule and publish the store at `destination`.

    folder : the checkpoint folder, on the file system of `destination`, where no workflow manager deletes it.
    attributes : attributes of the store (`provenance.attributes`). Their parameters, code and software decide what
        happens to a checkpoint in the folder. It is continued if only the horizon differs, and deleted if other
        parameters differ. It is put aside if code, software, engine or device differ, or continued if
        EMERGENT_DYNAMICS_RESUME is `any`; the store then records this in its attribute `continued`.
    commit_seconds : seconds between checkpoints; None: EMERGENT_DYNAMICS_COMMIT_SECONDS, by default 30.
    Raises Locked if another process writes in the folder, Interrupted after SIGTERM.
    """
    folder = Path(folder)
    if commit_seconds is None:
        commit_seconds = float(os.environ.get(COMMIT_VARIABLE, COMMIT_SECONDS))
    with lock.held(folder), _termination() as asked:
        name = name or folder.name
        loop = _Loop(simulation, folder, Identity.of(simulation, attributes), commit_seconds)
        notes, asked_for = simulation.notes(), json.loads(attributes.get("parameters", "{}"))
        engines.tell(asked_for.get("device", ""), notes.get("device", "cpu"), notes.get("engine_reason", ""))
        for line in loop.open():
            print(f"{name}: {line}", file=sys.stderr, flush=True)
        report = Report(name, loop.schedule[0], loop.schedule[-1], loop.clock)
        while loop.advance():
            report.at(loop.clock)
            if asked:
                loop.commit()
                report.done(f"stopped by SIGTERM at {loop.clock:g}, checkpoint written")
                raise Interrupted(
                    f"{report.name}: stopped at {loop.clock:g}; run again to continue from there"
                )
            if loop.due():
                loop.commit()
        loop.finish()
        found = {**attributes, **simulation.notes(), **loop.history()}
        publish(loop.stream.writer.path, Path(destination), found, loop.stream.rows)
        report.done("published")


def discard(folder: Path | str) -> bool:
    """Delete a checkpoint folder unless a process writes in it; returns whether it no longer exists."""
    folder = Path(folder)
    with contextlib.suppress(lock.Locked), lock.held(folder):
        shutil.rmtree(folder)
    return not folder.exists()


class _Loop:
    """The simulation, its stream of frames and its clock."""

    def __init__(
        self, simulation: Simulation, folder: Path, identity: Identity, commit_seconds: float
    ) -> None:
        self.simulation, self.folder, self.identity = simulation, folder, identity
        self.commit_seconds = commit_seconds
        self.continued: tuple[str, ...] = ()
        self.variables = simulation.variables()
        self.schedule: list[Clock] = simulation.schedule.tolist()
        self.state: State = {}
        self.clock: Clock = self.schedule[0]
        self._leg: Clock = 1  # interval of one call of `advance`; it grows until a call lasts LEG_SECONDS
        self._queued: Iterator[dict[str, np.ndarray]] = iter(())  # frames that a device computes
        self._waiting = 0  # number of queued frames

    def open(self) -> list[str]:
        """Continue from the newest usable checkpoint, or start; returns lines for the log about unused checkpoints."""
        for leftover in (*self.folder.glob("*.tmp"), *self.folder.rglob("*.partial")):
            leftover.unlink()
        extension.restore(self.folder)
        if permitted := aside.permitted():
            aside.take_furthest(self.folder, self.identity)
        lines = []
        for path in checkpoint.states(self.folder):
            owner, saved = checkpoint.load(path) or (None, None)
            if owner and saved and owner.parameters == self.identity.parameters:
                if owner != self.identity and not permitted:
                    place = aside.put(self.folder)
                    lines.append(
                        f"the checkpoint at {saved.clock:g} is of other code, software, engine or device; "
                        f"it is kept in {place}, and {aside.RESUME_VARIABLE}=any goes on from it"
                    )
                    break
                self.number = checkpoint.number(path)
                if self._continues(saved):
                    if owner != self.identity:
                        lines.append(self._record(owner))
                    return lines
                lines.append(
                    f"the checkpoint at {saved.clock:g} cannot be continued: "
                    "it is damaged, or lacks frames that are asked for"
                )
            path.unlink()
        self._start()
        return lines

    def history(self) -> dict[str, str]:
        """The attribute of the store that names continued checkpoints of other code; {} if there are none."""
        return {"continued": json.dumps(self.continued)} if self.continued else {}

    def advance(self) -> bool:
        """Advance by a leg: to or towards the next save point, on a device over several. Returns False at the end.

        Several frames from a device are saved by the next call, while the device computes the frames after them.
        """
        stops = self._stops()
        if not stops:
            return False
        begun, before = time.monotonic(), self.clock
        if len(stops) > 1 and isinstance(self.simulation, OnDevice):
            queued = self.simulation.record(self.state, self.clock, stops)
            self._save_queued()
            self._queued, self._waiting, self.clock = queued, len(stops), stops[-1]
        else:
            self._save_queued()
            self._move(stops[0])
        self._lengthen(self.clock - before, time.monotonic() - begun)
        return True

    def due(self) -> bool:
        """Whether it is time to commit."""
        return time.monotonic() - self._committed >= self.commit_seconds

    def commit(self) -> None:
        """Write everything computed so far to disk and sync it."""
        self._save_queued()
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
        progress = Progress(
            self.clock,
            self.stream.frames,
            state,
            self.stream.rows,
            pending,
            self.simulation.schedule,
            {name: np.asarray(marks, np.int64) for name, marks in self.stream.marks.items()},
            self.continued,
        )
        checkpoint.save(self.folder, self.number, self.identity, progress)
        self._committed = time.monotonic()

    def finish(self) -> None:
        """Commit, so that publishing can be repeated; then write the final variables and the rest of the stream."""
        self.commit()
        for name, values in self.simulation.finish(self.state).items():
            self.stream.whole(name, values)
        self.stream.finish()

    def _continues(self, saved: Progress) -> bool:
        """Take over a checkpoint, also one of another schedule; False if it is damaged or lacks frames."""
        self.stream = self._stream()
        same = np.array_equal(saved.schedule, self.simulation.schedule)
        if same and not self.stream.resume(saved):
            return False
        if not same and not extension.transfer(self.folder, saved, self.simulation, self.stream):
            return False
        self.state, self.clock, self.continued = saved.state, saved.clock, saved.continued
        self._committed = time.monotonic()
        if not same:
            self.commit()
            extension.settle(self.folder)
        return True

    def _record(self, owner: Identity) -> str:
        computed_by = " ".join(filter(None, (owner.engine, owner.device)))
        self.continued += (f"code {owner.code[:12]}, {owner.software}, {computed_by}, until {self.clock:g}",)
        self.commit()
        return f"goes on from a checkpoint of other code, software, engine or device: {self.continued[-1]}"

    def _start(self) -> None:
        self.stream = self._stream()
        self.stream.start()
        self.number = 0
        self.state = self.simulation.initial()
        for name, variable in self.variables.items():
            if variable.kind == "static":
                if name not in self.state:
                    raise ValueError(f"{name}: static, so `initial` must return it in the state")
                self.stream.whole(name, self.state.pop(name))
        self._save_records(self.state)
        self._save_frame(self.simulation.observe(self.state))
        self.commit()

    def _stream(self) -> Stream:
        path = self.folder / "store.zarr"
        return Stream(Writer(path, self.variables, self.simulation.stream_dim, len(self.schedule)))

    def _stops(self) -> list[Clock]:
        """The next save points that one leg can reach: on a device several, else one; [] at the end."""
        first = self.stream.frames + self._waiting
        together = self.simulation.together if isinstance(self.simulation, OnDevice) else 1
        ahead = self.schedule[first : first + together]
        if len(ahead) < 2:
            return ahead
        gap, count = ahead[0] - self.clock, 1
        while count < min(len(ahead), self._leg // gap) and ahead[count] - ahead[count - 1] == gap:
            count += 1
        return ahead[:count]

    def _move(self, target: Clock) -> None:
        """Compute for a leg, at most to the save point `target`; save the log records and, at `target`, the frame."""
        stop = min(target, self.clock + self._leg) if self.simulation.divisible else target
        self.state = self.simulation.advance(self.state, self.clock, stop)
        self.clock = stop
        self._save_records(self.state)
        if stop == target:
            self._save_frame(self.simulation.observe(self.state))

    def _save_queued(self) -> None:
        """Wait for the queued frames of a device and save them."""
        for found in self._queued:
            self._save_records(found)
            self._save_frame(found)
        self._queued, self._waiting = iter(()), 0

    def _save_records(self, found: dict[str, np.ndarray]) -> None:
        """Move the records of log variables into the stream."""
        for name, variable in self.variables.items():
            if variable.kind == "log" and name in found:
                self.stream.append_rows(name, found.pop(name))

    def _save_frame(self, frame: Mapping[str, np.ndarray]) -> None:
        block = {}
        for name, values in frame.items():
            if name not in self.variables:
                raise ValueError(f"{name}: `observe` returns it, but `variables` does not declare it")
            variable = self.variables[name]
            axis = variable.dims.index(self.simulation.stream_dim)
            # a copy, since the state's arrays change before the block of the frame is full
            block[name] = np.array(values if variable.per_frame > 1 else np.expand_dims(values, axis))
        self.stream.append(block)

    def _lengthen(self, done: Clock, seconds: float) -> None:
        if self.simulation.divisible:
            fitting = int(done * LEG_SECONDS / max(seconds, 1e-6))
            self._leg = max(1, min(2 * self._leg, fitting))


@contextlib.contextmanager
def _termination() -> Iterator[list[int]]:
    """A context whose list is empty until the process receives SIGTERM."""
    asked: list[int] = []
    previous = signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    try:
        yield asked
    finally:
        signal.signal(signal.SIGTERM, previous)
