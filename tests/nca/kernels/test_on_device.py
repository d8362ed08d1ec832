"""An experiment on a device through the driver, in Numba's simulator: what the CPU stores, whole and resumed.

The simulator must be switched on before Numba is imported, so the first test runs the others in a separate process.
"""

import numpy as np
import pytest

from emergent_dynamics import store
from emergent_dynamics.config import load
from emergent_dynamics.nca import simulation
from tests.gpu.simulator import SIMULATOR, assert_passes, launches, simulated
from tests.gpu.stores import assert_together_is_one_by_one, stored


@launches
def test_the_wiring_passes_in_the_simulator():
    """All other tests of this file."""
    assert_passes(__file__, SIMULATOR)


def built(**more):
    """A small world."""
    given = {
        "width": 6,
        "height": 5,
        "seed_fraction": 0.3,
        "inheritance": 0.5,
        "runs": 2,
        "generations": 5,
    } | more
    found = load({"experiments": {"nca": {"x": given}}}, ["test"])
    return simulation.build(found.simulation("nca", "x"))


@simulated
@pytest.mark.parametrize("update", ["sequential", "synchronous"])
def test_the_device_stores_what_the_cpu_stores_and_the_same_bits_when_resumed(tmp_path, update, monkeypatch):
    """Every id and every row of the log; killed after two legs, the store is the same to the bit."""
    from emergent_dynamics.nca.kernels import cuda

    made = cuda.Device
    monkeypatch.setattr(cuda, "Device", lambda p, start: made(p, start, threads=16, rankers=8))
    cpu = stored(built(update=update), tmp_path / "cpu")
    card = stored(built(device="cuda", update=update), tmp_path / "card")
    assert card.attrs["engine"] == "cuda" and card.attrs["device"] == "cuda: simulator"
    assert np.array_equal(card["gid"], cpu["gid"])
    assert np.abs(card["alpha"].values - cpu["alpha"].values).max() < 0.11  # a tenth
    log, wanted = (
        store.open_complete(tmp_path / name / "t.zarr", group="genome") for name in ("card", "cpu")
    )
    for name in wanted.variables:
        np.testing.assert_allclose(log[name], wanted[name], rtol=0, atol=1e-5)
    again = stored(
        built(device="cuda", update=update), tmp_path / "again", built(device="cuda", update=update), 2
    )
    for name in card.variables:
        np.testing.assert_array_equal(again[name], card[name])
    ended = store.open_complete(tmp_path / "again" / "t.zarr", group="genome")
    for name in log.variables:
        np.testing.assert_array_equal(ended[name], log[name])


@simulated
def test_frames_that_are_recorded_together_are_those_taken_one_by_one(tmp_path, monkeypatch):
    """Three at most per call: every array of the store has the same bits, and most frames came so."""
    from emergent_dynamics.nca.kernels import cuda, on_device

    monkeypatch.setattr(on_device, "CHECKPOINT_EVERY", 4)
    device = cuda.Device
    monkeypatch.setattr(cuda, "Device", lambda p, start: device(p, start, threads=16, rankers=8))
    assert_together_is_one_by_one(
        simulation.NcaSimulation,
        lambda: built(device="cuda", runs=1, generations=8),
        tmp_path,
        monkeypatch,
        (None, "genome", "checkpoint"),
    )


@simulated
def test_what_stays_on_the_cpu_says_why():
    notes = built(device="cuda", rule="run2023", budget="inf").notes()
    assert (notes["engine"], notes["device"]) == ("cpu", "cpu")
    assert "no rule run2023" in notes["engine_reason"]
