"""The energy never rises where it provably may not."""

import numpy as np
import pytest

from emergent_dynamics.findings import agrees
from emergent_dynamics.oscillators import theory
from emergent_dynamics.oscillators.findings import energy
from tests.oscillators.experiments import complete, simulated


@pytest.mark.parametrize(
    "changes", [{"frequency": 0}, {"frequency": 0, "boundary": {"x": "periodic", "y": "periodic"}}]
)
def test_the_energy_of_a_run_never_rises(changes):
    """The run-time check of V8, on the float32 kernel with an input that follows, for 512 steps."""
    settings = complete(**changes)
    found = energy.find(simulated(**changes), settings)
    rows = energy.summarise(found, settings)
    assert agrees(rows["energy_rises"]).outcome == "agrees" and rows["energy_rises"].value == 0
    limit, reason = theory.energy_bound(settings)
    assert limit > settings["step_size"] and reason == ""


def test_no_bound_is_claimed_where_none_is_known():
    limit, reason = theory.energy_bound(complete())
    assert np.isnan(limit) and "Omega acts" in reason
