"""Every system's torch path against what computes without it; on the CPU, and on CUDA where there is a device.

The suite of `causal` is in tests/causal/kernels/test_gpu.py.
"""

import numpy as np
import pytest
import torch

from emergent_dynamics.config import load
from emergent_dynamics.nca import simulation as nca
from emergent_dynamics.oscillators import simulation as oscillators
from emergent_dynamics.reasoning import diagnose, model
from emergent_dynamics.reasoning.parameters import Network
from emergent_dynamics.reasoning.tasks import Examples


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request):
    """A device that there is."""
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    return request.param


def parameters(system, **given):
    """An experiment with all its defaults."""
    return load({"experiments": {system: {"x": given}}}, ["test"]).parameters(system, "x")


def ended(simulation, steps):
    """The state after some steps, and its frame."""
    state = simulation.advance(simulation.initial(), 0, steps)
    return state, simulation.observe(state)


def test_the_field_of_oscillators_is_the_kernels(device):
    """Ten steps in complex64: each rounds by 1e-7 and the kernel in float32 as much."""
    ends = []
    for engine, where in (("cpu", "cpu"), ("torch", device)):
        given = parameters("oscillators", height=12, width=10, channels=3, engine=engine, device=where)
        simulation = oscillators.build(given)
        ends.append(simulation.engine.sums(ended(simulation, 10)[0]))
    for expected, found in zip(*ends, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_the_genomes_of_cells_are_the_kernels(device):
    """The same draws decide who inherits: ids equal after 20 generations, alpha to its stored decimal or the next."""
    frames = []
    for engine, where in (("cpu", "cpu"), ("torch", device)):
        given = {"width": 20, "height": 16, "update": "synchronous", "seed_fraction": 0.2, "inheritance": 0.4}
        simulation = nca.build(parameters("nca", **given, engine=engine, device=where))
        frames.append(ended(simulation, 20)[1])
    assert np.array_equal(frames[0]["gid"], frames[1]["gid"])
    assert np.abs(frames[0]["alpha"].astype(int) - frames[1]["alpha"]).max() <= 1


def test_exponents_of_a_network_are_those_of_float64(device):
    """Four steps in float32 on the device, against float64 on the CPU: rounding grows along the trajectory."""
    p = Network("trm", 5, 4, 16, 16, 1, "mlp", 4, 2.0, 1, 2, 2, 4, 1)
    grids = np.random.default_rng(0).integers(0, 5, (4, 16))
    names = Examples.__dataclass_fields__
    examples = Examples(**{name: np.arange(4) if name == "idx" else grids for name in names})
    found = []
    for dtype, where in ((torch.float64, "cpu"), (torch.float32, device)):
        weights = {k: v.to(where) for k, v in model.initial_weights(p, dtype).items()}
        found.append(diagnose.diagnose(weights, p, examples, 3, ["qr"], 1)["lyap_raw"])
    assert np.abs(found[0] - found[1]).max() < 1e-3
