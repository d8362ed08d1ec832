"""Vortices of fields made by hand, and the conservation of their charge."""

import numpy as np
import pytest

from emergent_dynamics import streams
from emergent_dynamics.oscillators.codes import encode
from emergent_dynamics.oscillators.findings import defects
from tests.oscillators.experiments import by_hand


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
