"""Registers, spills and local memory of the CUDA kernels, where there is no GPU: see tests/gpu/compiling.py."""

import pytest
from numba import types

from emergent_dynamics.oscillators.kernels import cuda_kernels, cuda_resident, cuda_stages
from tests.gpu.compiling import INT, MARKS, D, F, a, build, in_registers, starts

pytestmark = MARKS


TURN = 32  # bytes in which sine and cosine of NVVM 13.0 and 13.1 reduce angles beyond 10^5 rad; of 13.5 none
SIZES = [(4, 2048, 2048), (1, 512, 512), (4, 256, 256), (3, 100, 70)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("evolves", [False, True])
@pytest.mark.parametrize("varies", [False, True])
def test_a_step_of_the_field(size, evolves, varies):
    shape = cuda_kernels.Shape(*size, False, True, False, evolves, varies, True)
    built = build(cuda_kernels.make_step(shape), *3 * [a(F)], a(F, 2), F, F, F, a(F), a(F, 2), a(F, 2))
    assert in_registers(built), built
    assert starts(built, 128)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("evolves", [False, True])
@pytest.mark.parametrize("everyone", [False, True])
def test_a_stage_of_the_field(size, evolves, everyone):
    shape = cuda_kernels.Shape(*size, False, True, False, evolves, everyone, True, everyone)
    fields, rates = [a(F)] * 6, types.UniTuple(F, 3)
    given = a(F, 2), a(F, 2), rates, a(F), a(F, 2), a(F, 2), F, F, types.boolean, types.boolean
    built = build(cuda_stages.make_stage(shape), *fields, *given)
    assert in_registers(built, TURN), built
    assert starts(built, 128)
    if everyone:
        add, gather = cuda_stages.make_total(shape)
        assert in_registers(build(add, a(F), a(D, 3))) and in_registers(build(gather, a(D, 3), a(F, 2)))


def test_a_frame_of_the_field():
    shape = cuda_kernels.Shape(4, 2048, 2048, True, True, True, True, True, True)
    observe, gather = cuda_kernels.make_observe(shape)
    phase, spike, partial = a(types.uint16, 2), a(types.boolean, 2), a(D, 3)
    clocks = a(INT), a(INT)
    built = build(observe, *3 * [a(F)], F, D, D, a(F), *clocks, phase, spike, partial)
    assert in_registers(built), built
    assert starts(build(gather, partial, a(D, 3), *clocks), 16 * 10)


@pytest.mark.parametrize("size", [(4, 28, 28), (1, 28, 28), (4, 20, 17), (8, 15, 15)], ids=str)
@pytest.mark.parametrize("evolves", [False, True])
@pytest.mark.parametrize("saves", [False, True])
def test_an_image_per_block(size, evolves, saves):
    shape = cuda_kernels.Shape(*size, False, False, False, evolves, False, True)
    frame = a(types.uint16, 2), a(types.boolean, 2), a(D, 3)
    kernel = cuda_resident.make_resident(shape, saves)
    built = build(kernel, a(F), a(F), a(F, 2), F, F, F, F, D, D, INT, INT, *frame)
    assert built.spills <= (256 if saves else 56), (
        built
    )  # with 80 registers none, and 25 % slower: see the kernel
    assert starts(built, cuda_resident.resident_shape(shape)[1])
    assert built.shared <= 48 << 10
