"""An experiment on a device through the driver, in Numba's simulator: what the CPU stores, whole and resumed.

The simulator must be switched on before Numba is imported, so the first test runs the others in a separate process.
"""

import numpy as np
import pytest

from emergent_dynamics.causal import simulation
from emergent_dynamics.config import load
from tests.gpu.simulator import SIMULATOR, assert_passes, launches, simulated
from tests.gpu.stores import assert_together_is_one_by_one, stored


@launches
def test_the_wiring_passes_in_the_simulator():
    """All other tests of this file."""
    assert_passes(__file__, SIMULATOR)


def built(**more):
    """Two runs of 9 tokens on the sphere."""
    given = {"tokens": 9, "dimension": 3, "runs": 2, "steps": 5, "save": {"every": 2}} | more
    found = load({"experiments": {"causal": {"x": given}}}, ["test"])
    return simulation.build(found.simulation("causal", "x"))


@simulated
def test_the_device_stores_what_the_cpu_stores_and_the_same_bits_when_resumed(tmp_path):
    """Tokens to rounding; killed after two legs, the store is the same to the bit."""
    cpu = stored(built(), tmp_path / "cpu")
    card = stored(built(device="cuda"), tmp_path / "card")
    assert card.attrs["engine"] == "cuda" and card.attrs["device"] == "cuda: simulator"
    np.testing.assert_allclose(card["x"], cpu["x"], rtol=0, atol=1e-14)
    again = stored(built(device="cuda"), tmp_path / "again", built(device="cuda"), 2)
    for name in card.variables:
        np.testing.assert_array_equal(again[name], card[name])


@simulated
def test_the_flow_on_the_device_is_stored_as_on_the_cpu(tmp_path, monkeypatch):
    """Tokens to rounding, as many evaluations; killed after two save points, the store is the same to the bit."""
    flow = {
        "integrator": "ode",
        "tokens": 5,
        "runs": 1,
        "end_time": 0.03,
        "save": {"every": 0.01},
        "tolerance": 1e-2,
    }
    cpu = stored(built(**flow), tmp_path / "cpu")
    card = stored(built(device="cuda", **flow), tmp_path / "card")
    assert card.attrs["engine"] == "cuda"
    np.testing.assert_allclose(card["x"], cpu["x"], rtol=0, atol=1e-12)
    np.testing.assert_array_equal(card["evaluations"], cpu["evaluations"])
    again = stored(built(device="cuda", **flow), tmp_path / "again", built(device="cuda", **flow), 2)
    for name in card.variables:
        np.testing.assert_array_equal(again[name], card[name])


@simulated
def test_frames_that_are_recorded_together_are_those_taken_one_by_one(tmp_path, monkeypatch):
    """Three at most per call: every array of the store has the same bits, and most frames came so."""
    assert_together_is_one_by_one(
        simulation.CausalSimulation,
        lambda: built(device="cuda", steps=15, save={"every": 2}),
        tmp_path,
        monkeypatch,
    )


@simulated
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"integrator": "ode", "end_time": 1.0, "save": {"every": 1.0}, "tokens": 3000}, "as a block holds"),
        ({"dimension": 2, "tokens": 256, "runs": 1}, "one core's Fourier kernel is about as fast"),
    ],
)
def test_what_stays_on_the_cpu_says_why(given, said):
    notes = built(device="cuda", **given).notes()
    assert (notes["engine"], notes["device"]) == ("cpu", "cpu")
    assert said in notes["engine_reason"]
