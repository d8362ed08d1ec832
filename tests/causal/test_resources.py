"""Requests of a job: one core computes 2e8 pairs per second, so 4e10 are some minutes of one."""

import pytest

from emergent_dynamics.causal import resources
from emergent_dynamics.config import load

LARGE = {"tokens": 256, "dimension": 3, "runs": 64, "steps": 20000}


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, 1),
        ({"device": "auto"}, 0),
        ({"steps": 2000}, 0),
        ({"integrator": "ode", "end_time": 1000, "save": {"every": 1000}}, 1),
        ({"integrator": "ode", "end_time": 1000, "save": {"every": 1000}, "tokens": 700}, 0),
        ({"integrator": "ode", "end_time": 1000, "save": {"every": 1000}, "dimension": 9}, 0),
        ({"dimension": 2, "runs": 1}, 0),
    ],
)
def test_a_gpu_is_asked_for_only_where_it_is_worth_it_and_used(changes, asked):
    given = LARGE | {"device": "cuda"} | changes
    parameters = load({"experiments": {"causal": {"x": given}}}, ["test"]).parameters("causal", "x")
    assert resources.gpus(parameters) == asked
