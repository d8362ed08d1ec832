"""The Triton kernel against `model.step`, in Triton's interpreter: no GPU is needed.

The interpreter must be switched on before Triton is imported, so the first test runs the others in another process.
"""

import importlib.util

import numpy as np
import pytest

from emergent_dynamics.causal import model
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.config import load
from tests.gpu.simulator import INTERPRETED, INTERPRETER, assert_passes, interpreted, launches

if INTERPRETED:
    from emergent_dynamics.causal.kernels import triton_sums


@launches
@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="triton is not installed")
def test_the_kernel_passes_in_the_interpreter():
    """All other tests of this file."""
    assert_passes(__file__, INTERPRETER)


def random_matrix(d):
    """A d x d matrix with |.|_2 = 1."""
    a = np.random.default_rng(0).normal(size=(d, d))
    return (a / np.linalg.norm(a, 2)).tolist()


KINDS = {
    "causal softmax": {},
    "every token": {"mask": "none"},
    "unnormalised": {"attention": "unnormalised", "beta": 1.0},
    "any form": {"query": random_matrix(12), "value": random_matrix(12), "beta": 30.0},
    "any form, every token": {"query": random_matrix(12), "mask": "none"},
}


@interpreted
@pytest.mark.parametrize("kind", KINDS)
def test_steps_are_those_of_the_reference(kind, monkeypatch):
    """To the rounding of one step each; tiles and chunks that do not divide the tokens, 12 coordinates of 16."""
    for name, value in (("ROWS", 16), ("KEYS", 16), ("CHUNK", 32)):
        monkeypatch.setattr(triton_sums, name, value)
    given = {"tokens": 41, "dimension": 12, "runs": 2, "steps": 10} | KINDS[kind]
    found = load({"experiments": {"causal": {"x": given}}}, ["test"]).parameters("causal", "x")
    p = Parameters.from_config(found)
    x = model.initial(p)
    device = triton_sums.Device(p, x, "cpu")
    device.advance(2)
    assert np.abs(device.state() - model.step(model.step(x, p), p)).max() < 3e-15
