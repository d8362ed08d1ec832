"""Exponents of a network on a card against the CPU in float64: `make test-gpu`.

A chaotic network differs between devices after a few steps, so only its first step is compared.
"""

import numpy as np
import pytest
import torch

from emergent_dynamics import device
from emergent_dynamics.reasoning import diagnose, model
from emergent_dynamics.reasoning.kernels import exponents
from emergent_dynamics.reasoning.parameters import Diagnosis, Network
from emergent_dynamics.reasoning.tasks import Examples
from tests.reasoning.kernels.test_fused import rolled

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(device.SIMULATED or not device.available(), reason="no CUDA device"),
]


@pytest.mark.parametrize("norm", ["width", "positions"])
def test_exponents_are_those_of_float64(norm):
    """64 puzzles of 6 x 6, k = 8: log R of the first step within 1e-3; steps by a graph are steps without one."""
    p = Network("trm", 7, 6, 36, 64, 2, "mlp", 4, 2.0, 1, 2, 2, 3, 1, norm)
    question = torch.from_numpy(np.random.default_rng(0).integers(0, 7, (64, 36)))
    found = []
    for dtype, where in ((torch.float64, "cpu"), (torch.float32, "cuda"), (torch.float32, "cuda")):
        w = {name: value.to(where) for name, value in model.initial_weights(p, dtype).items()}
        q = exponents.tangents(1, np.arange(64), p.state_size, 8, dtype).to(where)
        states, log_r = rolled(w, p, model.embed(w, question.to(where), p), q)
        found.append((states.cpu(), log_r.cpu()))
    assert (found[0][1][:, 0] - found[1][1][:, 0]).abs().max() < 1e-3
    assert (found[0][0][:, 1] - found[1][0][:, 1]).abs().max() < 1e-3
    assert all(torch.equal(a, b) for a, b in zip(found[1], found[2], strict=True))


def test_a_diagnosis_on_the_card_is_that_of_the_cpu():
    """32 puzzles, all outcomes in float64: drift to 1e-9 of the norm in the first steps, log R of the first to 1e-3."""
    p = Network("trm", 5, 4, 16, 32, 1, "mlp", 4, 2.0, 1, 2, 2, 4, 1, "positions")
    rng = np.random.default_rng(1)
    question, answer = rng.integers(0, 5, (32, 16)), rng.integers(0, 4, (32, 16))
    few = Examples(question, answer, np.arange(32), np.arange(32), np.full(32, 4), np.ones(32))
    weights = model.initial_weights(p)
    found = []
    for where in ("cpu", "cuda"):
        placed = {name: value.to(where) for name, value in weights.items()}
        found.append(diagnose.diagnose(placed, p, few, Diagnosis(4, ("qr",), 0, "auto"), 1))
    assert np.abs(found[0]["drift_zH"][:, :2] - found[1]["drift_zH"][:, :2]).max() < 1e-9 * p.scale
    assert np.abs(found[0]["logR"][:, 0] - found[1]["logR"][:, 0]).max() < 1e-3
