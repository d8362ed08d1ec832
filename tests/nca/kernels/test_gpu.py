"""Torch and the readable reference are one model, here on a CPU; on a card: test_on_card.py."""

import numpy as np
import pytest

from emergent_dynamics.nca.kernels import gpu
from tests.nca.worlds import CONFIGURATIONS, drive, parameters

CONSTANT = {name: changes for name, changes in CONFIGURATIONS.items() if "landscape" not in changes}


@pytest.mark.parametrize("changes", CONSTANT.values(), ids=CONSTANT)
def test_torch_equals_the_reference_when_updates_are_synchronous(changes):
    """The same ids, births and alpha in tenths from `engine: torch` (here on a CPU) as from the reference."""
    p = parameters(**{**changes, "update": "synchronous", "generations": 12})
    reference = drive(
        parameters(**{**changes, "update": "synchronous", "generations": 12, "engine": "reference"})
    )
    torch = drive(parameters(**{**changes, "update": "synchronous", "generations": 12, "engine": "torch"}))
    assert p.founders > 0
    for name in ("gid", "alpha", "genome/parent", "genome/cell", "genome/changes", "genome/gene"):
        assert np.array_equal(reference[name], torch[name]), name
    assert np.allclose(reference["genome/value"], torch["genome/value"], atol=1e-6)


def test_a_landscape_that_changes_is_left_to_the_cpu():
    assert "landscape" in gpu.unsupported(
        parameters(update="synchronous", **CONFIGURATIONS["changing landscape"])
    )
    assert gpu.unsupported(parameters(update="synchronous")) == "" and "order" in gpu.unsupported(
        parameters()
    )
