"""Registers, spills and local memory of the CUDA kernels, where there is no GPU: see tests/gpu/compiling.py."""

import pytest

from emergent_dynamics.causal.kernels import cuda_flow, cuda_kernels
from tests.gpu.compiling import INT, MARKS, D, a, build, in_registers, starts

pytestmark = MARKS


@pytest.mark.parametrize("lanes", [4, 2])
@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("searches", [False, True])
def test_a_run_per_block(dimension, lanes, searches):
    shape = cuda_kernels.Shape(256, dimension, True, True, searches, searches)
    kernel, threads = cuda_kernels.make_resident(shape, lanes)
    built = build(kernel, a(D, 3), a(INT), a(D, 2), D, D, a(D, 2), INT, INT, a(D, 4))
    assert in_registers(built), built
    assert starts(built, threads)
    assert built.shared <= 48 << 10


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("searches", [False, True])
def test_a_flow_per_block(dimension, searches):
    shape = cuda_kernels.Shape(256, dimension, True, True, searches, searches)
    kernel, threads = cuda_flow.make_flow(shape, 2)
    given = a(D, 3), a(D, 4), a(D), a(INT), a(INT), a(D, 2), D, a(D, 2), D, D, D, D, D, D
    built = build(kernel, *given)
    assert in_registers(built), built
    assert starts(built, threads)
    assert built.shared <= 48 << 10


@pytest.mark.parametrize("dimension", [2, 3, 8])
@pytest.mark.parametrize("searches", [False, True])
def test_tiles_of_rows(dimension, searches):
    largest, attend, move = cuda_kernels.make_streaming(
        cuda_kernels.Shape(0, dimension, True, True, searches, searches)
    )
    found = [
        build(largest, a(D, 3), a(D, 2), a(D, 2)),
        build(attend, a(D, 3), a(INT), a(D, 2), a(D, 2), a(D, 4)),
        build(move, a(D, 3), a(D, 4), D, a(D, 2)),
    ]
    assert all(map(in_registers, found)), found
    assert all(starts(built, cuda_kernels.TILE) for built in found)
