"""Peak memory of a job in MiB: that of the process itself, and that of the largest of its children."""

import resource
import sys
from pathlib import Path

_MAXRSS_PER_MIB = 2**20 if sys.platform == "darwin" else 2**10  # `ru_maxrss`: bytes on macOS, else KiB
_recorded: list[float] = []


def of_this_process() -> float:
    """Peak memory of this process, MiB.

    On Linux it is read from /proc, since there `ru_maxrss` of a new process starts at the memory of its parent.
    """
    return _from_linux("self") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MAXRSS_PER_MIB


def record_child(pid: int) -> None:
    """Record the peak memory of a child so far; call it just before the child ends."""
    _recorded.append(_from_linux(str(pid)))


def of_children() -> float:
    """Peak memory of the largest recorded child, MiB; an upper bound if none was recorded.

    The bound is `ru_maxrss` of all children, which on Linux includes the memory of this process when it started them.
    """
    bound = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / _MAXRSS_PER_MIB
    return max(_recorded, default=0.0) or bound


def _from_linux(process: str) -> float:
    """Peak memory that /proc reports of a process, MiB; 0 on a system without /proc."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)
