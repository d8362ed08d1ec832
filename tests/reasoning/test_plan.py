"""The jobs that an experiment needs."""

import pytest

from emergent_dynamics.reasoning import plan


@pytest.mark.parametrize(("device", "jobs"), [("cpu", 6), ("cuda", 2)])
def test_shards_cover_every_example_once(device, jobs):
    """A GPU takes all examples of a checkpoint in one job."""
    parameters = {"source": "train", "examples": 600, "checkpoints": [240, 320], "device": device}
    found = [plan.rows(shard, 600, device) for shard in plan.shards(parameters)]
    assert len(found) == jobs
    for checkpoint in (240, 320):
        rows = [i for at, part in found if at == checkpoint for i in part]
        assert rows == list(range(600))
