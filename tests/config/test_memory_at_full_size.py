"""What jobs of config/seeds.yaml held on 27 and 28 November 2026, beside what they ask for: those that come closest."""

import importlib
from pathlib import Path

import pytest
import yaml

from emergent_dynamics.config import load
from tests.workflow.project import CHECKOUT

GIVEN = yaml.safe_load((CHECKOUT / "config" / "seeds.yaml").read_text())
HELD = Path(__file__).with_name("memory_at_full_size.csv").read_text().splitlines()[1:]


@pytest.fixture(scope="module")
def seeds():
    return load(GIVEN, ["config/seeds.yaml"])


@pytest.mark.parametrize("row", HELD)
def test_a_job_asks_for_what_it_holds_and_at_most_twice_that(seeds, row):
    system, member, function, held = row.split(",")
    resources = importlib.import_module(f"emergent_dynamics.{system}.resources")
    asked = getattr(resources, function)(seeds.parameters(system, member))
    assert int(held) <= asked <= 2 * int(held)
