"""Verdicts: four combined standard errors, and no verdict where no error is known."""

import numpy as np
import pytest

from emergent_dynamics.causal import expectations
from emergent_dynamics.causal.theory import Expectation
from emergent_dynamics.statistics import Estimate


def estimate(value, error, n=100):
    half = 1.959964 * error
    return Estimate(value, value - half, value + half, n)


@pytest.mark.parametrize(("value", "verdict"), [(1.0, True), (1.0 + 19.9, True), (1.0 + 20.1, False)])
def test_four_combined_standard_errors_decide(value, verdict):
    """Errors 3 and 4 combine to 5, four of them to 20."""
    assert expectations.agrees(estimate(value, 3.0), Expectation(1.0, 4.0, "made up")) is verdict


def test_no_verdict_without_an_interval_or_with_few_values():
    theorem = Expectation(1.0, 0.0, "made up")
    assert expectations.agrees(Estimate(2.0, np.nan, np.nan, 1), theorem) is None
    assert expectations.agrees(estimate(9.0, 0.1, n=7), theorem) is None
    assert expectations.agrees(estimate(9.0, 0.1, n=8), theorem) is False


def test_values_without_spread_agree_with_a_theorem_or_say_nothing():
    """All of 10 runs counted 6 centres; the mean is 5.5: no error can be told from that."""
    assert expectations.agrees(estimate(6.0, 0.0, n=10), Expectation(5.5, 0.0, "made up")) is None
    assert expectations.agrees(estimate(6.0, 0.0, n=10), Expectation(6.0, 0.0, "made up")) is True


def test_an_undefined_value_says_so():
    found = expectations.headline(Estimate(np.nan, np.nan, np.nan, 0), "1")
    assert found.note is not None
    assert found.ok is None


def test_the_end_of_the_map_is_in_ode_time():
    """A step of 0.05 with V = I advances 0.05 / 1.05: the seed's 10,000 steps end at 476.19, not 500."""
    seed = {"integrator": "map", "step_size": 0.05, "steps": 10_000}
    assert expectations.end_time(seed) == pytest.approx(476.190476)
    assert expectations.end_time({"integrator": "ode", "end_time": 12.0}) == 12.0
