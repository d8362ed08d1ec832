"""Limits: eigenspaces of V, ends worked out by hand, no verdict before the end of time."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml

from emergent_dynamics.causal import groups, simulation
from emergent_dynamics.causal.findings import limits
from emergent_dynamics.causal.presets import matrix
from emergent_dynamics.config.schema import read_schemas, resolve

LAW = {"query": "identity", "key": "identity", "dimension": 3, "mask": "causal", "attention": "softmax"}


def ending(*frames):
    """Runs of one token sequence each: frames[time][token][coord]."""
    return xr.Dataset({"x": (("run", "time", "token", "coord"), np.array(frames, float)[None])})


START = np.eye(3)
TOGETHER = np.array([[1.0, 0.0, 0.0]] * 3)
POLES = np.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        (np.eye(3), np.eye(3)),
        (np.diag([1.0, 1.0, 0.0]), np.eye(3)[:, :2]),
        (np.diag([1.0, 0.5, 0.0]), np.eye(3)[:, :1]),
        (-np.diag([1.0, 2.0, 3.0]), np.eye(3)[:, :1]),
        (np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), np.eye(3)[:, :1]),
    ],
)
def test_the_leading_space_is_that_of_the_largest_eigenvalue(value, columns):
    """The same projection, whatever the basis; the last V is not symmetric."""
    space = limits.leading_space(value)
    np.testing.assert_allclose(space @ space.T, columns @ columns.T, atol=1e-12)


def test_a_rotation_of_the_plane_has_no_leading_space():
    """Eigenvalues e^(+-i pi / 2): nothing is real; `along` is NaN, not 0."""
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    assert limits.leading_space(turn) is None
    x = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    row = limits.find(xr.Dataset({"x": (("run", "time", "token", "coord"), x[None])}), turn)["limits"].iloc[0]
    assert np.isnan(row["along"])
    assert np.isnan(row["sides"])


def test_a_collapse_on_token_0_worked_out_by_hand():
    row = limits.find(ending(START, TOGETHER, TOGETHER), np.eye(3))["limits"].iloc[0]
    assert (row["distance"], row["moved"], row["along"]) == (0.0, 0.0, 1.0)


def test_two_points_on_the_leading_line_worked_out_by_hand():
    row = limits.find(ending(START, START, POLES), np.diag([1.0, 0.5, 0.0]))["limits"].iloc[0]
    assert (row["distance"], row["along"], row["sides"]) == (2.0, 1.0, 2.0)
    assert row["moved"] == pytest.approx(2**0.5)


def summary(trajectory, **change):
    parameters = LAW | {"value": "identity"} | change
    value = matrix(parameters["value"], 3)
    return limits.summarise(limits.find(trajectory, value)["limits"], parameters, value)


def reached(trajectory, **change):
    return summary(trajectory, **change).get("limit_reached")


def test_arrival_is_counted_and_the_theorem_stands_beside_it():
    """V = I: every token ends at x_0(0), as t -> infinity; Table 1 for other positive leading eigenvalues."""
    found = reached(ending(START, TOGETHER, TOGETHER))
    assert (found.value, found.expectation, found.unit) == (1.0, None, "share")
    assert "theorem 4.1" in found.note and "infinity" in found.note
    assert found.sentence.endswith("at the first token")
    assert "conjecture" in reached(ending(START, POLES, POLES), value="axis").note


def test_a_run_that_has_not_arrived_yet_is_counted_and_contradicts_nothing():
    """Two antipodal groups at beta = 9 take about e^18 units of time to merge, and seem to stand still."""
    found = reached(ending(START, POLES, POLES))
    assert (found.value, found.n, found.expectation) == (0.0, 1, None)


def test_arrival_means_within_a_millionth():
    for away, share in ((0.9e-6, 1.0), (1.1e-6, 0.0)):
        near = np.array([[1.0, away, 0.0]] * 3)
        assert reached(ending(START, near, near)).value == share
        leaning = np.array([[1.0 - away, 0.0, (2 * away) ** 0.5]] * 3)
        assert reached(ending(START, leaning, leaning), value="plane").value == share


def test_table_1_is_held_against_positive_leading_eigenvalues_only():
    assert reached(ending(START, POLES, POLES), value="axis").value == 1.0
    assert reached(ending(START, START, START), value="plane").value == 0.0
    assert reached(ending(START, POLES, POLES), value="negative_axis") is None
    assert reached(ending(START, POLES, POLES), mask="none") is None
    assert reached(ending(START, POLES, POLES), attention="unnormalised") is None


def test_headlines_are_the_means_of_the_table():
    """Two runs on the line of V = diag(1, 1/2, 0): one at both poles, one at the first; distances 2 and 0."""
    x = np.stack([np.stack([START, START, POLES]), np.stack([START, TOGETHER, TOGETHER])])
    found = summary(xr.Dataset({"x": (("run", "time", "token", "coord"), x)}), value="axis")
    assert found["distance_to_first_token"].value == 1.0
    assert found["distance_to_first_token"].ci == (0.0, 2.0)
    assert (found["along_leading_space"].value, found["along_leading_space"].exact) == (1.0, False)
    assert found["along_leading_space"].ci == pytest.approx((0.025**0.5, 1.0))
    assert (found["sides_of_leading_line"].value, found["sides_of_leading_line"].ci) == (1.5, (1.0, 2.0))
    assert (found["still_moving"].value, found["still_moving"].n) == (0.5, 2)
    assert found["still_moving"].ci == pytest.approx((1 - 0.975**0.5, 0.975**0.5))
    assert found["limit_reached"].n == 2


def test_what_is_undefined_or_true_by_definition_says_so():
    """All directions lead where V = I, a plane is no line, and a rotation has no real eigenvalue."""
    found = summary(ending(START, POLES, POLES))
    assert (found["along_leading_space"].value, found["along_leading_space"].exact) == (1.0, True)
    assert found["along_leading_space"].ci is None and "not sampled" in found["along_leading_space"].note
    assert found["sides_of_leading_line"].note == "the leading space of V is not a line"
    turn = {"value": [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -2.0]]}
    found = summary(ending(START, POLES, POLES), **turn)
    assert np.isnan(found["along_leading_space"].value) and not found["along_leading_space"].exact
    assert found["along_leading_space"].note == "the largest eigenvalue of V is complex"
    assert found["sides_of_leading_line"].note and "limit_reached" not in found
    found = summary(ending(START, POLES, POLES), value="axis")
    single = "no interval: a single sample"
    assert found["along_leading_space"].note == found["sides_of_leading_line"].note == single


def test_a_single_frame_has_not_moved():
    row = limits.find(ending(START), np.eye(3))["limits"].iloc[0]
    assert (row["moved"], row["distance"]) == (0.0, pytest.approx(2**0.5))


def test_eigenvalues_that_differ_by_rounding_are_one():
    """1 and 1 + 1e-12 span a plane; 1 and 1 + 1e-3 do not; also of a V a thousand times larger."""
    for scale in (1.0, 1000.0):
        assert limits.leading_space(scale * np.diag([1.0, 1.0 + 1e-12, 0.0])).shape[1] == 2
        assert limits.leading_space(scale * np.diag([1.0, 1.001, 0.0])).shape[1] == 1


def test_an_imaginary_part_of_rounding_is_none():
    """Eigenvalues 1 +- i e of [[1, -e], [e, 1]]: complex at e = 1e-6, one double eigenvalue at 1e-11."""
    assert limits.leading_space(np.array([[1.0, -1e-6], [1e-6, 1.0]])) is None
    assert limits.leading_space(np.array([[1.0, -1e-11], [1e-11, 1.0]])).shape == (2, 2)
    assert limits.leading_space(1e6 * np.array([[1.0, -1e-11], [1e-11, 1.0]])).shape == (2, 2)


def simulated(name, **changes):
    """Clock, tokens at the start and at the end of an experiment as it stands in config/seeds.yaml."""
    path = Path(__file__).parents[3] / "config" / "seeds.yaml"
    own = yaml.safe_load(path.read_text())["experiments"]["causal"][name]
    own.pop("sweep", None)
    run = simulation.build(resolve(read_schemas()[1]["causal"], own | changes))
    state, clock = run.initial(), np.asarray(run.schedule)
    start = run.observe(state)["x"].copy()
    for before, after in itertools.pairwise(clock):
        state = run.advance(state, before, after)
    return clock, start, run.observe(state)["x"]


@pytest.mark.slow  # half a minute: four of the ten members as they stand in config/seeds.yaml, and four more
def test_the_experiment_atlas_shows_the_table():
    """Its comment: at beta = 4 the rows with a positive eigenvalue have arrived in all runs; clouds at beta = 9."""
    ends = {}
    for value in ("identity", "plane", "axis", "negative_identity", "negative_axis"):
        for beta in (4, 9) if value != "identity" else (4,):
            clock, start, ends[value, beta] = simulated("atlas", value=value, beta=beta)
            assert (clock[-1], len(start)) == (20_000, 20)
            if value == "identity":
                assert np.linalg.norm(ends[value, beta] - start[:, :1], axis=-1).max() < limits.ARRIVED
    counts = {
        (value, beta): groups.n_clusters(groups.label(x, 0.49 / beta**0.5))
        for (value, beta), x in ends.items()
    }
    assert (counts["identity", 4] == 1).all() and (counts["plane", 4] == 1).all()
    assert 1 - np.linalg.norm(ends["plane", 4][..., :2], axis=-1).min() < limits.ARRIVED
    assert counts["plane", 9].max() > 1
    for beta in (4, 9):
        along = ends["axis", beta][..., 0]
        assert (counts["axis", beta] == 2).all() and (along.min(-1) < 0).all() and (along.max(-1) > 0).all()
        assert 1 - np.abs(along).min() < limits.ARRIVED
        assert counts["negative_identity", beta].min() > 10  # a cloud, no point
    along = {beta: ends["negative_axis", beta][..., 0] for beta in (4, 9)}
    assert np.abs(along[9]).min() > 0.5 > np.abs(along[4]).min()  # two clouds round the ends, clearer at 9
    assert all((x > 0).any(-1).all() and (x < 0).any(-1).all() for x in along.values())
    assert min(len(np.unique(run.round(3))) for run in along[9]) > 10


@pytest.mark.slow  # two minutes: the experiment as it stands in config/seeds.yaml
def test_the_experiment_collapse_collapses():
    """Its comment: all 20 runs have arrived at token 0 by t = 10^7, in one group each."""
    clock, start, end = simulated("collapse")
    assert (clock[-1], len(end)) == (1e7, 20)
    assert np.linalg.norm(end - start[:, :1], axis=-1).max() < limits.ARRIVED
    assert (groups.n_clusters(groups.label(end, 0.49 / 3)) == 1).all()
