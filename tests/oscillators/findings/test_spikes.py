"""Spikes of a level made by hand."""

import numpy as np
import pytest

from emergent_dynamics.oscillators.findings import spikes
from tests.oscillators.experiments import by_hand, complete


def test_spikes_as_level_events_and_first_time():
    """One unit: 0 1 1 0 1: rate 3/5, events at 1 and 4, first at 0.5, last at 2.0; the other never."""
    level = np.zeros((1, 5, 1, 1, 2), bool)
    level[0, [1, 2, 4], 0, 0, 0] = True
    found = spikes.find(by_hand(np.zeros(level.shape), level), complete())
    assert list(found["rates"]["rate"]) == [0, 0.5, 0.5, 0, 0.5]
    assert list(found["rates"]["events"]) == [0, 0.5, 0, 0, 0.5]
    assert found["first_spike"].ravel() == pytest.approx([0.5, np.nan], nan_ok=True)
    assert found["last_spike"].ravel() == pytest.approx([2.0, np.nan], nan_ok=True)
    assert list(found["events"].ravel()) == [2, 0]
