"""Points, basins and returns, on a map of the line whose basins are known."""

import numpy as np
import pytest

from emergent_dynamics.reasoning import diagnostics
from emergent_dynamics.reasoning.findings import attractors
from emergent_dynamics.reasoning.parameters import Settings

SETTINGS = Settings(4, -3.0, "qr", 20, 1)
UNSTABLE, STARTS, EXAMPLES, STEPS = 0.3, 6, 400, 120
P = (1.5 - UNSTABLE) / 3  # share of uniform starts on [-1.5, 1.5] that end at 1, the right answer


def cubic(x):
    return x - 0.1 * (x + 1) * (x - UNSTABLE) * (x - 1)


def table(spectrum=(-0.1, -0.2)):
    """Every example has a start of its own and six others, uniform; its end is disturbed by .2, and once by 2."""
    rng = np.random.default_rng(5)
    x = rng.uniform(-1.5, 1.5, (EXAMPLES, 1 + STARTS))
    path = [x]
    for _ in range(STEPS):
        path.append(cubic(path[-1]))
    path = np.stack(path, axis=2)
    moved, end = np.abs(np.diff(path, axis=2)), path[:, :, -1]
    kicked = np.clip(end[:, :1] + np.array([0.2, -0.2, -1.4]), -1.5, 1.5)
    still = end[:, :1]
    for _ in range(STEPS):
        kicked, still = cubic(kicked), cubic(still)
    arrays = {
        "idx": np.arange(EXAMPLES),
        "drift_zH": moved[:, 0],
        "exact_correct": end[:, 0] > 0.9,
        "token_acc": np.ones(EXAMPLES),
        "halted_at": np.full(EXAMPLES, -1),
        "lyap_raw": np.tile(spectrum, (EXAMPLES, 1)),
        "start_drift": moved[:, 1:],
        "start_correct": end[:, 1:] > 0.9,
        "start_distance": np.abs(end[:, :, None] - end[:, None]),
        "disturbed_distance": np.abs(kicked - still),
    }
    about = {"unit": diagnostics.UNIT, "estimator": "qr", "floor": 1e-15, "state_norm": 1.0}
    return {"one": diagnostics.dataset(arrays, about)}, end


@pytest.fixture(scope="module")
def found():
    diagnosed, end = table()
    rows = attractors.find(diagnosed, SETTINGS)
    return rows["attractors"], attractors.summarise(diagnosed, rows), end


def close(headline, wanted):
    assert abs(headline.value - wanted) < 4 * headline.standard_error
    assert headline.ci[0] < headline.value < headline.ci[1]


def test_shares_are_those_of_the_basins(found):
    """Right: p. Same point: p^2 + q^2. Several points in 7 starts: 1 - p^7 - q^7. The right basin of those with both
    among their six: (p - p^6) / (1 - p^6 - q^6)."""
    _, headlines, _ = found
    q = 1 - P
    close(headlines["starts_right"], P)
    close(headlines["starts_same_point"], P**2 + q**2)
    close(headlines["several_points"], 1 - P**7 - q**7)
    close(headlines["right_basin"], (P - P**STARTS) / (1 - P**STARTS - q**STARTS))


def test_disturbances_that_cross_the_unstable_point_do_not_return(found):
    """From 1, -1.4 crosses .3; from -1 it does not: two of three return, or all."""
    rows, headlines, end = found
    right = end[:, 0] > 0.9
    assert rows.loc[right & rows["settled"], "returned"].eq(2).all()
    assert rows.loc[~right & rows["settled"], "returned"].eq(3).all()
    settled = rows["settled"].to_numpy()
    wanted = (2 * (right & settled).sum() + 3 * (~right & settled).sum()) / (STARTS * settled.sum())
    assert headlines["disturbed_return"].value == pytest.approx(wanted * STARTS / STARTS)


def test_points_are_numbered_in_order_and_open_ends_have_none():
    distance = np.abs(np.subtract.outer([0.0, 5.0, 0.05, 5.02, 9.0], [0.0, 5.0, 0.05, 5.02, 9.0]))
    settled = np.array([True, True, True, True, False])
    assert attractors.points(distance, settled, 1.0).tolist() == [0, 1, 0, 1, -1]
    assert attractors.points(distance, ~settled, 1.0).tolist() == [-1, -1, -1, -1, 0]


def test_the_dimension_is_of_examples_that_move():
    """With a threshold below all drifts everything moves: exponents ln 2 and -ln 4 make 1.5."""
    diagnosed, _ = table((np.log(2), -np.log(4)))
    moving = Settings(4, -20.0, "qr", 20, 1)
    rows = attractors.find(diagnosed, moving)
    headline = attractors.summarise(diagnosed, rows)["kaplan_yorke_moving"]
    assert headline.value == pytest.approx(1.5) and headline.n == EXAMPLES
    none = attractors.summarise(diagnosed, attractors.find(diagnosed, Settings(4, 3.0, "qr", 20, 1)))
    assert np.isnan(none["kaplan_yorke_moving"].value) and "insufficient" in none["kaplan_yorke_moving"].note
