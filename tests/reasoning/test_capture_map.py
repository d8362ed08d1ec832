"""The capture map against its closed forms."""

import numpy as np
import pytest

from emergent_dynamics.reasoning import capture_map, theory, two_by_two
from emergent_dynamics.reasoning.parameters import Capture


def parameters(**change):
    base = {
        "examples": 4096,
        "steps": 16,
        "centre": 0.4,
        "radius": 0.04,
        "trap": 0.0,
        "trap_radius": 0.0,
        "contraction": 0.5,
        "seed": 1,
    }
    return Capture(**(base | change))


def test_a_captured_example_approaches_its_centre_by_the_contraction_at_every_step():
    """x_t - c = a^t (x_0 - c) from the first step inside the window."""
    p = parameters()
    x = np.full(1, p.centre + 0.03)
    for t in range(1, 11):
        x = capture_map.step(x, p)
        assert x[0] - p.centre == pytest.approx(0.03 * p.contraction**t, rel=1e-12)


def test_the_exponent_is_the_log_of_the_product_of_slopes():
    """Chain rule: T lambda = ln |d x_T / d x_0|, here by a difference in 50 digits."""
    from mpmath import log, mp, mpf

    p = parameters(examples=8)
    lyapunov = capture_map.diagnose(capture_map.trajectory(p), p)["lyap_raw"][:, 0]
    start = capture_map.initial(p)

    def end(x, regimes):
        for where in regimes:
            x = (
                4 * x * (1 - x)
                if where == capture_map.CHAOTIC
                else p.centre + mpf(p.contraction) * (x - mpf(p.centre))
            )
        return x

    with mp.workdps(50):
        for i in range(8):
            regimes = capture_map.regime(capture_map.trajectory(p)[:-1, i], p)
            h = mpf(10) ** -35
            slope = (end(mpf(float(start[i])) + h, regimes) - end(mpf(float(start[i])), regimes)) / h
            # The float64 trajectory's own rounding, amplified 2^16 times, moves the slopes by up to 1e-9.
            assert float(log(abs(slope)) / p.steps) == pytest.approx(lyapunov[i], abs=1e-9)


def test_an_example_captured_at_the_start_has_exponent_log_contraction():
    """lambda = ln a exactly when all T steps contract."""
    p = parameters()
    d = capture_map.diagnose(capture_map.trajectory(p), p)
    at_once = d["halted_at"] == 0
    assert at_once.sum() > 200
    assert np.abs(d["lyap_raw"][at_once, 0] - np.log(0.5)).max() < 1e-12


@pytest.mark.parametrize("centre", [0.25, 0.4, 0.5, 0.7])
def test_the_share_captured_by_each_step_is_the_tent_map_s(centre):
    """P(captured by t) from the transfer operator (theory.capture_probability), in binomial standard
    errors.
    """
    p = parameters(examples=200_000, centre=centre)
    where = capture_map.regime(capture_map.trajectory(p), p) != capture_map.CHAOTIC
    expected = theory.capture_probability(centre, p.radius, p.steps)
    z = (where.mean(axis=1) - expected) / np.sqrt(expected * (1 - expected) / p.examples)
    assert np.abs(z).max() < 4


def test_the_transfer_operator_keeps_the_arcsine_law():
    """Without a window the survivors are everyone."""
    assert theory.capture_probability(0.4, 1e-9, 16)[-1] < 1e-6


def test_the_reference_map_fills_the_cells_as_published():
    """n = 4096, T = 16, radius .04: accuracy .631, A/B/C/D 2152/9/431/1504, medians -.339/+.549/+.434/+.684
    for another choice of centre and draws; the same pattern here within what the centre changes."""
    p = parameters()
    d = capture_map.diagnose(capture_map.trajectory(p), p)
    log_drift, _ = two_by_two.late_drift(d["drift_zH"], 4, 1e-12)
    cell = two_by_two.assign(log_drift, d["exact_correct"], two_by_two.otsu(log_drift))
    n = np.bincount(cell, minlength=4)
    medians = [np.median(d["lyap_raw"][cell == i, 0]) for i in range(4)]
    assert d["exact_correct"].mean() == pytest.approx(0.631, abs=0.03)
    assert n[0] > 1900 and 0 < n[1] < 40 and n[2] > 300 and n[3] > 1300
    assert medians[0] < 0 < medians[2] < medians[1] < medians[3]


def test_a_trap_makes_settled_wrong_answers_and_no_right_one():
    """Cell B is what the trap's window holds: settled and wrong, exponent below 0 when caught at once."""
    p = parameters(trap=0.8, trap_radius=0.05)
    d = capture_map.diagnose(capture_map.trajectory(p), p)
    assert not (d["exact_correct"] & (np.abs(capture_map.trajectory(p)[-1] - 0.8) < 0.05)).any()
    assert d["exact_correct"].mean() < 0.63


def test_runs_draw_different_starts_and_the_same_run_the_same():
    p = parameters()
    assert not np.array_equal(capture_map.initial(p, 0), capture_map.initial(p, 1))
    assert np.array_equal(capture_map.initial(p, 1)[:100], capture_map.initial(parameters(examples=100), 1))


@pytest.mark.parametrize("change", [{"contraction": 1.0}, {"trap": 0.42, "trap_radius": 0.05}])
def test_impossible_parameters_are_refused(change):
    with pytest.raises(ValueError, match="must"):
        parameters(**change)
