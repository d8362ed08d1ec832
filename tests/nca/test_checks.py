"""Combinations of keys that no world can have."""

import pickle

import numpy as np
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
    "content, says",
    [(b"\x80\x04].", "holds 0 generations, where generations = "), (b"\x1f\x8b...", "incomplete, or not a list"),
     (b"\x80\x04]", "(its end is missing)"), (b"", "(its end is missing)"), (b"}.", "holds a dict where a list")],
)  # fmt: skip
def test_a_pickle_that_cannot_be_read_is_refused_before_anything_runs(tmp_path, content, says):
    path = tmp_path / "w.pkl"
    path.write_bytes(content)
    own = {"weights": str(path), "grids": str(tmp_path / "none")}
    ((key, _, allowed),) = check(experiment(width=9, height=9, channels=2, pickles=own))
    assert key == "pickles.weights" and says in allowed and "\n" not in allowed
    ((key, _, allowed),) = check(
        experiment(pickles={"weights": str(tmp_path), "grids": str(tmp_path / "none")})
    )
    assert (key, allowed) == ("pickles.weights", "a pickle; it is a folder")


def test_of_a_large_pickle_only_the_beginning_is_read_before_the_run(tmp_path, monkeypatch):
    """Boards 3 and later are left to the job."""
    boards = [np.full((9, 12), value, np.float32) for value in (0.5, 0.5, 0.5, np.nan)]
    (tmp_path / "g.pkl").write_bytes(pickle.dumps(boards))
    own = {"pickles": {"weights": str(tmp_path / "none"), "grids": str(tmp_path / "g.pkl")}}
    small = experiment(height=9, width=12, generations=4, **own)
    assert [key for key, _, _ in check(small)] == ["pickles.grids"]
    monkeypatch.setattr("emergent_dynamics.nca.originals.MOST", 3 * 9 * 12)
    assert [key for key, _, _ in check(small)] == []
    monkeypatch.setattr("emergent_dynamics.nca.originals.MOST", 9)  # not even one board
    assert [key for key, _, _ in check(small)] == []


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
