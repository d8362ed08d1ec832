"""The fast path against the reference on the same draws, and both against the seed's numbers."""

import numpy as np
import pytest
import torch
from scipy.ndimage import zoom
from sklearn.datasets import load_digits

from emergent_dynamics.oscillators import draws, images, model, theory
from emergent_dynamics.oscillators.codes import CODES, decode
from emergent_dynamics.oscillators.kernels import cpu, planes, sums

CASES = {
    "seed": {},
    "wide": {"channels": 7},
    "fixed input": {"evolve_input": False},
    "torus": {"periodic": (True, True, True)},
    "mean": {"normalise": "mean", "periodic": (False, True, False)},
    "one channel": {"channels": 1},
    "rotation": {"omega_mode": "rotation", "channels": 6},
    "all to all": {"topology": "all_to_all", "normalise": "mean"},
    "lag": {"lag": 0.7, "periodic": (True, False, True)},
    "lag, all to all": {"topology": "all_to_all", "normalise": "mean", "lag": -2.0},
}
EXACT = [
    "seed",
    "torus",
    "mean",
    "one channel",
    "all to all",
]  # in float64 too: each compiled variant costs 5 s


@pytest.mark.parametrize(
    ("dtype", "tolerance", "case"),
    [("float64", 1e-13, case) for case in EXACT] + [("float32", 3e-6, case) for case in CASES],
)
def test_the_kernel_is_the_reference(parameters, run, case, dtype, tolerance):
    """13 steps of every variant: within rounding (13 steps times a few ulp)."""
    p = parameters(height=11, width=13, frequency=0.12, **{"evolve_input": True, **CASES[case]})
    if case == "all to all":
        natural = draws.draw_natural(1, 2, p.shape, "gaussian", 1.0)
        p = parameters(height=11, width=13, evolve_input=True, **CASES[case], natural=natural)
    start = model.initial(draws.draw_phases(1, 2, p.shape), draws.draw_phases(2, 2, p.shape))
    expected, found = run(start, p, 13, "reference"), run(start, p, 13, dtype)
    assert np.abs(found.z - expected.z).max() < tolerance
    assert np.abs(found.c - expected.c).max() < tolerance
    assert (found.spike != expected.spike).sum() <= (0 if dtype == "float64" else 2)


def test_steps_may_be_cut_anywhere(parameters):
    """Two times 8 steps are 16, and a recorded run is the plain one, bit for bit."""
    p = parameters(height=9, width=70, frequency=0.12, evolve_input=True)
    where, k = planes.layout(p.shape), cpu.constants(p)
    start = model.initial(draws.draw_phases(1, 2, p.shape), draws.draw_phases(2, 2, p.shape))
    fields = [[planes.pack(a, where, p.periodic, np.float32) for a in (start.z, start.c)] for _ in range(3)]
    cpu.advance(*fields[0], k, 16)
    cpu.advance(*fields[1], k, 7)
    cpu.advance(*fields[1], k, 9)
    history, _ = cpu.record(*fields[2], k, 16)
    for z, c in fields[1:]:
        assert np.array_equal(z, fields[0][0]) and np.array_equal(c, fields[0][1])
    assert np.array_equal(history[:, -1], fields[0][0])


def test_blocks_of_rows_change_nothing(parameters, monkeypatch):
    """A large field is swept in blocks; every cell sees the same numbers in the same order."""
    p = parameters(height=33, width=20, frequency=0.12, evolve_input=True)
    where = planes.layout(p.shape)
    start = model.initial(draws.draw_phases(1, 1, p.shape), draws.draw_phases(2, 1, p.shape))
    ends = []
    for block in (1 << 20, 1):
        monkeypatch.setattr(cpu, "BLOCK_BYTES", block)
        z, c = (planes.pack(a, where, p.periodic, np.float32) for a in (start.z, start.c))
        cpu.advance(z, c, cpu.constants(p), 5)
        ends.append(z)
    assert np.array_equal(*ends)


@pytest.mark.parametrize(
    "changes", [{}, {"periodic": (True, True, True)}, {"normalise": "mean", "periodic": (True, False, True)}]
)
def test_the_kernels_sums_are_the_references(parameters, changes):
    p = parameters(height=6, width=9, **changes)
    field = model.initial(draws.draw_phases(1, 2, p.shape), draws.draw_phases(2, 2, p.shape))
    where = planes.layout(p.shape)
    z, c = (planes.pack(a, where, p.periodic, np.float64) for a in (field.z, field.c))
    mean, energy = np.zeros((2, p.channels), complex), np.zeros(2)
    weight = model.degree(p) if p.normalise == "mean" else np.ones(p.shape)
    lattice = sums.Lattice(where.start, where.pitch, p.height, p.width, *p.periodic)
    sums.observe(z, c, weight, lattice, (p.coupling, p.bias), mean, energy)
    expected = model.observe(field, p)
    np.testing.assert_allclose(mean, expected["mean_field"], atol=1e-15)
    np.testing.assert_allclose(energy, expected["energy"], rtol=1e-13)


def test_phase_codes_are_the_nearest():
    """Half a code is 4.8e-5 rad; every octant, the axes and the cut at pi included."""
    theta = np.concatenate([np.linspace(-np.pi, np.pi, 7991), np.arange(-4, 5) * np.pi / 4]).reshape(
        1, 1, 1, -1
    )
    where = planes.layout(theta.shape[1:])
    codes = np.zeros(theta.shape, np.uint16)
    packed = planes.pack(np.exp(1j * theta), where, (False,) * 3, np.float32)
    planes.encode(packed, where.start, where.pitch, 1, theta.size, codes)
    off = np.angle(np.exp(1j * (decode(codes) - theta)))
    assert np.abs(off).max() < np.pi / CODES + 5e-7


def seeds_start(parameters, **changes):
    """The seed's own draws: torch.rand then numpy.random.rand after seeding both with 42, first 3 of scikit-learn."""
    torch.manual_seed(42)
    phases = (torch.rand(28, 28, 4) * 2 * np.pi).numpy()
    u = np.random.RandomState(42).rand(4, 4)
    digits = load_digits()
    image = zoom(digits.images[np.flatnonzero(digits.target == 3)[0]] / 16.0, 28 / 8, order=1)
    p = parameters(frequency=0.12, evolve_input=True, omega=u - u.T, **changes)
    start = model.initial(phases.transpose(2, 0, 1)[None], images.map_intensity(image, "seed")[None, None])
    return p, start


def test_the_reference_repeats_the_seeds_run(parameters):
    """V18, V19, V20.

    R(t) to 1e-4 and spike fractions of the seed; float32 within 5e-4 of float64, spikes within 3e-5.
    """
    p, field = seeds_start(parameters)
    where = planes.layout(p.shape)
    z, c = (planes.pack(a, where, p.periodic, np.float32) for a in (field.z, field.c))
    history, spikes = cpu.record(z, c, cpu.constants(p), 512)
    fast, fast_spikes = planes.unpack(history[0], where), planes.interior(spikes[0], where)
    order, fraction, differ = {}, [], 0
    for t in range(512):
        field = model.step(field, p)
        order[t] = abs(field.z.mean())
        fraction.append(field.spike.mean())
        differ += (field.spike[0] != fast_spikes[t]).sum()
    for t, expected in theory.SEED_R.items():
        assert order[t] == pytest.approx(expected, abs=1e-4)
    for t, expected in theory.SEED_SPIKE_FRACTION.items():
        assert fraction[t] == pytest.approx(
            expected, abs=1.5 / 3136
        )  # the seed's is complex64: one unit may differ
    assert np.mean(fraction) == pytest.approx(theory.SEED_MEAN_SPIKE_FRACTION, abs=1e-4)
    assert np.abs(fast[-1] - field.z[0]).max() <= 5e-4
    assert differ <= 3e-5 * 1_605_632
