"""Cells of a puzzle compared within the puzzle, on synthetic cells whose order is known."""

import numpy as np
import pytest

from emergent_dynamics.reasoning import diagnostics
from emergent_dynamics.reasoning.figures import positions as figure
from emergent_dynamics.reasoning.findings import positions
from emergent_dynamics.reasoning.parameters import Settings

SETTINGS = Settings(2, -3.0, "qr", 20, 1)
N, CELLS = 60, 9


def table(overlap=0.0, wrong=True):
    """Nine cells, three given. Two open ones are wrong: they grow by 1 more and drift by 1 less; overlap: noise."""
    rng = np.random.default_rng(2)
    open_cells = np.tile(np.arange(CELLS) >= 3, (N, 1))
    right = ~np.isin(np.arange(CELLS), (3, 4) if wrong else ()) & np.ones((N, 1), bool)
    growth = np.where(right, 0.0, 1.0) + overlap * rng.standard_normal((N, CELLS)) + 0.25 * open_cells
    drift = np.repeat(np.where(right, 2.0, 1.0)[:, None], 4, axis=1) + overlap * rng.standard_normal(
        (N, 1, CELLS)
    )
    arrays = {
        "idx": np.arange(N),
        "drift_zH": np.ones((N, 4)),
        "exact_correct": right.all(axis=1),
        "token_acc": right.mean(axis=1),
        "halted_at": np.full(N, -1),
        "drift_position": drift,
        "lyap_position": growth,
        "right_position": right,
        "open_position": open_cells,
    }
    about = {"unit": diagnostics.UNIT, "estimator": "none", "floor": 1e-15, "state_norm": 1.0}
    return {"one": diagnostics.dataset(arrays, about)}


def found(diagnosed):
    rows = positions.find(diagnosed, SETTINGS)
    return rows, positions.summarise(diagnosed, rows)


def test_wrong_cells_that_all_grow_faster_and_drift_less_have_areas_1_and_0():
    rows, headlines = found(table())
    assert headlines["auc_cell_growth_wrong"].value == 1 and headlines["auc_cell_drift_wrong"].value == 0
    assert rows["within"]["n_wrong"].eq(2).all() and rows["within"]["n_right"].eq(4).all()


def test_an_area_between_normal_cells_is_that_of_two_normal_laws():
    """P(a wrong cell grows faster) = Phi(1 / (s sqrt 2)) for noise s on every cell."""
    from scipy.special import ndtr

    _, headlines = found(table(overlap=1.5))
    headline = headlines["auc_cell_growth_wrong"]
    assert abs(headline.value - ndtr(1 / (1.5 * 2**0.5))) < 4 * headline.standard_error


def test_open_minus_given_is_the_difference_of_means():
    """Open cells grow by .25 more, and two of six by 1 more: .25 + 1/3."""
    headlines = found(table())[1]
    assert headlines["growth_open_minus_given"].value == pytest.approx(0.25 + 1 / 3)
    assert headlines["growth_open_minus_given"].unit == diagnostics.UNIT


def test_maps_are_means_over_examples_by_cell():
    rows, _ = found(table())
    cells = rows["positions"]
    assert cells["right"].tolist() == [1, 1, 1, 0, 0, 1, 1, 1, 1]
    assert cells["open"].tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert cells["growth"].tolist() == pytest.approx([0, 0, 0, 1.25, 1.25, 0.25, 0.25, 0.25, 0.25])


def test_without_wrong_cells_nothing_is_compared_and_it_is_said():
    headlines = found(table(wrong=False))[1]
    for name in ("auc_cell_growth_wrong", "auc_cell_drift_wrong"):
        assert np.isnan(headlines[name].value) and "insufficient" in headlines[name].note
    assert figure.sentence(headlines).startswith("Too few puzzles")


def test_the_figure_says_what_the_headlines_say():
    rows, headlines = found(table(overlap=1.5))
    drawing = figure.draw(rows, headlines, diagnostics.UNIT)
    title = drawing.get_suptitle().replace("\n", " ")
    assert title.startswith(
        "Of the same puzzle a wrong open cell drifts more than a right one with probability 0."
    )
    assert (
        ", and a disturbance of a wrong open cell grows faster than of a right one with probability 0."
        in title
    )
    assert [axis.get_title(loc="left").strip() for axis in drawing.axes[:3]] == [
        f"One: {name}" for name in ("drift", "growth", "right")
    ]
