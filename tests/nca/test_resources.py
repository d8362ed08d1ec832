"""Requests of a job: one core computes about 1.3e7 cells per second, so 8e8 cell-generations are a minute of one."""

import pytest

from emergent_dynamics.config import load
from emergent_dynamics.nca import resources

LARGE = {"width": 512, "height": 512, "generations": 4000, "archive": "checkpoint"}


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, 1),
        ({"device": "auto"}, 0),
        ({"archive": "lineage"}, 0),
        ({"generations": 400}, 0),
    ],
)
def test_a_gpu_is_asked_for_only_where_it_is_worth_it_and_used(changes, asked):
    given = LARGE | {"device": "cuda"} | changes
    parameters = load({"experiments": {"nca": {"x": given}}}, ["test"]).parameters("nca", "x")
    assert resources.gpus(parameters) == asked


@pytest.mark.parametrize(
    ("changes", "born"),
    [
        ({"inheritance": 0.5}, 3_190_671),
        ({}, 1_273_196),
        ({"inheritance": 0.5, "budget": 8, "seed_fraction": 0.02}, 2_022_635),
    ],
)
def test_the_genomes_of_a_run_are_foreseen(changes, born):
    """Beside run 0 of three of the 24 experiments: 40,000 cells, 1,000 generations; within a fifth."""
    parameters = load({"experiments": {"nca": {"x": {"generations": 1000} | changes}}}, ["test"])
    assert 0.95 * born < resources.genomes(parameters.parameters("nca", "x")) < 1.2 * born
