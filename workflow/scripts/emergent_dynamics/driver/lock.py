"""A lock that allows one writer per checkpoint folder; the operating system releases it when the process ends."""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from emergent_dynamics.runtime.errors import TemporaryFailure


class Locked(TemporaryFailure):
    """Raised if another process writes in the folder; the message names it."""


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder in a `with` block; raises Locked immediately if another process holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise Locked(
                f"{folder}: is being written by {file.read().strip() or 'another process'}"
            ) from None
        file.truncate(0)
        file.write(_who())
        file.flush()
        yield


def _who() -> str:
    job = os.environ.get("SLURM_JOB_ID")
    return f"process {os.getpid()} on {socket.gethostname()}" + (f", Slurm job {job}" if job else "")
