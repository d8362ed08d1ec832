"""Synchrony of perfect fields, of windows, and of all-to-all units beside theory."""

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics.findings import agrees
from emergent_dynamics.oscillators import theory
from emergent_dynamics.oscillators.findings import defects, order
from tests.oscillators.experiments import KURAMOTO, assert_headline, by_hand, complete, simulated


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


def by_windows(z, radius):
    """R of each whole window, cut out one at a time."""
    height, width = z.shape[-2:]
    down, across = min(2 * radius + 1, height), min(2 * radius + 1, width)
    return [
        abs(z[:, y : y + down, x : x + across].mean())
        for y in range(0, height - down + 1, down)
        for x in range(0, width - across + 1, across)
    ]


@pytest.mark.parametrize("radius", [1, 2, 5])
@pytest.mark.parametrize(("height", "width"), [(7, 10), (10, 7), (2, 9), (9, 2)])
def test_windows_tile_the_image_or_take_its_whole_side(radius, height, width):
    z = np.exp(1j * np.random.default_rng(3).uniform(-3, 3, (2, height, width)))
    assert order.window_order(z, radius) == pytest.approx(by_windows(z, radius))


def test_the_entropy_of_every_frame_is_that_of_its_histogram():
    """Two runs of three frames; both ends of the turn are in one bin, and so is a code on an edge from above."""
    theta = np.random.default_rng(4).uniform(-np.pi, np.pi, (2, 3, 1, 5, 8))
    found = order.entropy(theta)
    for run in range(2):
        for time in range(3):
            share = np.histogram(theta[run, time], 64, (-np.pi, np.pi))[0] / 40
            expected = -sum(p * np.log(p) for p in share if p) / np.log(64)
            assert found[run, time] == pytest.approx(expected)
    assert order.entropy(np.array([np.pi, -np.pi]).reshape(1, 1, 1, 1, 2)).item() == 0
    edge = -np.pi + 5 * 2 * np.pi / 64 + np.array([0.0, 1e-4, -1e-4, -1e-4]).reshape(1, 1, 1, 1, 4)
    assert order.entropy(edge).item() == pytest.approx(np.log(2) / np.log(64))


def test_the_tables_have_a_row_per_run_and_frame_and_a_row_per_run():
    theta = np.random.default_rng(5).uniform(-np.pi, np.pi, (2, 5, 2, 3, 6))
    tables = order.find(by_hand(theta), complete(local_radius=1, settled=2.0))
    table, z = tables["order"], np.exp(1j * theta)
    assert list(table["run"]) == [0] * 5 + [1] * 5 and list(table["step"]) == [0, 1, 2, 3, 4] * 2
    for (run, step), row in table.set_index(["run", "step"]).iterrows():
        windows = by_windows(z[run, step], 1)
        assert row["local_order"] == pytest.approx(np.mean(windows)) and row["time"] == step / 2
        assert row["order_1"] == pytest.approx(abs(z[run, step, 1].mean())) and row["speed"] == 1
    late = np.array([[by_windows(frame, 1) for frame in run[2:]] for run in z])
    assert list(tables["chimera"]["run"]) == [0, 1]
    assert list(tables["chimera"]["chimera"]) == pytest.approx(late.var(2, ddof=1).mean(1) * 36 / 5)
    assert list(tables["chimera"]["metastability"]) == pytest.approx(late.var(1, ddof=1).mean(1) * 12)
    assert list(tables["convergence"]["time"]) == [0, 0] and list(tables["convergence"]["reason"]) == ["", ""]


def test_a_run_at_the_level_of_speed_has_not_settled():
    table = pd.DataFrame({"run": 0, "time": [0.0, 1.0, 2.0], "speed": [0.1, 0.2, 0.1]})
    assert order.convergence(table, 0.2)["time"].item() == 2.0
    assert order.convergence(table, 0.3)["time"].item() == 0.0


def made_tables():
    """Eight runs of three frames whose columns are nothing but numbers to tell apart."""
    runs = np.arange(8)
    rows = [
        {"run": r, "time": t, "order": 0.1 * t + 0.01 * r**1.5, "local_order": 0.5 + 0.06 * r + 0.01 * t,
         "entropy": 1 - 0.001 * r * t}
        for r in runs for t in (0.0, 2.0, 4.0)
    ]  # fmt: skip
    chimera = pd.DataFrame(
        {"run": runs, "chimera": [0, 3.6] * 4, "metastability": [6.0, 5.9, 6, 6, 0, 6, 6, 6]}
    )
    settled = pd.DataFrame({"run": runs, "time": [4.0, 3.9, np.nan, 4, 4, 1, np.nan, 4]})
    return {"order": pd.DataFrame(rows), "chimera": chimera, "convergence": settled}


def test_every_headline_is_a_mean_over_runs_inside_its_range():
    """R within [0, 1], indices at most 1/2 in their units, a time at most that of the last frame."""
    tables, runs = made_tables(), np.arange(8)
    config = complete(channels=2, height=3, width=40, local_radius=2, initial_phases="mine.npy")
    rows = order.summarise(tables, config)
    assert list(rows) == [
        "order_start", "local_order_start", "order_end", "local_order_end", "entropy_end", "chimera_index",
        "metastability_index", "convergence_time",
    ]  # fmt: skip
    assert_headline(rows["order_start"], 0.01 * runs**1.5, 1, "1")
    assert_headline(rows["local_order_start"], 0.5 + 0.06 * runs, 1, "1")
    assert_headline(rows["order_end"], 0.4 + 0.01 * runs**1.5, 1, "1", rank=2)
    assert_headline(rows["local_order_end"], 0.54 + 0.06 * runs, 1, "1")
    assert_headline(rows["entropy_end"], 1 - 0.004 * runs, 1, "1")
    assert_headline(rows["chimera_index"], [0, 3.6] * 4, 3.6, "5/36")
    assert_headline(rows["metastability_index"], [6.0, 5.9, 6, 6, 0, 6, 6, 6], 6, "1/12")
    left = "2 of 8 runs are left out: still moving at the end"
    assert_headline(rows["convergence_time"], [4, 3.9, 4, 4, 1, 4], 4, "model time", note=left)


def test_the_start_is_compared_with_as_many_phases_as_it_has():
    """The field has 2 x 3 x 40 units; a window all three rows and five columns of both channels, 30 units."""
    config = complete(channels=2, height=3, width=40, local_radius=2)
    rows = order.summarise(made_tables(), config)
    assert rows["order_start"].expectation == theory.expected_start(config, 240)
    assert rows["local_order_start"].expectation == theory.expected_start(config, 30)
    tall = complete(channels=2, height=40, width=3, local_radius=2)
    assert order.summarise(made_tables(), tall)["local_order_start"].expectation.value == theory.random_order(
        30
    )


def test_one_run_has_no_interval_and_says_so():
    tables = {name: table[table["run"] == 0] for name, table in made_tables().items()}
    rows = order.summarise(tables, complete())
    assert all(row.ci is None and row.note == "no interval: one run" and row.n == 1 for row in rows.values())


def test_the_stationary_order_is_the_mean_of_the_second_half_of_each_run():
    """Frames at 2 and 4 of 0, 2, 4: the half itself belongs to it."""
    config = complete(**KURAMOTO, coupling=3)
    headline = order.summarise(made_tables(), config)["order_stationary"]
    expectation, _ = theory.expected_stationary(config)
    assert_headline(headline, 0.3 + 0.01 * np.arange(8) ** 1.5, 1, "1", rank=1, expectation=expectation)
    near = order.summarise(made_tables(), complete(**KURAMOTO, coupling=1.6))["order_stationary"]
    assert near.expectation is None and near.note.startswith("closer to K_c")
