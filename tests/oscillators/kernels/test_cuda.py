"""The CUDA kernels against `model.step`, in Numba's simulator: no GPU is needed. Small fields, odd sizes, all edges.

The simulator knows no types and no registers (test_compile.py does). It must be switched on before Numba is
imported, so the first test runs the others in a separate process.
"""

import numpy as np
import pytest

from emergent_dynamics.config import load
from emergent_dynamics.engines import Choice
from emergent_dynamics.oscillators import codes, model, start
from emergent_dynamics.oscillators import parameters as resolved
from emergent_dynamics.oscillators.engines import Fused
from tests.gpu.simulator import SIMULATED, SIMULATOR, assert_passes, launches, simulated

if SIMULATED:
    from emergent_dynamics.oscillators.kernels import cuda, cuda_stages


@launches
def test_the_kernels_pass_in_the_simulator():
    """All other tests of this file."""
    assert_passes(__file__, SIMULATOR)


def parameters(wraps=False, **more):
    """Parameters and start of two runs of 5 x 4 sites, 3 channels."""
    edges = dict.fromkeys(("channel", "y", "x"), "periodic" if wraps else "open")
    given = {"height": 5, "width": 4, "channels": 3, "runs": 2, "boundary": edges} | more
    found = load({"experiments": {"oscillators": {"x": given}}}, ["test"]).parameters("oscillators", "x")
    phases, inputs, _ = start.from_config(found)
    return resolved.from_config(found), model.initial(phases, inputs)


def moved(field, p, steps):
    """The field after some steps and the one before it, by the reference."""
    before = field
    for _ in range(steps):
        before, field = field, model.step(field, p)
    return before, field


def close(device, field):
    """z and c agree: float32 rounds by 1e-7 per step."""
    state = device.state()
    assert np.abs(state["z"] - field.z).max() < 1e-6
    assert np.abs(state["c"] - field.c).max() < 1e-6


def frame_is(frames, at, before, field, p):
    """Frame `at` is what the reference observes: codes within one, spikes, sums to rounding."""
    seen = model.observe(field, p)
    apart = (frames.phase[at].astype(int) - codes.stored(seen["theta"], "uint16")) % 65536
    assert np.isin(apart, (0, 1, 65535)).all()
    assert np.array_equal(frames.spike[at], field.spike)
    assert np.abs(frames.mean[at] - seen["mean_field"]).max() < 1e-6
    units = field.z[0].size
    pairs = 3 * units if p.topology == "lattice" else units * (units - 1) / 2
    assert frames.energy[at] == pytest.approx(seen["energy"], abs=1e-7 * pairs)
    turn = np.angle(field.z * np.conj(before.z))
    speed = np.sqrt((turn**2).mean((-3, -2, -1))) / p.step_size
    assert frames.speed[at] == pytest.approx(speed, rel=1e-4)


@simulated
@pytest.mark.parametrize("resident", [True, False])
@pytest.mark.parametrize("wraps", [True, False])
@pytest.mark.parametrize("evolves", [True, False])
def test_frames_are_those_of_the_reference(resident, wraps, evolves, monkeypatch):
    """Three steps without a frame, then two frames of two steps; an odd height, so that a strip is cut."""
    if not resident:
        monkeypatch.setattr(cuda, "resident_shape", lambda s: (0, 0))
        monkeypatch.setattr(cuda, "STEPS", 2)
    p, start = parameters(wraps, evolve_input=evolves)
    device = cuda.Device(p, start.z, start.c)
    device.advance(3)
    frames = device.frames(device.record(2, 2))
    for at, steps in enumerate((5, 7)):
        frame_is(frames, at, *moved(start, p, steps), p)
    close(device, moved(start, p, 7)[1])


@simulated
@pytest.mark.parametrize(
    "more",
    [
        {"normalise": "mean"},
        {"omega_mode": "rotation"},
        {"natural": {"distribution": "gaussian", "scale": 1.0}, "normalise": "mean"},
        {"channels": 1},
        {"channels": 5},
    ],
    ids=str,
)
def test_other_experiments(more):
    """Coupling and rotation that differ from site to site, one channel, more than four."""
    p, start = parameters(more.get("channels") != 1, **more)
    device = cuda.Device(p, start.z, start.c)
    frames = device.frames(device.record(1, 3))
    before, field = moved(start, p, 3)
    frame_is(frames, 0, before, field, p)
    close(device, field)


EVERYONE = {"topology": "all_to_all", "normalise": "mean"}


@simulated
@pytest.mark.parametrize(
    "more",
    [
        {"integrator": "heun", "evolve_input": True},
        {"integrator": "rk4", "evolve_input": True, "wraps": True},
        {"integrator": "rk4", "normalise": "mean", "channels": 1, "omega_mode": "rotation"},
        EVERYONE | {"natural": {"distribution": "gaussian", "scale": 1.0}, "evolve_input": True},
        EVERYONE | {"natural": {"distribution": "gaussian", "scale": 1.0}, "integrator": "heun"},
        EVERYONE | {"normalise": "sum", "coupling": 0.02, "channels": 5, "integrator": "heun"},
    ],
    ids=str,
)
def test_every_integrator_and_topology_is_the_references(more):
    """Two steps, one of them without a frame."""
    p, start = parameters(**more, step_size=0.2)
    device = cuda.Device(p, start.z, start.c)
    device.advance(1)
    before, field = moved(start, p, 2)
    frame_is(device.frames(device.record(1, 1)), 0, before, field, p)
    close(device, field)


@simulated
def test_the_sum_over_all_units_adds_up_every_block(monkeypatch):
    """77 units by blocks of 8 threads: seven blocks of the most, whose sums are added by 16 threads."""
    monkeypatch.setattr(cuda_stages, "THREADS", 8)
    monkeypatch.setattr(cuda, "THREADS", 8)
    cuda_stages.make_total.cache_clear()
    p, start = parameters(**EVERYONE, channels=1, height=11, width=7, runs=1)
    device = cuda.Device(p, start.z, start.c)
    device.advance(1)
    close(device, moved(start, p, 1)[1])
    cuda_stages.make_total.cache_clear()


@simulated
def test_a_frame_of_the_start_has_no_spike():
    """Nothing has moved; the sums are those of the reference."""
    p, start = parameters()
    device = cuda.Device(p, start.z, start.c, dtype="float32")
    frames = device.frames(device.observe())
    assert not frames.spike.any()
    assert np.abs(np.angle(np.exp(1j * (frames.phase[0] - np.angle(start.z))))).max() < 1e-6
    assert frames.energy[0] == pytest.approx(model.energy(start.z, start.c, p), abs=1e-5)


@simulated
def test_a_state_goes_on_with_the_same_bits():
    """From a checkpoint, and cut in two: the same bits as in one."""
    p, start = parameters(evolve_input=True)
    whole, first = (cuda.Device(p, start.z, start.c) for _ in range(2))
    whole.advance(4)
    first.advance(1)
    state = first.state()
    second = cuda.Device(p, state["z"], state["c"])
    second.advance(3)
    for name, value in whole.state().items():
        assert np.array_equal(value, second.state()[name])


@simulated
def test_what_has_no_kernel_says_so():
    assert cuda.unsupported(parameters()[0]) == ""
    assert "at most 16 channels" in cuda.unsupported(parameters(channels=17)[0])
    assert cuda.unsupported(parameters(lag=0.1)[0]) == "the CUDA kernels have no phase lag"


@simulated
def test_the_cpu_kernel_gives_the_same_energy():
    """In float64 on both: 1e-9 of it would drown the last descent."""
    p, start = parameters()
    engine = Fused(p, Choice("cpu", "cpu", ""))
    state = engine.initial(start)
    engine.advance(state, 2)
    device = cuda.Device(p, start.z, start.c)
    found = device.frames(device.record(1, 2)).energy[0]
    assert found == pytest.approx(engine.sums(state)[1], abs=1e-5)
