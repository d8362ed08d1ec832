"""The most memory that a job held, MiB: its own, and that of the largest of its children."""

import resource
import sys
from pathlib import Path

_MAXRSS_PER_MB = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, else KiB
_noted: list[float] = []


def own() -> float:
    """Linux keeps it for the program that runs; `ru_maxrss` there begins with what the parent held."""
    return _of("self") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MAXRSS_PER_MB


def note_child(pid: int) -> None:
    """Remember what a child has held so far; to be called just before it ends."""
    _noted.append(_of(str(pid)))


def children() -> float:
    """MB that the largest noted child held; without one, an upper bound, since Linux counts what its parent held."""
    bound = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / _MAXRSS_PER_MB
    return max(_noted, default=0.0) or bound


def _of(process: str) -> float:
    """0 where the system does not say."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)
