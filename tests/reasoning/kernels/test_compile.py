"""Registers, spills and local memory of the CUDA kernels, where there is no GPU: see tests/gpu/compiling.py."""

import pytest

from emergent_dynamics.reasoning.kernels import cuda_qr
from tests.gpu.compiling import INT, MARKS, D, F, a, build, starts

pytestmark = MARKS


@pytest.mark.parametrize("k", [1, 8])
def test_qr_of_tangents(k):
    built = build(cuda_qr.make_qr(k, 37, 64), a(F), a(D, 2), INT)
    assert built.spills <= 912, (
        built
    )  # R^-1, hoisted; without a limit of registers none, and 1.4 times as slow
    assert starts(built, cuda_qr.THREADS)
