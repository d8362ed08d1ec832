"""Continue a checkpoint under another schedule: its frames are kept where the new schedule has them too.

The layout of a store depends on the number of its frames, so they are copied, block by block, into a store of the
new layout. The result is that of one run along the new schedule, bit by bit.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from emergent_dynamics.driver import checkpoint
from emergent_dynamics.driver.checkpoint import Progress
from emergent_dynamics.driver.contract import Simulation
from emergent_dynamics.store import Stream, Writer
from emergent_dynamics.store.layout import LOG_CHUNK

BEFORE = "before.zarr"  # the store of the other schedule, until a state of the new one is committed
SETTLED = "settled.zarr"


def kept(saved: Progress, simulation: Simulation) -> np.ndarray | None:
    """Indices of the saved frames that the new schedule contains; None if it contains a frame that was not saved.

    If the integrator chooses its own steps, both schedules must have the same clock values up to the checkpoint or the
    new end. A run that ends before the checkpoint can be cut out only if the system writes no final variables.
    """
    have, schedule = saved.schedule[: saved.frames], simulation.schedule
    past = schedule[schedule <= saved.clock]
    at = np.minimum(np.searchsorted(have, past), have.size - 1)
    if not np.array_equal(have[at], past):
        return None
    cut = past.size == schedule.size
    if cut and past[-1] != saved.clock and any(v.kind == "final" for v in simulation.variables().values()):
        return None
    if not simulation.divisible and not np.array_equal(have[: past.size] if cut else have, past):
        return None
    return at


def transfer(folder: Path, saved: Progress, simulation: Simulation, stream: Stream) -> bool:
    """Fill a new `stream` with the frames that are kept. Returns False and changes nothing if that is not possible.

    The old store remains under the name `BEFORE`. The caller has to commit and then to call `settle`.
    """
    indices = kept(saved, simulation)
    old = Writer(folder / BEFORE, stream.writer.variables, simulation.stream_dim, len(saved.schedule))
    (folder / "store.zarr").rename(old.path)
    if indices is None or not _whole(old, saved):
        restore(folder)
        return False
    stream.start()
    start = simulation.initial()
    for name, variable in stream.writer.variables.items():
        if variable.kind == "static":
            stream.whole(name, start[name])
    for first in range(0, indices.size, stream.writer.block):
        stream.append(_frames(old, saved, indices[first : first + stream.writer.block]))
    last = indices[-1] if indices.size == len(simulation.schedule) else None
    for name, length in saved.rows.items():
        _copy_log(old, saved, name, stream, length if last is None else int(saved.marks[name][last]))
        stream.marks[name] = saved.marks[name][indices].tolist()
    return True


def settle(folder: Path) -> None:
    """Delete the old store and its states after a state of the new one is committed.

    The store is renamed before its states are deleted, so that `restore` does not bring it back.
    """
    (folder / BEFORE).rename(folder / SETTLED)
    for path in checkpoint.states(folder)[1:]:
        path.unlink()
    shutil.rmtree(folder / SETTLED)


def restore(folder: Path) -> None:
    """Put the old store back if a transfer was not committed, and delete what an interrupted `settle` left."""
    shutil.rmtree(folder / SETTLED, ignore_errors=True)
    if (folder / BEFORE).exists():
        shutil.rmtree(folder / "store.zarr", ignore_errors=True)
        (folder / BEFORE).rename(folder / "store.zarr")


def _pending(old: Writer, saved: Progress, name: str) -> int:
    """Number of entries of a variable, along its stream, that are in the state file and not yet in the store."""
    if name not in saved.pending:
        return 0
    return saved.pending[name].shape[old.axis(name)]


def _whole(old: Writer, saved: Progress) -> bool:
    frames = [name for name, v in old.variables.items() if v.kind == "frame"]
    waiting = max((_pending(old, saved, n) // old.variables[n].per_frame for n in frames), default=0)
    written = {name: length - _pending(old, saved, name) for name, length in saved.rows.items()}
    return old.adopt() and old.holds(saved.frames - waiting, written)


def _frames(old: Writer, saved: Progress, indices: np.ndarray) -> Mapping[str, np.ndarray]:
    block = {}
    for name, variable in old.variables.items():
        if variable.kind != "frame":
            continue
        n, axis = variable.per_frame, old.axis(name)
        entries = (indices[:, None] * n + np.arange(n)).ravel()
        stored = saved.frames * n - _pending(old, saved, name)
        parts = [old.entries(name, entries[entries < stored])]
        if (entries >= stored).any():
            parts.append(np.take(saved.pending[name], entries[entries >= stored] - stored, axis=axis))
        block[name] = np.concatenate(parts, axis=axis)
    return block


def _copy_log(old: Writer, saved: Progress, name: str, stream: Stream, length: int) -> None:
    stored = saved.rows[name] - _pending(old, saved, name)
    for first in range(0, min(stored, length), LOG_CHUNK):
        stream.append_rows(name, old.entries(name, np.arange(first, min(first + LOG_CHUNK, stored, length))))
    if length > stored:
        stream.append_rows(name, saved.pending[name][: length - stored])
