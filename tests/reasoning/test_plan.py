"""Jobs of an experiment."""

from emergent_dynamics.reasoning import plan


def test_shards_cover_every_example_once():
    parameters = {"source": "train", "examples": 600, "checkpoints": [240, 320]}
    found = [plan.rows(shard, 600) for shard in plan.shards(parameters)]
    for checkpoint in (240, 320):
        rows = [i for at, part in found if at == checkpoint for i in part]
        assert rows == list(range(600))
