"""Values that contradict each other."""

import json

import pytest

from emergent_dynamics.reasoning import checks


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"source": "npz"}, "files"),
        ({"keys": {"drift_zH": "velocity"}}, "keys"),
        ({"compatibility": "seed"}, "compatibility"),
        ({"late_steps": 17}, "late_steps"),
        ({"roll_out": 8}, "roll_out"),
        ({"source": "train", "runs": 2, "examples": 8}, "runs"),
        ({"source": "train", "checkpoints": [300, 200], "examples": 8}, "checkpoints"),
        ({"source": "train", "examples": 100_000}, "examples"),
        ({"source": "train", "examples": 8, "task": {"size": 5}}, "task.size"),
        ({"source": "train", "examples": 8, "leading": "svd"}, "leading"),
        ({"source": "train", "examples": 8, "network": {"encoding": "rope"}}, "network.encoding"),
        (
            {
                "source": "train",
                "examples": 8,
                "network": {"mixer": "attention", "width": 12, "encoding": "rope"},
            },
            "network.encoding",
        ),
        ({"capture": {"trap": 0.42, "trap_radius": 0.05}}, "capture.trap"),
    ],
)
def test_what_does_not_go_together_is_named(change, key):
    from emergent_dynamics.config import schema

    parameters = schema.resolve(schema.read_schemas()[1]["reasoning"], change)
    assert [fault[0] for fault in checks.check(parameters)] == [key]


def test_defaults_go_together():
    from emergent_dynamics.config import schema

    of = schema.read_schemas()[1]["reasoning"]
    assert not list(checks.check(schema.resolve(of, {})))
    trained = schema.resolve(of, {"source": "train", "examples": 256})
    assert not list(checks.check(trained))
    assert json.dumps(trained)
