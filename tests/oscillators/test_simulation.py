"""The simulation without a driver: frames, cuts, engines; then through the driver, into a store."""

import itertools
import types

import numpy as np
import pytest

from emergent_dynamics import driver, store
from emergent_dynamics.config import schema
from emergent_dynamics.oscillators import checks, engines
from emergent_dynamics.oscillators.codes import decode
from emergent_dynamics.oscillators.simulation import build

SMALL = {"height": 6, "width": 7, "channels": 3, "steps": 12, "runs": 2, "save": {"every": 5}}


def given(**changes):
    found = schema.resolve(schema.read_schemas()[1]["oscillators"], {**SMALL, **changes})
    assert schema.first_fault(schema.read_schemas()[1]["oscillators"], found) is None
    return found


def simulation(**changes):
    return build(given(**changes))


def frames(sim, cuts=()):
    """Every frame of a simulation, its intervals cut at extra clock values too."""
    state, shown = sim.initial(), []
    for start, stop in zip([None, *sim.schedule[:-1]], sim.schedule, strict=True):
        if start is not None:
            points = [start, *(c for c in cuts if start < c < stop), stop]
            for a, b in itertools.pairwise(points):
                state = sim.advance(state, a, b)
        shown.append({k: np.copy(v) for k, v in sim.observe(state).items()})
    return shown, sim.finish(state)


ENGINES = ["reference", "cpu"]


@pytest.mark.parametrize("engine", ENGINES)
def test_intervals_may_be_cut_anywhere(engine):
    """A checkpoint falls between frames; what is stored does not depend on it, bit for bit."""
    sim = simulation(engine=engine)
    plain, end = frames(sim)
    cut, cut_end = frames(sim, cuts=(1, 4, 6, 11))
    for a, b in zip(plain, cut, strict=True):
        for name in a:
            np.testing.assert_array_equal(a[name], b[name])
    np.testing.assert_array_equal(end["input_phase_end"], cut_end["input_phase_end"])


@pytest.mark.parametrize(
    "changes",
    [{}, {"boundary": {"x": "periodic", "channel": "periodic"}}, {"omega_mode": "rotation", "normalise": "mean"},
     {"topology": "all_to_all", "normalise": "mean", "natural": {"distribution": "gaussian"}}],
)  # fmt: skip
def test_the_engines_show_the_same(changes):
    """12 steps in float32 against float64: a code of phase is 9.6e-5 rad, sums agree to 1e-5."""
    for a, b in zip(
        frames(simulation(engine="reference", **changes))[0],
        frames(simulation(engine="cpu", **changes))[0],
        strict=True,
    ):
        off = np.angle(np.exp(1j * (decode(a["theta"]) - decode(b["theta"]))))
        assert np.abs(off).max() < 2e-4
        for name in ("order", "channel_order", "energy", "speed"):
            np.testing.assert_allclose(a[name], b[name], rtol=1e-4, atol=1e-5)


def test_every_frame_fits_its_layout():
    sim = simulation(store_dtype="float32")
    variables, (shown, end) = sim.variables(), frames(sim)
    state = sim.initial()
    for name, variable in variables.items():
        if variable.kind == "frame":
            at = variable.dims.index("time")
            found = shown[-1][name]
            assert found.shape == variable.shape[:at] + variable.shape[at + 1 :]
        else:
            found = state[name] if variable.kind == "static" else end[name]
            assert found.shape == variable.shape
        assert found.dtype == np.dtype(variable.dtype)
    assert list(sim.schedule) == [0, 5, 10, 12]
    assert not shown[0]["spike"].any() and np.isnan(shown[0]["speed"]).all()


def test_a_store_shows_phases_in_radians_from_the_start(tmp_path):
    """Through the driver: uint16 on disk, rad when read, t = 0 included, spikes bool; equal to what was simulated."""
    driver.run(simulation(), tmp_path / "checkpoint", tmp_path / "t.zarr", {"system": "oscillators"})
    stored, (shown, _) = store.open_complete(tmp_path / "t.zarr"), frames(simulation())
    assert stored["theta"].encoding["dtype"] == np.uint16 and stored["spike"].dtype == bool
    assert stored["theta"].dims == ("run", "time", "channel", "y", "x")
    assert list(stored["time"].values) == pytest.approx([0, 0.05, 0.10, 0.12])
    for k, frame in enumerate(shown):
        np.testing.assert_allclose(stored["theta"].values[:, k], decode(frame["theta"]), atol=1e-12)
        np.testing.assert_array_equal(stored["spike"].values[:, k], frame["spike"])


def test_auto_takes_the_kernel_and_says_why():
    assert simulation().notes() == {"engine": "cpu", "device": "cpu", "engine_reason": "the fastest on a CPU"}
    assert simulation(integrator="rk4").notes()["engine"] == "reference"


@pytest.mark.parametrize("integrator", ["heun", "rk4"])
def test_without_a_gpu_the_reference_takes_heun_and_rk4(integrator):
    """Never Euler's steps under their names."""
    sim = simulation(integrator=integrator, device="cuda")
    assert (sim.engine.name, sim.engine.device) == ("reference", "cpu")
    assert f"it has no {integrator}" in sim.notes()["engine_reason"]
    plain = simulation(integrator=integrator, engine="reference")
    np.testing.assert_array_equal(frames(sim)[0][-1]["theta"], frames(plain)[0][-1]["theta"])


def test_without_a_gpu_the_kernel_takes_its_place(monkeypatch):
    monkeypatch.setattr(engines.device, "missing", lambda: "numba-cuda is not installed")
    sim = simulation(device="cuda")
    assert sim.notes()["engine"] == "cpu" and "numba-cuda is not installed" in sim.notes()["engine_reason"]


def test_your_own_phases_are_taken(tmp_path):
    np.save(tmp_path / "phases.npy", np.full((3, 6, 7), 0.25))
    np.save(tmp_path / "input.npy", np.full((6, 7), 1.5))
    sim = simulation(
        initial_phases=str(tmp_path / "phases.npy"),
        input_phases=str(tmp_path / "input.npy"),
        store_dtype="float32",
    )
    assert frames(sim)[0][0]["theta"] == pytest.approx(0.25)
    assert sim.initial()["input_phase"] == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("changes", "key"),
    [({"height": 2, "boundary": {"y": "periodic"}}, "boundary.y"), ({"step_size": 0.9}, "step_size"),
     ({"save": {"every": 13}}, "save.every"), ({"engine": "cpu", "integrator": "rk4"}, "engine"),
     ({"engine": "cpu", "device": "cuda"}, "device"),
     ({"input": {"source": "image"}}, "input.path"),
     ({"input": {"source": "digits", "digit": 11}}, "input.digit"),
     ({"training": {"enabled": True, "source": "idx"}}, "training.source")],
)  # fmt: skip
def test_impossible_combinations_are_named(changes, key):
    assert [found[0] for found in checks.check(given(**changes))] == [key]


def test_arrays_of_the_wrong_shape_are_named(tmp_path):
    np.save(tmp_path / "omega.npy", np.zeros((2, 2)))
    (fault,) = checks.check(given(omega=str(tmp_path / "omega.npy")))
    assert fault[0] == "omega" and "(3, 3); it has (2, 2)" in fault[2]


def test_the_defaults_pass_the_checks():
    assert list(checks.check(given())) == []


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"input": {"source": "mnist"}}, "input.source"),
        ({"training": {"enabled": True, "source": "mnist"}}, "training.source"),
    ],
)
def test_mnist_without_its_package_is_one_line_before_anything_runs(monkeypatch, changes, key):
    """With the package there is nothing to say; `find_spec` imports nothing."""
    present = types.SimpleNamespace(name="mlxtend")
    for spec, faults in ((None, [key]), (present, [])):
        monkeypatch.setattr(checks.importlib.util, "find_spec", lambda name, spec=spec: spec)
        found = list(checks.check(given(**changes)))
        assert [fault[0] for fault in found] == faults
        assert all("pip install 'emergent-dynamics[mnist]'" in allowed for _, _, allowed in found)
    monkeypatch.setattr(checks.importlib.util, "find_spec", lambda name: None)
    assert list(checks.check(given(training={"source": "mnist"}))) == []  # it is not run


EULER = {1: (0.047, 2.6, 146), 2: (0.045, 1.2, 66), 3: (0.047, 0.12, 5.8), 4: (0.044, 0.081, 2.1)}


@pytest.mark.parametrize("seed", EULER)
def test_eulers_error_on_the_default_digit_is_the_one_in_the_documents(seed):
    """Median, root mean square and largest difference from RK4 after 512 steps, degrees (docs/oscillators.md)."""
    ends = []
    for integrator in ("euler", "rk4"):
        own = {
            "seed": seed,
            "runs": 1,
            "integrator": integrator,
            "engine": "reference",
            "store_dtype": "float32",
        }
        run = build(schema.resolve(schema.read_schemas()[1]["oscillators"], own | {"save": {"every": 512}}))
        state, clock = run.initial(), np.asarray(run.schedule)
        ends.append(run.observe(run.advance(state, clock[0], clock[-1]))["theta"])
    apart = np.rad2deg(np.abs((ends[0] - ends[1] + np.pi) % (2 * np.pi) - np.pi))
    found = np.median(apart), (apart**2).mean() ** 0.5, apart.max()
    assert found == pytest.approx(EULER[seed], rel=0.05)
