"""The energy never rises where it provably may not."""

import numpy as np
import pytest

from emergent_dynamics.findings import agrees
from emergent_dynamics.oscillators import theory
from emergent_dynamics.oscillators.findings import energy
from tests.oscillators.experiments import assert_headline, by_hand, complete, simulated


@pytest.mark.parametrize(
    "changes", [{"frequency": 0}, {"frequency": 0, "boundary": {"x": "periodic", "y": "periodic"}}]
)
def test_the_energy_of_a_run_never_rises(changes):
    """The run-time check of V8, on the float32 kernel with an input that follows, for 512 steps."""
    settings = complete(**changes)
    found = energy.find(simulated(**changes), settings)
    rows = energy.summarise(found, settings)
    assert agrees(rows["energy_rises"]).outcome == "agrees" and rows["energy_rises"].value == 0
    limit, reason = theory.energy_bound(settings)
    assert limit > settings["step_size"] and reason == ""


def test_no_bound_is_claimed_where_none_is_known():
    limit, reason = theory.energy_bound(complete())
    assert np.isnan(limit) and "Omega acts" in reason


def test_a_rise_is_more_than_rounding():
    """1e-9 of |E| is what float32 phases may add to a settled field's energy."""
    energies = np.array([[-2.0, -2.0 + 1.9e-9, -2.0, -3.0], [-2.0, -2.0 + 2.1e-9, -2.0, -1.0]])
    tables = energy.find(by_hand(np.zeros((2, 4, 1, 1, 2)), energy=energies), complete())
    table = tables["energy"]
    assert list(table["run"]) == [0] * 4 + [1] * 4 and list(table["time"]) == [0, 0.5, 1, 1.5] * 2
    assert list(table["rises"]) == [False] * 4 + [False, True, False, True]
    assert np.isnan(table["change"][0]) and table["change"][3] == -1 and table["change"][7] == 1
    rows = energy.summarise(tables, complete())
    assert (rows["energy_rises"].value, rows["energy_rises"].n, rows["energy_rises"].rank) == (2, 6, 3)
    assert rows["energy_rises"].exact and rows["energy_rises"].expectation is None
    assert "Omega acts" in rows["energy_rises"].note and "Omega acts" in rows["energy_step_bound"].note
    assert np.isnan(rows["energy_step_bound"].value) and rows["energy_step_bound"].exact


def test_a_rise_within_the_bound_disagrees():
    config = complete(height=1, width=2, channels=1, frequency=0)
    energies = np.array([[-1.0, -0.5]] * 8)
    rows = energy.summarise(energy.find(by_hand(np.zeros((8, 2, 1, 1, 2)), energy=energies), config), config)
    assert agrees(rows["energy_rises"]).outcome == "disagrees" and "not sampled" in rows["energy_rises"].note
    limit, _ = theory.energy_bound(config)
    assert (rows["energy_step_bound"].value, rows["energy_step_bound"].n) == (limit, 1)


def test_the_energy_at_the_end_lies_in_its_range():
    """Two units: |E| is at most 0.12 + 2 x 1.25 = 2.62."""
    config = complete(height=1, width=2, channels=1)
    last = np.array([2.6, 2.6, -2.5])
    energies = np.stack([np.zeros(3), last], 1)
    rows = energy.summarise(energy.find(by_hand(np.zeros((3, 2, 1, 1, 2)), energy=energies), config), config)
    assert_headline(rows["energy_end"], last, 2.62, "rad per unit time", low=-2.62)
    alone = energy.find(by_hand(np.zeros((1, 2, 1, 1, 2)), energy=energies[:1]), config)
    assert energy.summarise(alone, config)["energy_end"].note == "no interval: one run"
