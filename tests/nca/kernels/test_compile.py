"""Registers, spills and local memory of the CUDA kernels, where there is no GPU: see tests/gpu/compiling.py."""

import pytest
from numba import types

from emergent_dynamics.config import load
from emergent_dynamics.nca.kernels import cuda_kernels
from emergent_dynamics.nca.parameters import Parameters
from tests.gpu.compiling import INT, MARKS, F, a, build, in_registers, starts

pytestmark = MARKS


def worlds(**given):
    """Parameters of an nca experiment."""
    found = load({"experiments": {"nca": {"x": given}}}, ["test"]).parameters("nca", "x")
    return Parameters.from_config(found)


@pytest.mark.parametrize("channels", [2, 3])
def test_a_generation_of_worlds(channels):
    made = cuda_kernels.make(worlds(width=512, height=512, channels=channels, inheritance=0.5), 2)
    i4, u8, f4 = a(types.int32), a(types.uint64), a(F)
    decide = build(made.decide, f4, f4, i4, a(INT), f4, i4, u8, a(INT), a(INT))
    offsets = build(made.offsets, a(INT), a(INT), a(INT), a(INT), a(INT))
    settle = build(
        made.settle, f4, f4, f4, i4, i4, i4, a(INT), a(INT), f4, i4, u8, a(INT), a(INT), a(INT), a(INT), a(INT),
        a(types.int32, 2), a(types.uint16), f4, a(types.int32, 2), a(types.uint8, 2),
    )  # fmt: skip
    assert all(map(in_registers, (decide, offsets))), (decide, offsets)
    assert settle.spills == 0, settle  # the cosine of a normal draw keeps a few bytes of local memory
    assert (
        starts(decide, cuda_kernels.THREADS)
        and starts(settle, cuda_kernels.THREADS)
        and starts(offsets, cuda_kernels.OFFSETS)
    )
