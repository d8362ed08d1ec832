"""Limits: eigenspaces of V, ends worked out by hand, no verdict before the end of time."""

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics.causal.findings import limits
from emergent_dynamics.causal.presets import matrix

LAW = {"dimension": 3, "mask": "causal", "attention": "softmax"}


def ending(*frames):
    """Runs of one token sequence each: frames[time][token][coord]."""
    return xr.Dataset({"x": (("run", "time", "token", "coord"), np.array(frames, float)[None])})


START = np.eye(3)
TOGETHER = np.array([[1.0, 0.0, 0.0]] * 3)
POLES = np.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        (np.eye(3), np.eye(3)),
        (np.diag([1.0, 1.0, 0.0]), np.eye(3)[:, :2]),
        (np.diag([1.0, 0.5, 0.0]), np.eye(3)[:, :1]),
        (-np.diag([1.0, 2.0, 3.0]), np.eye(3)[:, :1]),
        (np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), np.eye(3)[:, :1]),
    ],
)
def test_the_leading_space_is_that_of_the_largest_eigenvalue(value, columns):
    """The same projection, whatever the basis; the last V is not symmetric."""
    space = limits.leading_space(value)
    np.testing.assert_allclose(space @ space.T, columns @ columns.T, atol=1e-12)


def test_a_rotation_of_the_plane_has_no_leading_space():
    """Eigenvalues e^(+-i pi / 2): nothing is real; `along` is NaN, not 0."""
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    assert limits.leading_space(turn) is None
    x = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    row = limits.find(xr.Dataset({"x": (("run", "time", "token", "coord"), x[None])}), turn)["limits"].iloc[0]
    assert np.isnan(row["along"])
    assert np.isnan(row["sides"])


def test_a_collapse_on_token_0_worked_out_by_hand():
    row = limits.find(ending(START, TOGETHER, TOGETHER), np.eye(3))["limits"].iloc[0]
    assert (row["distance"], row["moved"], row["along"]) == (0.0, 0.0, 1.0)


def test_two_points_on_the_leading_line_worked_out_by_hand():
    row = limits.find(ending(START, START, POLES), np.diag([1.0, 0.5, 0.0]))["limits"].iloc[0]
    assert (row["distance"], row["along"], row["sides"]) == (2.0, 1.0, 2.0)
    assert row["moved"] == pytest.approx(2**0.5)


def verdict(trajectory, **change):
    parameters = LAW | {"value": "identity"} | change
    value = matrix(parameters["value"], 3)
    return limits.summarise(limits.find(trajectory, value)["limits"], parameters).get("limit_reached")


def test_arrival_agrees_with_theorem_4_1():
    """V = I: every token ends at x_0(0)."""
    found = verdict(ending(START, TOGETHER, TOGETHER))
    assert (found.value, found.expected, found.ok, found.note) == (1.0, 1.0, True, None)


def test_a_run_that_has_not_arrived_yet_is_no_contradiction():
    """Two antipodal groups at beta = 9 take about e^18 units of time to merge, and seem to stand still."""
    found = verdict(ending(START, POLES, POLES))
    assert (found.value, found.ok) == (0.0, None)
    assert "infinity" in found.note


def test_table_1_is_held_against_positive_leading_eigenvalues_only():
    assert verdict(ending(START, POLES, POLES), value="axis").ok is True
    assert verdict(ending(START, START, START), value="plane").ok is None
    assert verdict(ending(START, POLES, POLES), value="negative_axis") is None
    assert verdict(ending(START, POLES, POLES), mask="none") is None
