"""Synchrony of perfect fields, of windows, and of all-to-all units beside theory."""

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics.findings import agrees
from emergent_dynamics.oscillators.findings import defects, order
from tests.oscillators.experiments import by_hand, complete, simulated


def test_order_of_perfect_fields():
    """All equal: 1 everywhere and entropy 0. Two opposite halves: global 0 while both windows are at 1."""
    theta = np.zeros((1, 2, 2, 4, 8))
    theta[0, 1, :, :, 4:] = np.pi - 1e-9
    found = order.find(by_hand(theta), complete(local_radius=1))["order"]
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


def test_a_runs_headlines_agree_with_theory():
    """V10 and V11 at the start of 8 runs. That of the whole field is weak: R varies by half of itself."""
    settings = complete(runs=8, steps=4)
    ran = simulated(runs=8, steps=4)
    rows = order.summarise(order.find(ran, settings), settings)
    assert agrees(rows["order_start"]).weak and agrees(rows["local_order_start"]).outcome == "agrees"
    assert rows["convergence_time"].note == "8 of 8 runs are left out: still moving at the end"
    rows = defects.summarise(defects.find(ran, settings), settings)
    assert agrees(rows["defect_fraction_start"]).outcome == "agrees"
    assert agrees(rows["defect_conservation_violations"]).outcome == "agrees"


def test_the_stationary_order_of_all_to_all_units_is_kuramotos():
    """V13, V14 as a headline: Gaussian frequencies at K = 3, 3000 units, the cpu kernel."""
    setting = {
        "topology": "all_to_all", "normalise": "mean", "coupling": 3.0, "bias": 0.0, "frequency": 0.0, "channels": 1,
        "height": 50, "width": 60, "natural": {"distribution": "gaussian"}, "step_size": 0.02, "steps": 1000,
        "runs": 8,
        "save": {"every": 50}, "input": {"source": "uniform"},
    }  # fmt: skip
    rows = order.summarise(order.find(simulated(**setting), complete(**setting)), complete(**setting))
    assert agrees(rows["order_stationary"]).outcome == "agrees"
