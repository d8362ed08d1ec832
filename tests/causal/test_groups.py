"""Groups: perfect cases by hand, both algorithms against scipy, invariances, streaming."""

import numpy as np
import pytest
import xarray as xr
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist
from scipy.stats import ortho_group

from emergent_dynamics.causal import groups
from emergent_dynamics.causal.parameters import chord_gap


def circle(*angles):
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def dense_label(x, gap):
    """The definition: connected components of chord < gap, each named by its smallest index."""
    _, component = connected_components(cdist(x, x) < gap, directed=False)
    first = np.array([np.flatnonzero(component == c)[0] for c in range(component.max() + 1)])
    return first[component]


def embedded(x):
    """The same tokens on the great circle of a sphere, which sends them through the other algorithm."""
    return np.concatenate([x, np.zeros((*x.shape[:-1], 1))], axis=-1)


@pytest.fixture(params=[lambda x: x, embedded], ids=["circle", "sphere"])
def space(request):
    return request.param


@pytest.mark.parametrize(
    ("angles", "gap", "expected"),
    [
        ([1.0], 0.07, [0]),  # a lonely token
        ([1.0, 1.0, 1.01], 0.07, [0, 0, 0]),  # one group, the theorem's end state
        ([0.0, np.pi], 0.07, [0, 1]),  # an antipodal pair
        ([-0.02, 3.0, 0.02, -3.13], 0.2, [0, 1, 0, 1]),  # across both seams of the angle
        ([3.12, 0.5, -3.12, 0.52], 0.07, [0, 1, 0, 1]),  # only across the seam at pi
        ([2.0, 1.0, 0.0, -1.0], 0.5, [0, 1, 2, 3]),  # all alone
        (list(np.arange(7) * 2 * np.pi / 7), 0.9, [0] * 7),  # a ring without a gap: neighbours 0.868 apart
        (list(np.arange(7) * 2 * np.pi / 7), 0.86, list(range(7))),  # and the same ring cut everywhere
        ([0.3, 2.0, 5.0], 2.1, [0, 0, 0]),  # a gap longer than any chord
        ([0.3, 0.3], 0.0, [0, 1]),  # no chord is below a gap of 0
    ],
)
def test_groups_of_configurations_worked_out_by_hand(space, angles, gap, expected):
    assert groups.label(space(circle(*angles)), gap).tolist() == expected


def test_circle_and_sphere_equal_connected_components_on_random_configurations():
    """300 circles and 150 spheres, from all apart to all together, against scipy's dense graph."""
    rng = np.random.default_rng(1)
    for case in range(300):
        tokens = rng.integers(1, 80)
        gap = rng.uniform(0.01, 0.6)
        theta = rng.uniform(-np.pi, np.pi) + rng.uniform(0.01, np.pi) * rng.uniform(-1, 1, tokens)
        x = circle(*theta)
        expected = dense_label(x, gap)
        np.testing.assert_array_equal(groups.label(x, gap), expected, err_msg=f"circle {case}")
        np.testing.assert_array_equal(groups.label(embedded(x), gap), expected, err_msg=f"sphere {case}")
        if case % 2:
            x = rng.standard_normal((tokens, rng.integers(3, 6)))
            x /= np.linalg.norm(x, axis=-1, keepdims=True)
            np.testing.assert_array_equal(groups.label(x, 1.5 * gap), dense_label(x, 1.5 * gap))


@pytest.mark.parametrize("dimension", [2, 3, 5])
def test_an_orthogonal_map_leaves_labels_alone(dimension):
    """Chords are invariant under O(d)."""
    rng = np.random.default_rng(2)
    x = rng.standard_normal((20, 100, dimension))
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    turn = ortho_group.rvs(dimension, random_state=rng)
    np.testing.assert_array_equal(groups.label(x @ turn.T, 0.11), groups.label(x, 0.11))


@pytest.mark.parametrize("dimension", [2, 3])
def test_relabelling_tokens_relabels_groups(dimension):
    """The partition does not depend on the order of tokens; only the leaders' names do."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal((60, dimension))
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    order = rng.permutation(60)
    before, after = groups.label(x, 0.1)[order], groups.label(x[order], 0.1)
    np.testing.assert_array_equal(before[:, None] == before, after[:, None] == after)
    assert (after <= np.arange(60)).all()
    np.testing.assert_array_equal(after[after], after)


def test_counts_and_sizes_follow_from_labels():
    labels = np.array([[0, 0, 2, 2, 2], [0, 1, 2, 3, 4], [0, 0, 0, 0, 0]], np.int32)
    assert groups.n_clusters(labels).tolist() == [2, 5, 1]
    assert groups.sizes(labels).tolist() == [[2, 0, 3, 0, 0], [1] * 5, [5, 0, 0, 0, 0]]


def test_a_gap_may_scale_with_beta():
    """0.5 / sqrt(49), and the seed's plain 0.07."""
    assert chord_gap({"scaled": 0.5}, 49.0) == pytest.approx(0.5 / 7)
    assert chord_gap(0.07, 49.0) == 0.07


def test_blocks_of_frames_give_what_the_whole_gives(trajectory):
    """A trajectory read in stored chunks of 3 frames; the store's layout fits what is found."""
    trajectory["x"].encoding["chunks"] = (4, 3, 16, 2)
    whole = groups.compute(trajectory, 0.3)
    pieces = list(groups.blocks(trajectory, 0.3))
    assert [p["label"].shape[1] for p in pieces] == [3, 3, 1]
    np.testing.assert_array_equal(whole["label"], groups.label(trajectory["x"].values, 0.3))
    np.testing.assert_array_equal(whole["n_clusters"], groups.n_clusters(whole["label"].values))
    layout = groups.variables(trajectory)
    assert set(layout) == {"step", "time", "label", "n_clusters"}
    for name, values in pieces[0].items():
        assert values.dtype == layout[name].dtype
        assert layout[name].shape == whole[name].shape


@pytest.fixture
def trajectory():
    rng = np.random.default_rng(4)
    x = rng.standard_normal((4, 7, 16, 2))
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    clock = {"long_name": "clock", "units": "1"}
    return xr.Dataset(
        {"x": (("run", "time", "token", "coord"), x)},
        coords={"step": ("time", np.arange(7), clock), "time": ("time", np.arange(7.0), clock)},
        attrs={"parameters": "{}"},
    )
