"""What jobs of config/seeds.yaml held on 27 November 2026, beside what they ask for: those that come closest."""

import importlib

import pytest
import yaml

from emergent_dynamics.config import load
from tests.workflow.project import CHECKOUT

GIVEN = yaml.safe_load((CHECKOUT / "config" / "seeds.yaml").read_text())
HELD = [  # system, member, function of resources.py, MB
    ("reasoning", "maze", "simulate_mb", 794),
    ("reasoning", "maze", "diagnose_mb", 936),
    ("reasoning", "sudoku4/seed=2", "diagnose_mb", 660),
    ("reasoning", "sudoku6_official_norm", "diagnose_mb", 645),
    ("branching", "dynamic_range", "mem_mb", 653),
    ("nca", "demo", "sensitivity_mb", 632),
    ("oscillators", "learned", "training_mb", 623),
    ("oscillators", "gain", "training_mb", 661),
]


@pytest.fixture(scope="module")
def seeds():
    return load(GIVEN, ["config/seeds.yaml"])


@pytest.mark.parametrize(("system", "member", "function", "held"), HELD)
def test_a_job_asks_for_what_it_holds_and_at_most_twice_that(seeds, system, member, function, held):
    resources = importlib.import_module(f"emergent_dynamics.{system}.resources")
    asked = getattr(resources, function)(seeds.parameters(system, member))
    assert held <= asked <= 2 * held
