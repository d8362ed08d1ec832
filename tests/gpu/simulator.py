"""Kernels of a GPU without one: Numba's simulator and Triton's interpreter.

Either must be switched on before Numba or Triton is imported. So one test of a file, marked `launches`, runs the file's
other tests in a process of its own; those are marked `simulated` or `interpreted` and run in that process only.
"""

import os
import subprocess
import sys

import pytest
from numba import config

SIMULATOR = {"NUMBA_ENABLE_CUDASIM": "1"}
INTERPRETER = {"TRITON_INTERPRET": "1"}
SIMULATED = bool(config.ENABLE_CUDASIM)
INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"

simulated = pytest.mark.skipif(
    not SIMULATED, reason="runs in the simulator's process, which another test starts"
)
interpreted = pytest.mark.skipif(
    not INTERPRETED, reason="runs in the interpreter's process, which another test starts"
)


def launches(test):
    """The mark of the one test of a file that runs the others in a separate process."""
    return pytest.mark.simulator(
        pytest.mark.skipif(SIMULATED or INTERPRETED, reason="this is the process")(test)
    )


def assert_passes(file: str, switches: dict[str, str]) -> None:
    """The tests of a file pass in a process with these environment variables."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", file]
    ran = subprocess.run(command, env=os.environ | switches, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-4000:]
