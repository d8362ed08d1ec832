"""Exponents in float32 on every device against float64 on the CPU."""

import numpy as np
import pytest
import torch

from emergent_dynamics.reasoning import diagnose, model
from emergent_dynamics.reasoning.parameters import Diagnosis, Network
from emergent_dynamics.reasoning.tasks import Examples


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request):
    """A device that there is."""
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    return request.param


def test_exponents_of_a_network_are_those_of_float64(device):
    """Four steps in float32 on the device, against float64 on the CPU: rounding grows along the trajectory."""
    p = Network("trm", 5, 4, 16, 16, 1, "mlp", 4, 2.0, 1, 2, 2, 4, 1)
    grids = np.random.default_rng(0).integers(0, 5, (4, 16))
    names = Examples.__dataclass_fields__
    examples = Examples(**{name: np.arange(4) if name == "idx" else grids for name in names})
    found = []
    for dtype, where in ((torch.float64, "cpu"), (torch.float32, device)):
        weights = {k: v.to(where) for k, v in model.initial_weights(p, dtype).items()}
        found.append(diagnose.diagnose(weights, p, examples, Diagnosis(3, ("qr",), 0, "auto"), 1)["lyap_raw"])
    assert np.abs(found[0] - found[1]).max() < 1e-3
