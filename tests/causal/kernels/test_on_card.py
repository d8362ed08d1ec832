"""Tokens on a card against the CPU kernels, at sizes that fill it: `make test-gpu`.

Two runs on one card have equal bits, and a checkpoint goes on with the same bits.
"""

import numpy as np
import pytest

from emergent_dynamics import device
from emergent_dynamics.causal import model
from emergent_dynamics.causal.kernels import cpu, cuda
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.config import load

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(device.SIMULATED or not device.available(), reason="no CUDA device"),
]


def resolved(**given):
    """An experiment with all its defaults."""
    return load({"experiments": {"causal": {"x": given}}}, ["test"]).parameters("causal", "x")


ATTENTION = [
    ({"runs": 64, "tokens": 256, "dimension": 2}, 100, 1e-11),
    ({"runs": 200, "tokens": 255, "dimension": 3}, 1, 1e-14),
    ({"runs": 2, "tokens": 3000, "dimension": 3}, 1, 1e-14),
    ({"runs": 1, "tokens": 3000, "dimension": 3}, 100, 1e-11),
    ({"runs": 3, "tokens": 1100, "dimension": 8, "mask": "none"}, 1, 1e-14),
    ({"runs": 2, "tokens": 1000, "dimension": 3, "query": [[0, -1, 0], [1, 0, 0], [0, 0, 0.5]]}, 1, 1e-14),
    ({"runs": 2, "tokens": 1000, "dimension": 64}, 1, 1e-14),
    ({"runs": 1, "tokens": 1000, "dimension": 40, "mask": "none"}, 20, 1e-12),
]


@pytest.mark.parametrize(("given", "steps", "tolerance"), ATTENTION, ids=str)
def test_tokens_are_the_cpu_kernels(given, steps, tolerance):
    """One step to rounding, a hundred to what they grow to; equal bits again, and from a checkpoint."""
    from emergent_dynamics.causal.kernels import triton_sums

    p = Parameters.from_config(resolved(**given))
    x = model.initial(p)
    made = triton_sums.Device if p.dimension > 8 else cuda.Device
    moving, again, first = made(p, x), made(p, x), made(p, x)
    moving.advance(steps)
    again.advance(steps)
    assert np.array_equal(moving.state(), again.state())
    first.advance(steps // 2)
    rest = made(p, first.state())
    rest.advance(steps - steps // 2)
    assert np.array_equal(moving.state(), rest.state())
    cpu.advance(x, p, steps)
    assert np.abs(moving.state() - x).max() < tolerance
