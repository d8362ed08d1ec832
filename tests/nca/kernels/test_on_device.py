"""An experiment on a device through the driver, in Numba's simulator: what the CPU stores, whole and resumed.

The simulator must be switched on before Numba is imported, so the first test runs the others in a process of their own.
"""

import numpy as np
import pytest

from emergent_dynamics import driver, store
from emergent_dynamics.config import load
from emergent_dynamics.nca import simulation
from tests.gpu.simulator import SIMULATOR, assert_passes, launches, simulated


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


def stored(made, folder, stop_after=None, **more):
    """The published store of an experiment; `stop_after`: killed after so many legs, and begun again."""
    if stop_after is not None:
        legs = iter(range(stop_after))
        for name in ("advance", "record"):
            move = getattr(made, name)
            setattr(made, name, lambda *leg, move=move: (next(legs), move(*leg))[1])
        with pytest.raises(StopIteration):
            driver.run(made, folder / "c", folder / "t.zarr", {}, commit_seconds=0)
        made = built(device="cuda", **more)
    driver.run(made, folder / "c", folder / "t.zarr", {}, commit_seconds=0)
    return store.open_complete(folder / "t.zarr")


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
    again = stored(built(device="cuda", update=update), tmp_path / "again", 2, update=update)
    for name in card.variables:
        np.testing.assert_array_equal(again[name], card[name])
    ended = store.open_complete(tmp_path / "again" / "t.zarr", group="genome")
    for name in log.variables:
        np.testing.assert_array_equal(ended[name], log[name])


@simulated
def test_frames_that_are_recorded_together_are_those_taken_one_by_one(tmp_path, monkeypatch):
    """Three at most per call: every array of the store has the same bits, and most frames came so."""
    from emergent_dynamics.nca.kernels import cuda, on_device

    monkeypatch.setattr(driver.loop, "LEG_SECONDS", 1e9)
    monkeypatch.setattr(on_device, "CHECKPOINT_EVERY", 4)
    device = cuda.Device
    monkeypatch.setattr(cuda, "Device", lambda p, start: device(p, start, threads=16, rankers=8))
    made = simulation.NcaSimulation
    found, recorded = {}, []
    record = made.record
    monkeypatch.setattr(
        made, "record", lambda s, *given: (recorded.append(len(given[2])), record(s, *given))[1]
    )
    for most in (1, 3):
        together = made.together.fget
        with monkeypatch.context() as patch:
            patch.setattr(made, "together", property(lambda s, m=most, own=together: min(m, own(s))))
            stored(built(device="cuda", runs=1, generations=8), tmp_path / str(most))
        found[most] = tmp_path / str(most) / "t.zarr"
    assert sum(recorded) > 4 and max(recorded) == 3
    for group in (None, "genome", "checkpoint"):
        one, many = (store.open_complete(path, group=group) for path in found.values())
        assert set(one.variables) == set(many.variables)
        for name in one.variables:
            np.testing.assert_array_equal(many[name], one[name])


@simulated
def test_what_stays_on_the_cpu_says_why():
    notes = built(device="cuda", rule="run2023", budget="inf").notes()
    assert (notes["engine"], notes["device"]) == ("cpu", "cpu")
    assert "no rule run2023" in notes["engine_reason"]
