"""The state file: everything that is needed to continue a run, with a checksum; the last two files are kept."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BufferedIOBase
from pathlib import Path

import numpy as np

from emergent_dynamics.driver.identity import Identity
from emergent_dynamics.store.writer import sync

DIGEST = 64  # hexadecimal sha256 at the head of a state file
KEPT = 2  # if the newest state file is damaged, the one before it is used


@dataclass
class Progress:
    """The point that a run has reached: its clock, its state, and the frames and records that do not fill a chunk yet.

    schedule : clock values of all frames, saved or to come. marks : {log: its length at each saved frame}.
    continued : the checkpoints of other code, software, engine or device from which the run went on, oldest first.
    """

    clock: int | float
    frames: int
    state: dict[str, np.ndarray]
    rows: Mapping[str, int] = field(default_factory=dict)
    pending: Mapping[str, np.ndarray] = field(default_factory=dict)
    schedule: np.ndarray = field(default_factory=lambda: np.zeros(0))
    marks: Mapping[str, np.ndarray] = field(default_factory=dict)
    continued: tuple[str, ...] = ()


def save(folder: Path, number: int, identity: Identity, progress: Progress) -> None:
    """Write state file `number` (increasing) and sync it to disk; all but the last two state files are deleted."""
    arrays = {
        "identity": np.array(identity.text()),
        "continued": np.array(json.dumps(progress.continued)),
        "clock": np.array(progress.clock),
        "frames": np.array(progress.frames),
        "schedule": progress.schedule,
        **{f"state/{k}": v for k, v in progress.state.items()},
        **{f"rows/{k}": np.array(v) for k, v in progress.rows.items()},
        **{f"marks/{k}": v for k, v in progress.marks.items()},
        **{f"pending/{k}": v for k, v in progress.pending.items()},
    }
    path = folder / f"state-{number:012d}.npz"
    temporary = path.with_suffix(".tmp")
    with temporary.open("w+b") as file:  # the arrays go straight to disk: a state may be large
        file.write(b"0" * DIGEST)
        np.savez(file, allow_pickle=False, **arrays)
        digest = _digest(file)
        file.seek(0)
        file.write(digest)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)  # from here on the new state is the valid one
    sync(folder)
    for old in states(folder)[KEPT:]:
        old.unlink()


def states(folder: Path) -> list[Path]:
    """The state files of a checkpoint folder, newest first."""
    return sorted(folder.glob("state-*.npz"), reverse=True)


def number(path: Path) -> int:
    """The number of a state file."""
    return int(path.stem.rpartition("-")[2])


def load(path: Path) -> tuple[Identity, Progress] | None:
    """The identity and the progress in a state file; None if it is damaged or written in an older format."""
    with path.open("rb") as file:
        if file.read(DIGEST) != _digest(file):
            return None
        file.seek(DIGEST)
        return _read(file)


def _digest(file: BufferedIOBase) -> bytes:
    """The digest of everything behind the head of a state file."""
    file.seek(DIGEST)
    return hashlib.file_digest(file, "sha256").hexdigest().encode()


def _read(file: BufferedIOBase) -> tuple[Identity, Progress] | None:
    with np.load(file, allow_pickle=False) as arrays:
        if "identity" not in arrays:
            return None
        progress = Progress(
            clock=arrays["clock"].item(),
            frames=int(arrays["frames"]),
            state=_part(arrays, "state/"),
            rows={k: int(v) for k, v in _part(arrays, "rows/").items()},
            pending=_part(arrays, "pending/"),
            schedule=arrays["schedule"],
            marks=_part(arrays, "marks/"),
            continued=tuple(json.loads(str(arrays["continued"]))),
        )
        return Identity.from_text(str(arrays["identity"])), progress


def _part(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): arrays[name] for name in arrays if name.startswith(prefix)}
