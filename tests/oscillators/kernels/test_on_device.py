"""An experiment on a device through the driver, in Numba's simulator: what the CPU stores, whole and resumed.

The simulator must be switched on before Numba is imported, so the first test runs the others in a process of their own.
"""

import numpy as np
import pytest

from emergent_dynamics import driver, store
from emergent_dynamics.config import load
from emergent_dynamics.oscillators import simulation
from tests.gpu.simulator import SIMULATOR, assert_passes, launches, simulated


@launches
def test_the_wiring_passes_in_the_simulator():
    """All other tests of this file."""
    assert_passes(__file__, SIMULATOR)


def built(**more):
    """Two images of 3 x 3 sites."""
    given = {"height": 3, "width": 3, "channels": 1, "runs": 2, "steps": 5, "save": {"every": 2}} | more
    found = load({"experiments": {"oscillators": {"x": given}}}, ["test"])
    return simulation.build(found.simulation("oscillators", "x"))


def stored(made, folder, stop_after=None):
    """The published store of an experiment; `stop_after`: killed after so many legs, and begun again."""
    if stop_after is not None:
        legs = iter(range(stop_after))
        for name in ("advance", "record"):
            move = getattr(made, name)
            setattr(made, name, lambda *leg, move=move: (next(legs), move(*leg))[1])
        with pytest.raises(StopIteration):
            driver.run(made, folder / "c", folder / "t.zarr", {}, commit_seconds=0)
        made = built(device="cuda")
    driver.run(made, folder / "c", folder / "t.zarr", {}, commit_seconds=0)
    return store.open_complete(folder / "t.zarr")


@simulated
def test_the_device_stores_what_the_cpu_stores_and_the_same_bits_when_resumed(tmp_path):
    """Phases within one code of 65,536; killed after two legs, the store is the same to the bit."""
    cpu = stored(built(), tmp_path / "cpu")
    card = stored(built(device="cuda"), tmp_path / "card")
    assert card.attrs["engine"] == "cuda" and card.attrs["device"] == "cuda: simulator"
    apart = np.abs(np.angle(np.exp(1j * (card["theta"] - cpu["theta"]).values)))
    assert apart.max() < 1.01 * 2 * np.pi / 65536
    for name in ("energy", "order", "speed", "input_phase_end"):
        np.testing.assert_allclose(card[name], cpu[name], rtol=1e-4, atol=1e-5)
    assert np.array_equal(card["spike"], cpu["spike"])
    again = stored(built(device="cuda"), tmp_path / "again", stop_after=2)
    for name in card.variables:
        np.testing.assert_array_equal(again[name], card[name])


@simulated
def test_frames_that_are_recorded_together_are_those_taken_one_by_one(tmp_path, monkeypatch):
    """Three at most per call: every array of the store has the same bits, and most frames came so."""
    monkeypatch.setattr(driver.loop, "LEG_SECONDS", 1e9)
    made = simulation.OscillatorSimulation
    found, recorded = {}, []
    record = made.record
    monkeypatch.setattr(
        made, "record", lambda s, *given: (recorded.append(len(given[2])), record(s, *given))[1]
    )
    for most in (1, 3):
        together = made.together.fget
        with monkeypatch.context() as patch:
            patch.setattr(made, "together", property(lambda s, m=most, own=together: min(m, own(s))))
            stored(built(device="cuda", steps=15, save={"every": 2}), tmp_path / str(most))
        found[most] = tmp_path / str(most) / "t.zarr"
    assert sum(recorded) > 4 and max(recorded) == 3
    for group in (None,):
        one, many = (store.open_complete(path, group=group) for path in found.values())
        assert set(one.variables) == set(many.variables)
        for name in one.variables:
            np.testing.assert_array_equal(many[name], one[name])


@simulated
def test_a_checkpoint_of_the_cpu_is_not_continued_on_the_device(tmp_path):
    """Devices round differently: it starts anew."""
    cpu, card = built(), built(device="cuda")
    cpu.advance = lambda *leg: next(iter(()))
    with pytest.raises(StopIteration):
        driver.run(cpu, tmp_path / "c", tmp_path / "t.zarr", {})
    begun = []
    initial, card.initial = card.initial, lambda: (begun.append(1), initial())[1]
    driver.run(card, tmp_path / "c", tmp_path / "t.zarr", {})
    assert begun == [1]
