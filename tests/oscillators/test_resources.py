"""Requests of a job: one core computes 1e8 unit-steps per second, so 4e10 are some minutes of one."""

import pytest

from emergent_dynamics.config import load
from emergent_dynamics.oscillators import features, resources

LARGE = {"height": 2048, "width": 2048, "channels": 4, "steps": 3000}


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, 1),
        ({"device": "auto"}, 0),
        ({"steps": 600}, 0),
        ({"integrator": "rk4", "steps": 24}, 1),
        ({"integrator": "rk4", "steps": 23}, 0),
        ({"channels": 17}, 0),
    ],
)
def test_a_gpu_is_asked_for_only_where_it_is_worth_it_and_used(changes, asked):
    given = LARGE | {"device": "cuda"} | changes
    parameters = load({"experiments": {"oscillators": {"x": given}}}, ["test"]).parameters("oscillators", "x")
    assert resources.gpus(parameters) == asked


def test_the_request_of_a_training_counts_the_images_that_are_simulated_at_once():
    """resources.py must not import what computes, so that the number stands in both."""
    assert resources.IMAGES == features.BATCH
