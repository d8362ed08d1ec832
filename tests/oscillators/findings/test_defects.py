"""Vortices of fields made by hand, and the conservation of their charge."""

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics import streams
from emergent_dynamics.oscillators import theory
from emergent_dynamics.oscillators.codes import encode
from emergent_dynamics.oscillators.findings import defects
from tests.oscillators.experiments import assert_headline, by_hand, complete


def vortex(height=28, width=28):
    y, x = np.mgrid[:height, :width]
    return np.arctan2(y - 13.5, x - 13.5)


def test_a_vortex_is_one_defect_of_charge_one_at_its_core():
    """V12. atan2(y - 13.5, x - 13.5) winds once around the square at (13, 13) and nowhere else."""
    code = encode(vortex())
    found = defects.winding(code)
    assert found.sum() == 1 and found[13, 13] == 1 and np.abs(found).sum() == 1
    assert defects.boundary_winding(code) == 1
    assert defects.winding(encode(-vortex())).sum() == -1


def test_a_third_of_random_squares_winds():
    """V11. Four independent phases: P(w != 0) = 1/3; 100,489 squares, neighbours share links (4 SE of 0.0015 x 1.2)."""
    theta = 2 * np.pi * streams.uniform(1, "test.vortex", 0, 0, 318 * 318).reshape(318, 318) - np.pi
    assert abs((defects.winding(encode(theta)) != 0).mean() - 1 / 3) < 0.007


@pytest.mark.parametrize(
    ("y", "x"), [("open", "open"), ("periodic", "open"), ("open", "periodic"), ("periodic", "periodic")]
)
def test_windings_sum_to_the_windings_of_the_boundary(y, x):
    """Stokes, exact on codes: on a torus the sum is 0, on a cylinder that of its two rims."""
    theta = (
        2 * np.pi * streams.uniform(2, "test.vortex", 0, 0, 2 * 3 * 2 * 9 * 8).reshape(2, 3, 2, 9, 8) - np.pi
    )
    found = defects.find(by_hand(theta), {"boundary": {"y": y, "x": x}})["defects"]
    assert (found["charge"] == found["boundary"]).all()
    assert (found["positive"] - found["negative"] == found["charge"]).all()
    if (y, x) == ("periodic", "periodic"):
        assert (found["charge"] == 0).all()


def test_links_close_on_periodic_axes_and_windings_turn_one_way():
    """A ramp of one turn along x closes with no step left; a sum of four steps is whole, and its sign is atan2's."""
    ramp = encode(np.linspace(-np.pi, np.pi, 8, endpoint=False)[None, :] + np.zeros((3, 1)))
    down, right = defects.links(ramp, True, True)
    assert (
        down.shape == (3, 8) and right.shape == (3, 8) and (right == 65536 // 8).all() and (down == 0).all()
    )
    assert defects.boundary_winding(ramp, True, False) == 0
    assert defects.boundary_winding(np.array([[0, 21845, 43690]]).T + np.zeros((1, 3), np.int64)) == 0
    assert list(defects.wrapped(np.array([32767, 32768, -32768, -32769]))) == [32767, -32768, -32768, 32767]


def test_headlines_are_means_over_runs_of_the_first_and_last_frame():
    rows = [
        {"run": run, "step": step, "fraction": 0.3 + 0.01 * run**1.5 + 0.4 * step, "charge": run, "boundary": 2}
        for run in range(9) for step in (0, 1)
    ]  # fmt: skip
    found = defects.summarise({"defects": pd.DataFrame(rows)}, complete())
    assert (found["defect_conservation_violations"].value, found["defect_conservation_violations"].n) == (
        16,
        18,
    )
    assert found["defect_conservation_violations"].exact
    start = 0.3 + 0.01 * np.arange(9) ** 1.5
    expected = theory.expected_vortices(complete())
    assert_headline(found["defect_fraction_start"], start, 1, "share", expectation=expected)
    assert_headline(found["defect_fraction_end"], start + 0.4, 1, "share")
    alone = defects.summarise({"defects": pd.DataFrame(rows[:2])}, complete(initial_phases="mine.npy"))
    assert alone["defect_fraction_start"].expectation is None
    assert {alone[f"defect_fraction_{end}"].note for end in ("start", "end")} == {"no interval: one run"}


def test_a_row_of_pixels_has_no_share_of_vortices():
    """It was 0, which disagreed with 1/3."""
    table = defects.find(by_hand(np.zeros((2, 3, 2, 1, 5))), complete())["defects"]
    assert table["fraction"].isna().all() and (table["positive"] == 0).all()
    headline = defects.summarise({"defects": table}, complete())["defect_fraction_start"]
    assert headline.note == "no square of four pixels" and headline.expectation is None


def test_the_fraction_is_of_the_squares_of_all_channels():
    """One vortex in one of three channels of 27 x 27 squares, in the second frame of either run, of opposite sign."""
    theta = np.zeros((2, 2, 3, 28, 28))
    theta[1, 1, 2] = vortex()
    theta[0, 1, 0] = -vortex()
    table = defects.find(by_hand(theta), complete())["defects"]
    assert list(table["fraction"]) == [0, 1 / (3 * 27 * 27)] * 2 and list(table["positive"]) == [0, 0, 0, 1]
    assert list(table["boundary"]) == [0, -1, 0, 1] and list(table["negative"]) == [0, 1, 0, 0]
    assert list(table.index) == [0, 1, 2, 3]
    assert list(table["time"]) == [0, 0.5] * 2 and list(table["run"]) == [0, 0, 1, 1]
