"""Combinations of keys that no world can have."""

import pytest

from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.nca.checks import check
from emergent_dynamics.nca.parameters import UNBOUNDED, Parameters
from emergent_dynamics.nca.resources import analysis_mb, simulate_mb


def experiment(**changes):
    _, schemas = read_schemas()
    return resolve(schemas["nca"], changes)


@pytest.mark.parametrize(
    "changes, key",
    [
        ({"alive_threshold": 0.4}, "alive_threshold"),
        ({"seed_fraction": 1e-6}, "seed_fraction"),
        ({"width": 8192, "height": 8192, "channels": 16}, "width"),
        ({"device": "cuda", "engine": "cpu"}, "device"),
        ({"rwsp": [3, 17, 44]}, "rwsp"),
        ({"pickles": {"weights": "w.pkl", "grids": "g.pkl"}, "runs": 2}, "runs"),
        ({"rule": "run2023", "alive_threshold": 0.6}, "budget"),
        ({"landscape": [{"from": 301, "mutation": 0}]}, "landscape[0].from"),
        ({"landscape": [{"from": 9, "mutation": 0}, {"from": 9, "budget": 2}]}, "landscape[1].from"),
        ({"landscape": [{"from": 9, "alive_threshold": 0.4}]}, "landscape[0].alive_threshold"),
        ({"landscape": [{"from": 0, "alive_threshold": [0.5, 0.4]}]}, "landscape[0].alive_threshold"),
        ({"landscape": [{"from": 0, "mutation": [0.1] * 9}], "width": 8}, "landscape[0].mutation"),
        ({"landscape": [{"from": 0, "mutation": [0, 1], "budget": [1, 2, 3]}]}, "landscape[0].mutation"),
        (
            {
                "rule": "run2023",
                "alive_threshold": 0.6,
                "budget": "inf",
                "landscape": [{"from": 0, "budget": ["inf", 4]}],
            },
            "landscape[0].budget",
        ),
        (
            {
                "rule": "run2023",
                "budget": "inf",
                "alive_threshold": 0.6,
                "landscape": [{"from": 9, "budget": 4}],
            },
            "landscape[0].budget",
        ),
    ],
)
def test_an_impossible_world_is_refused_by_its_key(changes, key):
    assert [found for found, _, _ in check(experiment(**changes))] == [key]


@pytest.mark.parametrize(
    "content, whole", [(b"\x80\x04].", True), (b"\x1f\x8b...", True), (b"\x80\x04]", False), (b"", False)]
)
def test_a_pickle_without_its_end_is_refused_before_anything_runs(tmp_path, content, whole):
    """Every pickle ends in the opcode STOP; what gzip packed is read when the job runs."""
    path = tmp_path / "w.pkl"
    path.write_bytes(content)
    found = [
        key
        for key, _, _ in check(experiment(pickles={"weights": str(path), "grids": str(tmp_path / "none")}))
    ]
    assert found == [] if whole else found == ["pickles.weights"]


def test_the_defaults_are_possible():
    assert not list(check(experiment()))


def test_a_validated_experiment_becomes_parameters():
    """Catastrophe flattened, "inf" a number, keys of the analyses left out."""
    stages = [{"from": 5, "budget": "inf"}, {"from": 7, "mutation": 0}]
    p = Parameters.from_config(experiment(budget="inf", catastrophe={"every": 7}, landscape=stages))
    assert p.landscape == ((5, None, None, UNBOUNDED), (7, None, 0, None))
    assert p.budget == UNBOUNDED and p.catastrophe_every == 7 and p.catastrophe_erases == "own"


def test_memory_grows_with_the_world():
    """The thesis' 200 x 200 is simulated in 540 MB, analysed in 590 MB; not so a hundred times the cells."""
    large = experiment(width=2000, height=2000)
    for estimate, limit in ((simulate_mb, 540), (analysis_mb, 590)):
        assert estimate(experiment(generations=1000)) < limit < estimate(large)
