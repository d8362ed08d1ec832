"""The object that the driver runs: schedule, clock, resume, stores."""

import itertools

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics import driver
from emergent_dynamics.causal import model
from emergent_dynamics.causal.simulation import CausalSimulation, schedule
from tests.causal.experiments import parameters


def store(p, tmp_path):
    """The trajectory of an experiment, run by the driver."""
    driver.run(CausalSimulation(p), tmp_path / "checkpoint", tmp_path / "trajectory.zarr", {})
    return xr.open_zarr(tmp_path / "trajectory.zarr", consolidated=True)


def test_frames_of_the_map_are_saved_at_steps():
    assert schedule(parameters(steps=10, save={"every": 4})).tolist() == [0, 4, 8, 10]
    found = schedule(parameters(steps=1000, save={"log": 4}))
    assert found.tolist() == [0, 1, 10, 100, 1000]
    assert found.dtype == np.int64


def test_frames_of_the_flow_are_saved_at_times():
    """Log-spaced ones begin at t = 0.1."""
    p = parameters(integrator="ode", end_time=2.5, save={"every": 1})
    assert schedule(p).tolist() == [0.0, 1.0, 2.0, 2.5]
    p = parameters(integrator="ode", end_time=100.0, save={"log": 4})
    assert schedule(p) == pytest.approx([0.0, 0.1, 1.0, 10.0, 100.0])


def test_a_trajectory_of_the_map_has_its_steps_and_their_times(tmp_path):
    """time = step dt / (1 + dt) with V = 1; frame 0 is the start, the last is the reference's end."""
    p = parameters(steps=30, save={"every": 10}, runs=2)
    found = store(p, tmp_path)
    assert found["x"].dims == ("run", "time", "token", "coord")
    assert found["x"].shape == (2, 4, 64, 2)
    assert found["step"].values.tolist() == [0, 10, 20, 30]
    assert found["time"].values == pytest.approx(np.array([0, 10, 20, 30]) * 0.05 / 1.05, rel=1e-15)
    assert found["time"].attrs["units"] == "ODE time"
    x = model.initial(p)
    assert np.array_equal(found["x"].values[:, 0], x)
    for _ in range(30):
        x = model.step(x, p)
    assert np.abs(found["x"].values[:, -1] - x).max() < 1e-12


def test_a_trajectory_of_the_flow_has_times_and_what_they_cost(tmp_path):
    p = parameters(integrator="ode", end_time=3.0, save={"every": 1.5}, tolerance=1e-4)
    found = store(p, tmp_path)
    assert "step" not in found.variables
    assert found["time"].values.tolist() == [0.0, 1.5, 3.0]
    assert (found["evaluations"].values > 10).all()


@pytest.mark.parametrize("integrator", ["map", "ode"])
@pytest.mark.parametrize("engine", ["reference", "cpu"])
def test_every_engine_tells_the_same_story(engine, integrator):
    """At t = 1: the map to 1e-12, the flow (other methods) within its tolerance's reach."""
    p = parameters(
        engine=engine, device="cpu", integrator=integrator, steps=20, end_time=1.0, tolerance=1e-6, runs=2
    )
    simulation = CausalSimulation(p)
    state = simulation.advance(simulation.initial(), simulation.schedule[0], simulation.schedule[-1])
    other = CausalSimulation(parameters(engine="cpu", integrator=integrator, steps=20, end_time=1.0, runs=2))
    expected = other.advance(other.initial(), other.schedule[0], other.schedule[-1])
    assert np.abs(state["x"] - expected["x"]).max() < (1e-12 if integrator == "map" else 1e-4)
    assert simulation.notes()["engine"] == engine


@pytest.mark.parametrize("integrator", ["map", "ode"])
def test_going_on_from_a_saved_state_changes_no_bit(integrator):
    """A state of plain arrays is everything: copied through memory, as a checkpoint is."""
    p = parameters(integrator=integrator, steps=40, end_time=4.0, save={"every": 1}, runs=12)
    simulation = CausalSimulation(p)
    clocks = simulation.schedule.tolist()
    straight = simulation.initial()
    for start, stop in itertools.pairwise(clocks):
        straight = simulation.advance(straight, start, stop)
    resumed = simulation.initial()
    for start, stop in itertools.pairwise(clocks):
        saved = {name: np.array(value) for name, value in resumed.items()}
        resumed = CausalSimulation(p).advance(saved, start, stop)
    assert all(np.array_equal(straight[name], resumed[name]) for name in straight)


def test_masked_and_unmasked_start_from_the_same_tokens():
    masked, full = (CausalSimulation(parameters(mask=mask)).initial()["x"] for mask in ("causal", "none"))
    assert np.array_equal(masked, full)
