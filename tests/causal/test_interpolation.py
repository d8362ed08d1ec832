"""Values between frames: what is close enough, and the straight line in the logarithm of time."""

import numpy as np
import pytest

from emergent_dynamics.causal.interpolation import at_time, is_reached

TIME = np.array([0.0, 1.0, 2.0, 2.4, 3.0])


@pytest.mark.parametrize(
    ("t", "reached"),
    [
        (0.0, True),  # a frame
        (0.5, False),  # between 0 and 1: no logarithm
        (1.0, True),
        (1.5, False),  # a factor 2 apart
        (2.2, True),  # a factor 1.2
        (2.5, False),  # 1.25
        (3.0, True),
        (3.002, True),  # past the end by less than a thousandth
        (3.004, False),
        (-1.0, False),
    ],
)
def test_only_between_close_frames_is_a_value_read(t, reached):
    assert is_reached(TIME, t) is reached


def test_only_the_start_has_no_end_to_pass():
    assert is_reached(np.array([0.0]), 0.0) is True
    assert is_reached(np.array([0.0]), 1e-9) is False


def test_values_are_linear_in_the_logarithm_of_time():
    values = np.array([[9.0, 1.0, 2.0, 4.0, 8.0], [0.0, 0.0, 5.0, 5.0, 6.0]])
    assert at_time(values, TIME, 2.0).tolist() == [2.0, 5.0]
    assert at_time(values, TIME, 0.0).tolist() == [9.0, 0.0]
    assert at_time(values, TIME, (2.0 * 2.4) ** 0.5) == pytest.approx([3.0, 5.0])
    assert at_time(values, TIME, 3.002).tolist() == [8.0, 6.0]
