"""The CUDA kernels against `model.step`, in Numba's simulator: no GPU is needed. Every mask, form and number of lanes.

The simulator must be switched on before Numba is imported, so the first test runs the others in a separate process.
"""

import numpy as np
import pytest

from emergent_dynamics.causal import model
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.config import load
from tests.gpu.simulator import SIMULATED, SIMULATOR, assert_passes, launches, simulated

if SIMULATED:
    from emergent_dynamics.causal.kernels import cuda, cuda_kernels


@launches
def test_the_kernels_pass_in_the_simulator():
    """All other tests of this file."""
    assert_passes(__file__, SIMULATOR)


def parameters(**given):
    """An experiment with all its defaults."""
    given = {"tokens": 19, "dimension": 3, "runs": 2, "steps": 10} | given
    found = load({"experiments": {"causal": {"x": given}}}, ["test"]).parameters("causal", "x")
    return Parameters.from_config(found)


def moved(p, steps):
    """x after some steps of the reference."""
    x = model.initial(p)
    for _ in range(steps):
        x = model.step(x, p)
    return x


TURN = [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.5]]
KINDS = {
    "causal softmax": {},
    "circle": {"dimension": 2},
    "every token": {"mask": "none"},
    "unnormalised": {"attention": "unnormalised", "beta": 1.0},
    "any form": {"query": TURN, "value": "plane"},
    "any form, every token": {"query": TURN, "mask": "none"},
    "steep": {"beta": 900.0, "query": TURN},
    "five dimensions": {"dimension": 5},
}


@simulated
@pytest.mark.parametrize("lanes", [0, 1, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_steps_are_those_of_the_reference(kind, lanes, monkeypatch):
    """To the rounding of one step each; lanes 0 is streaming, with tiles and chunks that do not divide the tokens."""
    monkeypatch.setattr(cuda, "resident_lanes", lambda *size: lanes)
    for name, value in (("TILE", 4), ("CHUNK", 8), ("STEPS", 1)):
        monkeypatch.setattr(cuda, name, value)
    p = parameters(**KINDS[kind])
    device = cuda.Device(p, model.initial(p))
    device.advance(2)
    assert np.abs(device.state() - moved(p, 2)).max() < 3e-15


@simulated
@pytest.mark.parametrize("lanes", [0, 2])
def test_frames_are_the_states_on_the_way(lanes, monkeypatch):
    """Every second step; the state goes on with the same bits."""
    monkeypatch.setattr(cuda, "resident_lanes", lambda *size: lanes)
    monkeypatch.setattr(cuda, "TILE", 8)
    p = parameters(tokens=9)
    device, again = (cuda.Device(p, model.initial(p)) for _ in range(2))
    frames = device.frames(device.record(2, 2))
    assert frames.shape == (2, 2, 9, 3)
    again.advance(2)
    assert np.array_equal(frames[0], again.state())
    resumed = cuda.Device(p, again.state())
    resumed.advance(2)
    assert np.array_equal(frames[1], resumed.state())
    assert np.array_equal(frames[1], device.state())


@simulated
def test_the_exponential_is_accurate_to_the_last_bits():
    """Over all scores that it takes."""
    table = np.repeat(cuda_kernels.powers(), cuda_kernels.COPIES)
    scores = -np.geomspace(1e-6, 699.0, 500)
    found = [float(cuda_kernels.exponential.fn(np.float64(s * cuda_kernels.UNIT), table, 3)) for s in scores]
    unit = scores * cuda_kernels.UNIT  # what is left of rounding s * UNIT: s eps
    assert np.abs(np.array(found) / np.exp(unit / cuda_kernels.UNIT) - 1).max() < 1e-12
    assert np.abs(np.array(found[:300]) / np.exp(scores[:300]) - 1).max() < 1e-15


@simulated
def test_runs_that_do_not_fit_a_block_are_streamed():
    """Shared memory is 48 KiB."""
    assert cuda_kernels.resident_lanes(256, 2, 64, 132) == 4
    assert cuda_kernels.resident_lanes(256, 2, 1056, 132) == 2
    assert cuda_kernels.resident_lanes(4096, 2, 1, 132) == 0


@simulated
def test_what_has_no_kernel_says_so():
    assert cuda.unsupported(parameters()) == ""
    assert "dimensions" in cuda.unsupported(parameters(dimension=9))
