"""Requests of a job: one core computes about 1.3e7 cells per second, so 8e8 cell-generations are a minute of one."""

import tracemalloc

import pytest

from emergent_dynamics.config import load
from emergent_dynamics.nca import descent, resources
from tests.nca.worlds import datasets, drive, parameters

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
    experiment = load({"experiments": {"nca": {"x": given}}}, ["test"]).parameters("nca", "x")
    assert resources.gpus(experiment) == asked


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
    given = load({"experiments": {"nca": {"x": {"generations": 1000} | changes}}}, ["test"])
    assert 0.95 * born < resources.genomes(given.parameters("nca", "x")) < 1.2 * born


def test_what_descent_holds_for_every_genome_is_requested():
    """The ancestors of the living are known only at the end, so memory grows with the births, and so must the request.

    Ten times the generations of a world in which most births are mutated; 80 bytes per genome are requested, of
    which arrays are fewer than 60.
    """
    held, born = [], []
    for generations in (60, 600):
        p = parameters(width=60, height=60, mutation=0.1, inheritance=0.5, generations=generations)
        trajectory = datasets(drive(p), p)
        if not held:
            descent.read(trajectory.frames, trajectory.log, 0)  # compiles, which is not to be counted
        tracemalloc.start()
        family, counted = descent.read(trajectory.frames, trajectory.log, 0)
        held.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        born.append(family.parent.size - 1)
        assert counted.total.size == family.parent.size
    assert born[1] > 9 * born[0] > 90_000
    assert 36 < (held[1] - held[0]) / (born[1] - born[0]) < 60
    asked = [
        resources.analysis_mb(
            load({"experiments": {"nca": {"x": {"generations": n, "mutation": 0.1}}}}, ["test"]).parameters(
                "nca", "x"
            )
        )
        for n in (1000, 10_000)
    ]
    assert asked[1] > asked[0]
