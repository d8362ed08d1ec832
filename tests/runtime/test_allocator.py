"""Freed arrays do not stay in memory."""

import ctypes
import subprocess
import sys

import pytest

RESIDENT = """
import sys
sys.path[:] = {path!r}
import numpy as np
from emergent_dynamics.runtime import allocator
{begin}
np.ones(2**21)  # from here on the C library takes arrays of up to 16 MB from its heap, unless it is told otherwise
held = []
for _ in range(10):
    array, behind = np.ones(2**20), bytearray(100_000)
    held.append((array, behind))
held = [behind for _, behind in held]
del array
print(int(open("/proc/self/statm").read().split()[1]) * 4096 // 2**20)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="a C library without mallopt")
def test_the_memory_of_freed_arrays_is_returned():
    """Ten arrays of 8 MB, each with a small object behind it that is kept."""
    with_it, without = (
        int(
            subprocess.run(
                [sys.executable, "-c", RESIDENT.format(begin=begin, path=sys.path)],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for begin in ("allocator.begin()", "")
    )
    assert without - with_it > 50
