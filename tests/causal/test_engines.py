"""The choice of the engine, and its record in the store."""

import pytest

from emergent_dynamics.causal import engines
from tests.causal.experiments import parameters


@pytest.mark.parametrize(
    "asked, device, name",
    [
        ("auto", "auto", "cpu"),
        ("auto", "cpu", "cpu"),
        ("reference", "auto", "reference"),
    ],
)
def test_the_engine_asked_for_computes(asked, device, name):
    engine = engines.choose(parameters(engine=asked, device=device))
    assert (engine.name, engine.device) == (name, "cpu")


def test_without_a_gpu_the_numba_kernel_computes_and_the_reason_says_so(monkeypatch):
    monkeypatch.setattr(engines.device, "missing", lambda: "numba-cuda is not installed")
    engine = engines.choose(parameters(device="cuda"))
    assert (engine.name, engine.device) == ("cpu", "cpu")
    assert "numba-cuda is not installed" in engine.reason and "direct kernel" in engine.reason


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"tokens": 256, "runs": 64}, "Fourier kernel, 60 harmonics, a run in every SIMD lane"),
        ({"tokens": 256, "runs": 1}, "Fourier kernel, 60 harmonics, a segment of a run in every SIMD lane"),
        ({"tokens": 256, "runs": 64, "integrator": "ode"}, "a segment of a run in every SIMD lane"),
        ({"tokens": 32}, "32 tokens are too few"),
        ({"dimension": 3}, "direct kernel: d > 2"),
        ({"query": [[1, 1], [0, 1]]}, "Q^T K not scaled orthogonal"),
    ],
)
def test_the_kernel_and_its_reason_are_recorded(changes, said):
    assert said in engines.choose(parameters(**changes)).reason
