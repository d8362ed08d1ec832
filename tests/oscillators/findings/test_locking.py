"""Phase-locking values of known differences."""

import numpy as np
import pytest

from emergent_dynamics.oscillators.findings import locking
from tests.oscillators.experiments import by_hand, complete


def test_locking_of_equal_and_of_drifting_frequencies():
    """Equal frequencies with any offset: PLV 1. One turn apart over the window: 0."""
    t = np.arange(200) * 2 * np.pi / 100
    theta = np.stack([t, t + 1.0, 2 * t])[:, :].T.reshape(1, 200, 1, 1, 3)
    tables = locking.find(by_hand(np.angle(np.exp(1j * theta))), complete())
    plv = tables["plv"][0]
    assert plv[0, 1] == pytest.approx(1.0) and plv[0, 2] == pytest.approx(0.0, abs=1e-12)
    assert locking.summarise(tables, complete())["phase_locked_pairs"].value == pytest.approx(1 / 3)
