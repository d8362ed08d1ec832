"""The flow on CUDA against `ode.flow`, in Numba's simulator: no GPU is needed. Odd sizes, every kind of attention.

The simulator must be switched on before Numba is imported, so the first test runs the others in a separate process.
"""

import numpy as np
import pytest

from emergent_dynamics.causal import model, resources
from emergent_dynamics.causal.kernels import ode
from tests.causal.experiments import CASES, parameters
from tests.gpu.simulator import SIMULATED, SIMULATOR, assert_passes, launches, simulated

if SIMULATED:
    from emergent_dynamics.causal.kernels import cuda, cuda_flow

    cuda_flow.WARP = 4  # threads cost milliseconds here


@launches
def test_the_flow_passes_in_the_simulator():
    """All other tests of this file."""
    assert_passes(__file__, SIMULATOR)


def begun(p):
    """The state at the start."""
    return {"x": model.initial(p), "step_size": np.zeros(p.runs), "evaluations": np.zeros(p.runs, np.int64)}


@simulated
@pytest.mark.parametrize("case", ["circle", "sphere, any Q, K, V", "unnormalised"])
def test_the_flow_takes_the_steps_of_the_compiled_one(case):
    """Five tokens, in two intervals: evaluations equal, ends within 1e-12."""
    p = parameters(**{**CASES[case], "tokens": 5, "runs": 1, "tolerance": 1e-2, "integrator": "ode"})
    state, flow = begun(p), cuda_flow.Flow(p, begun(p))
    for start, stop in ((0.0, 0.02), (0.02, 0.04)):
        flow.advance(start, stop)
        ode.flow(state["x"], state["step_size"], state["evaluations"], p, start, stop)
    found = flow.state()
    assert found["evaluations"].min() > 8
    for name, allowed in (("evaluations", 0), ("x", 1e-12), ("step_size", 1e-9)):
        np.testing.assert_allclose(found[name], state[name], rtol=0, atol=allowed)


@simulated
def test_a_state_goes_on_with_the_same_bits():
    """From a checkpoint between two save points: as without it."""
    p = parameters(**{**CASES["circle"], "tokens": 5, "runs": 1, "tolerance": 1e-2, "integrator": "ode"})
    whole = cuda_flow.Flow(p, begun(p))
    whole.advance(0.0, 0.01)
    resumed = cuda_flow.Flow(p, whole.state())
    for flow in (whole, resumed):
        flow.advance(0.01, 0.02)
    for name, value in whole.state().items():
        assert np.array_equal(value, resumed.state()[name])


@simulated
def test_what_a_block_does_not_hold_stays_on_the_cpu():
    for d in (2, 3, 8):  # what `resources.gpus` counts with
        most = parameters(dimension=d, tokens=resources.FLOW_HOLDS // (2 * d + 1))
        assert cuda_flow.unsupported(most) == ""
    assert "as many tokens as a block holds" in cuda_flow.unsupported(parameters(dimension=3, tokens=2000))
    assert "at most 8 dimensions" in cuda_flow.unsupported(parameters(dimension=9))
    assert cuda.unsupported(parameters(dimension=3)) == ""
