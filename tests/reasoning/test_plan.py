"""The jobs that an experiment needs."""

import pytest

from emergent_dynamics.reasoning import diagnose, plan, resources


@pytest.mark.parametrize(("device", "jobs"), [("cpu", 6), ("cuda", 2)])
def test_shards_cover_every_example_once(device, jobs):
    """A GPU takes all examples of a checkpoint in one job."""
    parameters = {"source": "train", "examples": 600, "checkpoints": [240, 320], "device": device}
    found = [plan.rows(shard, 600, device) for shard in plan.shards(parameters)]
    assert len(found) == jobs
    for checkpoint in (240, 320):
        rows = [i for at, part in found if at == checkpoint for i in part]
        assert rows == list(range(600))


def test_the_request_of_a_diagnosis_counts_the_examples_that_are_computed_together():
    """resources.py must not import what computes, so that the number stands in both."""
    assert resources.CHUNK == diagnose.BATCH
