"""Fields on a card against the CPU kernel, at sizes that fill it: `make test-gpu`.

Two runs on one card have equal bits, and a checkpoint goes on with the same bits.
"""

import numpy as np
import pytest

from emergent_dynamics import device
from emergent_dynamics.config import load
from emergent_dynamics.engines import Choice
from emergent_dynamics.oscillators import model
from emergent_dynamics.oscillators.engines import Fused
from emergent_dynamics.oscillators.kernels import cuda
from emergent_dynamics.oscillators.parameters import from_config

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(device.SIMULATED or not device.available(), reason="no CUDA device"),
]


def resolved(**given):
    """An experiment with all its defaults."""
    return load({"experiments": {"oscillators": {"x": given}}}, ["test"]).parameters("oscillators", "x")


def fields(**given):
    """Parameters, phases and inputs at random, and the device."""
    p = from_config(resolved(**given))
    rng = np.random.default_rng(0)
    phases, inputs = (rng.uniform(0, 2 * np.pi, (given["runs"], *p.shape)) for _ in range(2))
    start = model.initial(phases, inputs)
    return p, start, lambda state=None: cuda.Device(p, *(state or {"z": start.z, "c": start.c}).values())


SIZES = [
    {"height": 300, "width": 260, "channels": 4, "runs": 1},
    {"height": 301, "width": 67, "channels": 3, "runs": 2, "normalise": "mean"},
    {"height": 28, "width": 28, "channels": 4, "runs": 300},
    {"height": 21, "width": 17, "channels": 3, "runs": 9},
]
OTHERS = [
    {"height": 90, "width": 101, "channels": 3, "runs": 2, "integrator": "heun"},
    {"height": 90, "width": 101, "channels": 3, "runs": 2, "integrator": "rk4"},
    {"height": 301, "width": 67, "channels": 2, "runs": 2, "topology": "all_to_all", "normalise": "mean"},
    {
        "height": 33,
        "width": 29,
        "runs": 3,
        "topology": "all_to_all",
        "normalise": "mean",
        "integrator": "rk4",
    },
]


@pytest.mark.parametrize("size", OTHERS, ids=str)
def test_other_integrators_and_coupling_to_all_are_the_references(size):
    """16 steps: z and c within 2e-6 of float64, energy within 3e-7 of itself; equal bits again and when resumed."""
    p, start, begin = fields(**size, evolve_input=True)
    field = start
    for _ in range(16):
        field = model.step(field, p)
    device, again, half = begin(), begin(), begin()
    frames = device.frames(device.record(2, 8))
    state = device.state()
    assert np.abs(state["z"] - field.z).max() < 2e-6 and np.abs(state["c"] - field.c).max() < 2e-6
    energy = model.energy(field.z, field.c, p)  # coupled to all, it grows with the square of the units
    np.testing.assert_allclose(frames.energy[1], energy, rtol=3e-7, atol=5e-6 * field.z[0].size)
    assert np.abs(frames.mean[1] - field.z.mean((-2, -1))).max() < 2e-6
    assert (frames.spike[1] != field.spike).mean() < 1e-4
    again.advance(16)
    half.advance(5)
    resumed = begin(half.state())
    resumed.advance(11)
    for name, value in state.items():
        assert np.array_equal(value, again.state()[name]), "two runs differ"
        assert np.array_equal(value, resumed.state()[name]), "a checkpoint changes the field"


@pytest.mark.parametrize("wraps", [False, True])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_fields_and_frames_are_the_cpu_kernels(size, wraps):
    """64 steps: z and c within 5e-6, codes within one, sums to rounding; record, advance and a checkpoint agree."""
    edges = dict.fromkeys(("channel", "y", "x"), "periodic" if wraps else "open")
    p, start, begin = fields(**size, boundary=edges, evolve_input=True)
    engine = Fused(p, Choice("cpu", "cpu", ""))
    state = engine.initial(start)
    engine.advance(state, 64)
    recorded, advanced, again = begin(), begin(), begin()
    frames = recorded.frames(recorded.record(2, 32))
    z, c = recorded.state().values()
    theta = engine.phases(state, "float32")
    assert np.abs(np.exp(1j * theta) - z).max() < 5e-6
    assert np.abs(np.exp(1j * engine.inputs(state)) - c).max() < 5e-6
    apart = (frames.phase[1].astype(int) - engine.phases(state, "uint16")) % 65536
    assert np.isin(apart, (0, 1, 65535)).all()
    assert (frames.spike[1] != state["spike"]).mean() < 1e-4
    mean, energy = engine.sums(state)
    assert np.abs(frames.mean[1] - mean).max() < 5e-6
    assert np.abs(frames.energy[1] - energy).max() < 5e-6 * z[0].size
    assert frames.speed[1] == pytest.approx(state["speed"], rel=1e-3)
    advanced.advance(64)
    again.record(2, 32)
    for name, value in again.state().items():
        assert np.array_equal(value, recorded.state()[name]), "two runs differ"
        assert np.array_equal(value, advanced.state()[name]), "frames change the field"
    half = begin()
    half.advance(40)
    resumed = begin(half.state())
    resumed.advance(24)
    assert np.array_equal(resumed.state()["z"], advanced.state()["z"]), "a checkpoint changes the field"
