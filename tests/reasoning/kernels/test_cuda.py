"""The QR kernel in Numba's simulator, and the Triton kernels in its interpreter, against torch: no GPU is needed.

Both must be switched on before the import, so two tests run the others in processes of their own.
"""

import importlib.util

import numpy as np
import pytest
import torch

from emergent_dynamics.reasoning.kernels import exponents, fused
from tests.gpu.simulator import (
    INTERPRETED,
    INTERPRETER,
    SIMULATED,
    SIMULATOR,
    assert_passes,
    interpreted,
    launches,
    simulated,
)

HAS_TRITON = importlib.util.find_spec("triton") is not None
if SIMULATED:
    from emergent_dynamics.reasoning.kernels import cuda_qr
if INTERPRETED:
    from emergent_dynamics.reasoning.kernels import triton_fused


@launches
def test_the_kernel_passes_in_the_simulator():
    """The tests marked `simulated`."""
    assert_passes(__file__, SIMULATOR)


@launches
@pytest.mark.skipif(not HAS_TRITON, reason="triton is not installed")
def test_the_kernels_pass_in_the_interpreter():
    """The tests marked `interpreted`."""
    assert_passes(__file__, INTERPRETER)


@simulated
@pytest.mark.parametrize("k", [1, 3])
def test_qr_is_householders_up_to_signs(k, monkeypatch):
    """Columns orthonormal, log R as torch's; the trajectory's slice is not touched."""
    length, width, examples = 5, 4, 2
    monkeypatch.setattr(cuda_qr, "THREADS", 16)
    make = cuda_qr.make_qr
    monkeypatch.setattr(cuda_qr, "make_qr", lambda *size: make(*size, threads=16, tile=16))
    state = torch.randn(2, 1 + k, length, examples, width, generator=torch.Generator().manual_seed(0))
    before = state.clone()
    log_r = torch.full((examples, k), torch.nan, dtype=torch.float64)
    cuda_qr.Orthonormalise(k, length, width)(state, log_r)
    expected = before.clone()
    expected_log_r = torch.empty_like(log_r)
    fused.orthonormalise(expected, expected_log_r)
    assert (log_r - expected_log_r).abs().max() < 1e-6
    assert (state.abs() - expected.abs()).abs().max() < 1e-6
    assert torch.equal(state[:, 0], before[:, 0])
    q = state[:, 1:].permute(3, 0, 2, 4, 1).flatten(1, 3).double()
    assert (q.mT @ q - torch.eye(k)).abs().max() < 1e-6


@simulated
def test_a_direction_that_vanishes_gets_a_floor():
    """Two equal tangents: the second has no direction left, and no NaN."""
    state = torch.ones(2, 3, 4, 1, 4) + torch.arange(4.0)
    state[:, 2] = state[:, 1]
    log_r = torch.zeros(1, 2, dtype=torch.float64)
    cuda_qr.Orthonormalise(2, 4, 4)(state, log_r)
    assert torch.isfinite(log_r).all() and log_r[0, 1] < -10
    assert exponents.FLOOR == -700.0


def slices(*shape):
    """Random values of three slices, float32."""
    return torch.from_numpy(np.random.default_rng(1).normal(size=(3, *shape)).astype(np.float32))


@interpreted
def test_rms_of_triton():
    """A width that is a power of two and one that is not, rows that do not fill a program."""
    for shape in ((5, 3, 16), (3, 7, 12)):
        x, m = slices(*shape), slices(*shape) ** 2
        assert (triton_fused.rms(x, m, rows=4) - fused.rms(x, m)).abs().max() < 1e-5


@interpreted
def test_swiglu_of_triton():
    """Over the width and over the positions."""
    wide, across = slices(5, 3, 16), slices(12, 11)
    assert (triton_fused.swiglu(wide, 3, block=32) - fused.swiglu(wide, 3)).abs().max() < 1e-6
    assert (triton_fused.swiglu(across, 1, block=32) - fused.swiglu(across, 1)).abs().max() < 1e-6
