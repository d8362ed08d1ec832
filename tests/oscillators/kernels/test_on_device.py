"""An experiment on a device through the driver, in Numba's simulator: what the CPU stores, whole and resumed.

The simulator must be switched on before Numba is imported, so the first test runs the others in a separate process.
"""

import numpy as np
import pytest

from emergent_dynamics import driver
from emergent_dynamics.config import load
from emergent_dynamics.oscillators import simulation
from tests.gpu.simulator import SIMULATOR, assert_passes, launches, simulated
from tests.gpu.stores import assert_together_is_one_by_one, stored


@launches
def test_the_wiring_passes_in_the_simulator():
    """All other tests of this file."""
    assert_passes(__file__, SIMULATOR)


def built(**more):
    """Two images of 3 x 3 sites."""
    given = {"height": 3, "width": 3, "channels": 1, "runs": 2, "steps": 5, "save": {"every": 2}} | more
    found = load({"experiments": {"oscillators": {"x": given}}}, ["test"])
    return simulation.build(found.simulation("oscillators", "x"))


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
    again = stored(built(device="cuda"), tmp_path / "again", built(device="cuda"), 2)
    for name in card.variables:
        np.testing.assert_array_equal(again[name], card[name])


@simulated
def test_frames_that_are_recorded_together_are_those_taken_one_by_one(tmp_path, monkeypatch):
    """Three at most per call: every array of the store has the same bits, and most frames came so."""
    assert_together_is_one_by_one(
        simulation.OscillatorSimulation,
        lambda: built(device="cuda", steps=15, save={"every": 2}),
        tmp_path,
        monkeypatch,
    )


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
