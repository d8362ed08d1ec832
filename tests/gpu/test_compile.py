"""Compile every CUDA kernel to machine code where there is no GPU, and read registers, spills and local memory.

    make test-compile     # its own target: it needs numba-cuda[cu13] (0.5 GB) and ptxas, from nvidia-cuda-nvcc or CUDA

The simulator knows the meaning of a kernel, not its types and registers. Compiled for Hopper, compute capability 9.0.
"""

import importlib.util
import re
import shutil
import subprocess
from typing import NamedTuple

import pytest
from numba import config, types

from emergent_dynamics import device

pytestmark = [
    pytest.mark.compile,
    pytest.mark.skipif(bool(config.ENABLE_CUDASIM), reason="the simulator compiles nothing"),
    pytest.mark.skipif(importlib.util.find_spec("numba_cuda") is None, reason="numba-cuda is not installed"),
    pytest.mark.skipif(shutil.which("ptxas") is None, reason="ptxas is not installed"),
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
    command = ["ptxas", "-v", "-arch=sm_90", "-o", "/dev/null", "-"]
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


def in_registers(built):
    """Nothing in local memory."""
    return built.stack == 0 and built.spills == 0


OSCILLATORS = [(4, 2048, 2048), (1, 512, 512), (4, 256, 256), (3, 100, 70)]


@pytest.mark.parametrize("size", OSCILLATORS, ids=str)
@pytest.mark.parametrize("evolves", [False, True])
@pytest.mark.parametrize("varies", [False, True])
def test_a_step_of_the_field(size, evolves, varies):
    from emergent_dynamics.oscillators import cuda_kernels as oscillators

    shape = oscillators.Shape(*size, False, True, False, evolves, varies, True)
    built = build(oscillators.make_step(shape), *3 * [a(F)], a(F, 2), F, F, F, a(F), a(F, 2))
    assert in_registers(built), built
    assert starts(built, 128)


def test_a_frame_of_the_field():
    from emergent_dynamics.oscillators import cuda_kernels as oscillators

    shape = oscillators.Shape(4, 2048, 2048, True, True, True, True, True, True)
    observe, gather = oscillators.make_observe(shape)
    phase, spike, partial = a(types.uint16, 2), a(types.boolean, 2), a(D, 3)
    clocks = a(INT), a(INT)
    built = build(observe, *3 * [a(F)], F, D, D, a(F), *clocks, phase, spike, partial)
    assert in_registers(built), built
    assert starts(build(gather, partial, a(D, 3), *clocks), 16 * 10)


@pytest.mark.parametrize("size", [(4, 28, 28), (1, 28, 28), (4, 20, 17), (8, 15, 15)], ids=str)
@pytest.mark.parametrize("evolves", [False, True])
@pytest.mark.parametrize("saves", [False, True])
def test_an_image_per_block(size, evolves, saves):
    from emergent_dynamics.oscillators import cuda_kernels, cuda_resident

    shape = cuda_kernels.Shape(*size, False, False, False, evolves, False, True)
    frame = a(types.uint16, 2), a(types.boolean, 2), a(D, 3)
    kernel = cuda_resident.make_resident(shape, saves)
    built = build(kernel, a(F), a(F), a(F, 2), F, F, F, F, D, D, INT, INT, *frame)
    assert built.spills <= (256 if saves else 56), (
        built
    )  # with 80 registers none, and 25 % slower: see the kernel
    assert starts(built, cuda_resident.resident_shape(shape)[1])
    assert built.shared <= 48 << 10


@pytest.mark.parametrize("lanes", [4, 2])
@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("searches", [False, True])
def test_a_run_per_block(dimension, lanes, searches):
    from emergent_dynamics.causal import cuda_kernels as causal

    shape = causal.Shape(256, dimension, True, True, searches, searches)
    kernel, threads = causal.make_resident(shape, lanes)
    built = build(kernel, a(D, 3), a(INT), a(D, 2), D, D, a(D, 2), INT, INT, a(D, 4))
    assert in_registers(built), built
    assert starts(built, threads)
    assert built.shared <= 48 << 10


@pytest.mark.parametrize("dimension", [2, 3, 8])
@pytest.mark.parametrize("searches", [False, True])
def test_tiles_of_rows(dimension, searches):
    from emergent_dynamics.causal import cuda_kernels as causal

    largest, attend, move = causal.make_streaming(causal.Shape(0, dimension, True, True, searches, searches))
    found = [
        build(largest, a(D, 3), a(D, 2), a(D, 2)),
        build(attend, a(D, 3), a(INT), a(D, 2), a(D, 2), a(D, 4)),
        build(move, a(D, 3), a(D, 4), D, a(D, 2)),
    ]
    assert all(map(in_registers, found)), found
    assert all(starts(built, causal.TILE) for built in found)


def worlds(**given):
    """Parameters of an nca experiment."""
    from emergent_dynamics.config import load
    from emergent_dynamics.nca import model

    found = load({"experiments": {"nca": {"x": given}}}, ["test"]).parameters("nca", "x")
    return model.Parameters.from_config(found)


@pytest.mark.parametrize("channels", [2, 3])
def test_a_generation_of_worlds(channels):
    from emergent_dynamics.nca import cuda_kernels as nca

    made = nca.make(worlds(width=512, height=512, channels=channels, inheritance=0.5), 2)
    i4, u8, f4 = a(types.int32), a(types.uint64), a(F)
    decide = build(made.decide, f4, f4, i4, a(INT), f4, i4, u8, a(INT), a(INT))
    offsets = build(made.offsets, a(INT), a(INT), a(INT), a(INT), a(INT))
    settle = build(
        made.settle, f4, f4, f4, i4, i4, i4, a(INT), a(INT), f4, i4, u8, a(INT), a(INT), a(INT), a(INT), a(INT),
        a(types.int32, 2), a(types.uint16), f4, a(types.int32, 2), a(types.uint8, 2),
    )  # fmt: skip
    assert all(map(in_registers, (decide, offsets))), (decide, offsets)
    assert settle.spills == 0, settle  # the cosine of a normal draw keeps a few bytes of local memory
    assert starts(decide, nca.THREADS) and starts(settle, nca.THREADS) and starts(offsets, nca.OFFSETS)


@pytest.mark.parametrize("k", [1, 8])
def test_qr_of_tangents(k):
    from emergent_dynamics.reasoning import cuda as reasoning

    built = build(reasoning.make_qr(k, 37, 64), a(F), a(D, 2), INT)
    assert built.spills <= 900, (
        built
    )  # R^-1, hoisted; without a limit of registers none, and 1.4 times as slow
    assert starts(built, reasoning.THREADS)


def test_a_device_is_not_needed_to_ask_for_one():
    assert device.available() in (True, False)
