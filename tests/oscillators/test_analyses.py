"""Findings on fields made by hand, then on short runs. Exact first."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from emergent_dynamics import streams
from emergent_dynamics.config import schema
from emergent_dynamics.oscillators import defects, energy, experiment, locking, order, projection, spikes
from emergent_dynamics.oscillators.simulation import OscillatorSimulation


def given(**changes):
    return schema.resolve(schema.read_schemas()[1]["oscillators"], changes)


def trajectory(theta=None, spike=None, **changes):
    """A trajectory made by hand (theta), or by running the experiment, as a store would show it."""
    if theta is not None:
        time = np.arange(theta.shape[1])
        spike = np.zeros(theta.shape, bool) if spike is None else spike
        field, frame = ("run", "time", "channel", "y", "x"), ("run", "time")
        mean = np.exp(1j * theta).mean((3, 4))
        columns = {
            "theta": (field, theta), "spike": (field, spike), "order": (frame, np.abs(mean.mean(2))),
            "channel_order": (("run", "time", "channel"), np.abs(mean)), "speed": (frame, np.ones(theta.shape[:2])),
        }  # fmt: skip
        return xr.Dataset(columns, {"time": ("time", 0.5 * time), "step": ("time", time)})
    sim = OscillatorSimulation(experiment.from_config(given(store_dtype="float32", **changes)))
    state, frames = sim.initial(), []
    for k, stop in enumerate(sim.schedule):
        state = sim.advance(state, sim.schedule[k - 1], stop) if k else state
        frames.append({name: np.copy(v) for name, v in sim.observe(state).items()})
    columns = {}
    for name, variable in sim.variables().items():
        if variable.kind == "frame":
            columns[name] = (variable.dims, np.stack([f[name] for f in frames], variable.dims.index("time")))
    clock = {name: columns.pop(name) for name in ("time", "step")}
    return xr.Dataset(columns, clock)


def vortex(height=28, width=28):
    y, x = np.mgrid[:height, :width]
    return np.arctan2(y - 13.5, x - 13.5)


def test_a_vortex_is_one_defect_of_charge_one_at_its_core():
    """V12. atan2(y - 13.5, x - 13.5) winds once around the square at (13, 13) and nowhere else."""
    code = defects.codes(vortex())
    found = defects.winding(code)
    assert found.sum() == 1 and found[13, 13] == 1 and np.abs(found).sum() == 1
    assert defects.boundary_winding(code) == 1
    assert defects.winding(defects.codes(-vortex())).sum() == -1


def test_a_third_of_random_squares_winds():
    """V11. Four independent phases: P(w != 0) = 1/3; 100,489 squares, neighbours share links (4 SE of 0.0015 x 1.2)."""
    theta = 2 * np.pi * streams.uniform(1, "test.vortex", 0, 0, 318 * 318).reshape(318, 318) - np.pi
    assert abs((defects.winding(defects.codes(theta)) != 0).mean() - 1 / 3) < 0.007


@pytest.mark.parametrize(
    ("y", "x"), [("open", "open"), ("periodic", "open"), ("open", "periodic"), ("periodic", "periodic")]
)
def test_windings_sum_to_the_windings_of_the_boundary(y, x):
    """Stokes, exact on codes: on a torus the sum is 0, on a cylinder that of its two rims."""
    theta = (
        2 * np.pi * streams.uniform(2, "test.vortex", 0, 0, 2 * 3 * 2 * 9 * 8).reshape(2, 3, 2, 9, 8) - np.pi
    )
    found = defects.find(trajectory(theta), {"y": y, "x": x})
    assert (found["charge"] == found["boundary"]).all()
    assert (found["positive"] - found["negative"] == found["charge"]).all()
    if (y, x) == ("periodic", "periodic"):
        assert (found["charge"] == 0).all()


def test_order_of_perfect_fields():
    """All equal: 1 everywhere and entropy 0. Two opposite halves: global 0 while both windows are at 1."""
    theta = np.zeros((1, 2, 2, 4, 8))
    theta[0, 1, :, :, 4:] = np.pi - 1e-9
    found, _ = order.find(trajectory(theta), radius=1)
    assert found["order"].to_numpy() == pytest.approx([1, 0], abs=1e-9)
    assert found["entropy"].to_numpy() == pytest.approx([0, np.log(2) / np.log(64)])


def test_a_window_has_its_own_pixels_and_an_incomplete_edge_has_none():
    """3 x 3 windows of a 4 x 8 image: one in step, one with a row against two, and six pixels by the edge in none."""
    z = np.ones((2, 4, 8), complex)
    z[:, 0, 3:6] = z[:, 3] = z[:, :, 6:] = -1
    assert order.window_order(z, radius=1) == pytest.approx([1, 1 / 3])
    assert order.window_order(np.ones((1, 600, 600)), radius=1).shape == (40_000,)


def test_chimera_and_metastability_of_two_windows():
    """R = 1 and 0 for good: variance 1/2 across, 0 along. Both alternating 1, 0, 1, 0: 0 across, 1/3 along."""
    still = np.tile([1.0, 0.0], (4, 1))
    assert order.indices(still) == (pytest.approx(0.5 / (5 / 36)), 0.0)
    assert order.indices(np.array([[1.0, 1], [0, 0], [1, 1], [0, 0]])) == (0.0, pytest.approx((1 / 3) * 12))
    assert np.isnan(order.indices(np.ones((1, 1)))).all()


def test_convergence_is_the_last_time_that_the_field_was_fast():
    table = pd.DataFrame(
        {
            "run": [0] * 4 + [1] * 4,
            "time": [0.0, 1, 2, 3] * 2,
            "speed": [np.nan, 0.1, 0.5, 0.1, np.nan, 1, 1, 1],
        }
    )
    found = order.convergence(table, 0.2)
    assert found["time"].iloc[0] == 3.0
    assert np.isnan(found["time"].iloc[1]) and found["reason"].iloc[1] == "still moving at the end"


def test_spikes_as_level_events_and_first_time():
    """One unit: 0 1 1 0 1: rate 3/5, events at 1 and 4, first at 0.5, last at 2.0; the other never."""
    level = np.zeros((1, 5, 1, 1, 2), bool)
    level[0, [1, 2, 4], 0, 0, 0] = True
    found = spikes.find(trajectory(np.zeros(level.shape), level))
    assert list(found.rates["rate"]) == [0, 0.5, 0.5, 0, 0.5]
    assert list(found.rates["events"]) == [0, 0.5, 0, 0, 0.5]
    assert found.first.ravel() == pytest.approx([0.5, np.nan], nan_ok=True)
    assert found.last.ravel() == pytest.approx([2.0, np.nan], nan_ok=True)
    assert list(found.events.ravel()) == [2, 0]


def test_locking_of_equal_and_of_drifting_frequencies():
    """Equal frequencies with any offset: PLV 1. One turn apart over the window: 0."""
    t = np.arange(200) * 2 * np.pi / 100
    theta = np.stack([t, t + 1.0, 2 * t])[:, :].T.reshape(1, 200, 1, 1, 3)
    plv = locking.find(trajectory(np.angle(np.exp(1j * theta))))[0]
    assert plv[0, 1] == pytest.approx(1.0) and plv[0, 2] == pytest.approx(0.0, abs=1e-12)
    assert locking.summarise(plv[None])["phase_locked_pairs"].value == pytest.approx(1 / 3)


def test_a_joint_basis_keeps_its_axes():
    """A frame that is a copy of another is projected onto the same points, which a basis per frame need not do."""
    theta = np.angle(np.exp(1j * np.random.default_rng(1).normal(size=(1, 6, 3, 5, 5))))
    theta[:, 4] = theta[:, 1]
    found = projection.find(trajectory(theta), "pca", 6, 25, 1)
    np.testing.assert_allclose(found.position[4], found.position[1], atol=1e-12)
    x = projection.features(theta[0]).reshape(-1, 6)
    share = np.linalg.svd(x - x.mean(0), compute_uv=False) ** 2
    assert found.explained == pytest.approx((share / share.sum())[:2])


@pytest.mark.parametrize("method", projection.METHODS)
def test_every_projection_has_its_shape(method):
    theta = np.random.default_rng(1).uniform(-3, 3, (1, 6, 2, 4, 5))
    found = projection.find(trajectory(theta), method, 3, 10, 1)
    assert found.position.shape == (3, 10, 2) and np.isfinite(found.position).all()
    assert list(found.frame) == [0, 2, 5] or list(found.frame) == [0, 3, 5]


@pytest.mark.parametrize(
    "changes", [{"frequency": 0}, {"frequency": 0, "boundary": {"x": "periodic", "y": "periodic"}}]
)
def test_the_energy_of_a_run_never_rises(changes):
    """The run-time check of V8, on the float32 kernel with an input that follows, for 512 steps."""
    settings = given(**changes)
    found = energy.find(trajectory(**changes))
    rows = energy.summarise(found, settings)
    assert rows["energy_rises"].value == 0 and rows["energy_rises"].ok
    limit, reason = energy.bound(settings)
    assert limit > settings["step_size"] and reason == ""


def test_no_bound_is_claimed_where_none_is_known():
    limit, reason = energy.bound(given())
    assert np.isnan(limit) and "Omega acts" in reason


def test_a_runs_headlines_agree_with_theory():
    """V10, V11 at the start of 4 runs; all-to-all Lorentzian units at K = 4 in V13."""
    settings = given(runs=4, steps=4)
    ran = trajectory(runs=4, steps=4)
    table, chimera = order.find(ran, 2)
    rows = order.summarise(table, chimera, order.convergence(table, 0.01), settings)
    assert rows["order_start"].ok and rows["convergence_time"].note == "4 of 4 runs undefined"
    rows = defects.summarise(defects.find(ran, settings["boundary"]), settings)
    assert rows["defect_fraction_start"].ok and rows["defect_conservation_violations"].ok


def test_the_stationary_order_of_all_to_all_units_is_kuramotos():
    """V13, V14 as a headline: Gaussian frequencies at K = 3, 3000 units, the cpu kernel."""
    setting = {
        "topology": "all_to_all", "normalise": "mean", "coupling": 3.0, "bias": 0.0, "frequency": 0.0, "channels": 1,
        "height": 50, "width": 60, "natural": {"distribution": "gaussian"}, "step_size": 0.02, "steps": 1000,
        "save": {"every": 50}, "input": {"source": "uniform"},
    }  # fmt: skip
    table, chimera = order.find(trajectory(**setting), 2)
    rows = order.summarise(table, chimera, order.convergence(table, 0.01), given(**setting))
    assert rows["order_stationary"].ok
