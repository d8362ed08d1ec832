"""Compile a CUDA kernel to machine code where there is no GPU, and read registers, spills and local memory.

    make test-compile     # in an environment of its own, with numba-cuda[cu13] and nvidia-cuda-nvcc (0.7 GB)

The simulator knows the meaning of a kernel, not its types and registers. Compiled for Hopper, compute capability 9.0,
by ptxas of the wheel nvidia-cuda-nvcc, or else the one on the PATH; what is counted depends on the version of NVVM.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from numba import config, types

from emergent_dynamics import device


def _ptxas():
    """The path of ptxas; None if there is none."""
    nvidia = importlib.util.find_spec("nvidia")
    folders = (
        [str(Path(found, "cu13", "bin")) for found in nvidia.submodule_search_locations] if nvidia else []
    )
    return shutil.which("ptxas", path=os.pathsep.join([*folders, os.environ["PATH"]]))


PTXAS = _ptxas()
MARKS = [
    pytest.mark.compile,
    pytest.mark.skipif(bool(config.ENABLE_CUDASIM), reason="the simulator compiles nothing"),
    pytest.mark.skipif(importlib.util.find_spec("numba_cuda") is None, reason="numba-cuda is not installed"),
    pytest.mark.skipif(PTXAS is None, reason="ptxas is not installed"),
]
INT, F, D = types.int64, types.float32, types.float64


class Built(NamedTuple):
    """What ptxas says of a kernel."""

    registers: int
    stack: int  # bytes of local memory: an array whose loops were not unrolled
    spills: int  # bytes
    shared: int  # bytes


class Hopper:
    """Stands in for the device that device functions ask for when they are compiled."""

    compute_capability = (9, 0)


def a(dtype, dimensions=1):
    """The type of a C-contiguous array."""
    return types.Array(dtype, dimensions, "C")


def build(kernel, *signature):
    """Compile, assemble, read the report; `max_registers` of the kernel is passed on."""
    from numba.cuda import dispatcher

    dispatcher.get_current_device = lambda: Hopper
    options = kernel.targetoptions
    ptx, _ = device.cuda.compile_ptx(
        kernel.py_func, signature, cc=(9, 0), fastmath=bool(options.get("fastmath"))
    )
    ptx = re.sub(r"\.version \d+\.\d+", ".version 9.0", ptx)  # NVVM may be newer than ptxas
    limit = options.get("max_registers")
    command = [PTXAS, "-v", "-arch=sm_90", "-o", "/dev/null", "-"]
    if limit:
        command.insert(1, f"--maxrregcount={limit}")
    done = subprocess.run(command, input=ptx, capture_output=True, text=True)
    report = done.stdout + done.stderr
    assert done.returncode == 0, report
    number = lambda pattern: sum(map(int, re.findall(pattern, report)))  # noqa: E731
    registers = max(map(int, re.findall(r"Used (\d+) registers", report)))
    spills = number(r"(\d+) bytes spill")
    return Built(registers, number(r"(\d+) bytes stack frame"), spills, number(r"(\d+) bytes smem"))


def starts(built, threads):
    """A block of so many threads finds its registers in every quarter of a multiprocessor."""
    return built.registers <= device.most_registers(threads)


def in_registers(built, stack=0):
    """Nothing in local memory but for `stack` bytes."""
    return built.stack <= stack and built.spills == 0
