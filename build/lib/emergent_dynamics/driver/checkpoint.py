"""The state file: everything needed to go on, self-checksummed, replaced by rename; the last two are kept."""

import hashlib
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from emergent_dynamics.store.writer import sync

DIGEST = 64  # hexadecimal sha256 at the head of a state file
KEPT = 2  # a state found damaged falls back on the one before


@dataclass
class Progress:
    """Where a run stands: its clock, its state, and frames and records that do not fill a chunk yet."""

    clock: int | float
    frames: int
    state: dict[str, np.ndarray]
    rows: Mapping[str, int] = field(default_factory=dict)
    pending: Mapping[str, np.ndarray] = field(default_factory=dict)


def save(folder: Path, number: int, fingerprint: str, progress: Progress) -> None:
    """Write state number `number` (increasing) durably; older ones than the last two are deleted."""
    arrays = {
        "fingerprint": np.array(fingerprint),
        "clock": np.array(progress.clock),
        "frames": np.array(progress.frames),
        **{f"state/{k}": v for k, v in progress.state.items()},
        **{f"rows/{k}": np.array(v) for k, v in progress.rows.items()},
        **{f"pending/{k}": v for k, v in progress.pending.items()},
    }
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    payload = buffer.getbuffer()
    path = folder / f"state-{number:012d}.npz"
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(hashlib.sha256(payload).hexdigest().encode())
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)  # the commit point
    sync(folder)
    for old in states(folder)[KEPT:]:
        old.unlink()


def states(folder: Path) -> list[Path]:
    """State files, newest first."""
    return sorted(folder.glob("state-*.npz"), reverse=True)


def load(path: Path, fingerprint: str) -> Progress | None:
    """The progress in a state file; None if it is damaged or belongs to other parameters or code."""
    content = path.read_bytes()
    payload = content[DIGEST:]
    if hashlib.sha256(payload).hexdigest().encode() != content[:DIGEST]:
        return None
    with np.load(io.BytesIO(payload), allow_pickle=False) as arrays:
        if str(arrays["fingerprint"]) != fingerprint:
            return None
        return Progress(
            clock=arrays["clock"].item(),
            frames=int(arrays["frames"]),
            state=_part(arrays, "state/"),
            rows={k: int(v) for k, v in _part(arrays, "rows/").items()},
            pending=_part(arrays, "pending/"),
        )


def _part(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): arrays[name] for name in arrays if name.startswith(prefix)}
