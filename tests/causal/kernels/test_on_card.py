"""Tokens on a card against the CPU kernels, at sizes that fill it: `make test-gpu`.

Two runs on one card have equal bits, and a checkpoint goes on with the same bits.
"""

import numpy as np
import pytest

from emergent_dynamics import device
from emergent_dynamics.causal import model
from emergent_dynamics.causal.kernels import cpu, cuda, cuda_flow, ode
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


FLOWS = [
    {"runs": 64, "tokens": 256, "dimension": 3},
    {"runs": 200, "tokens": 255, "dimension": 2, "beta": 49},
    {"runs": 9, "tokens": 201, "dimension": 5, "mask": "none", "query": np.diag([1, -1, 2, 0.5, 1]).tolist()},
]


@pytest.mark.parametrize("given", FLOWS, ids=str)
def test_the_flow_is_the_cpu_kernels(given):
    """Until time 3 in two intervals: as many evaluations within 1 %, ends within 1e-8; equal bits again and resumed."""
    p = Parameters.from_config(resolved(**given, integrator="ode"))
    start = {"x": model.initial(p), "step_size": np.zeros(p.runs), "evaluations": np.zeros(p.runs, np.int64)}
    flows = [cuda_flow.Flow(p, start) for _ in range(2)]
    state = {name: value.copy() for name, value in start.items()}
    for begun, stop in ((0.0, 1.0), (1.0, 3.0)):
        ode.flow(state["x"], state["step_size"], state["evaluations"], p, begun, stop)
        flows[0].advance(begun, stop)
        flows[1].advance(begun, stop)
        flows[1] = cuda_flow.Flow(p, flows[1].state())
    found = flows[0].state()
    for name, value in found.items():
        assert np.array_equal(value, flows[1].state()[name]), "two runs, or a resumed one, differ"
    assert np.abs(found["evaluations"] / state["evaluations"] - 1).max() < 0.01
    assert np.abs(found["x"] - state["x"]).max() < 1e-8
