"""The torch path against the CPU kernel; on the CPU, and on CUDA where there is a device."""

import numpy as np
import pytest
import torch

from emergent_dynamics.config import load
from emergent_dynamics.oscillators import simulation as oscillators


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request):
    """A device that there is."""
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    return request.param


def parameters(**given):
    """An experiment with all its defaults."""
    return load({"experiments": {"oscillators": {"x": given}}}, ["test"]).parameters("oscillators", "x")


def ended(simulation, steps):
    """The state after some steps, and its frame."""
    state = simulation.advance(simulation.initial(), 0, steps)
    return state, simulation.observe(state)


def test_the_field_of_oscillators_is_the_kernels(device):
    """Ten steps in complex64: each rounds by 1e-7 and the kernel in float32 as much."""
    ends = []
    for engine, where in (("cpu", "cpu"), ("torch", device)):
        given = parameters(height=12, width=10, channels=3, engine=engine, device=where)
        simulation = oscillators.build(given)
        ends.append(simulation.engine.sums(ended(simulation, 10)[0]))
    for expected, found in zip(*ends, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
