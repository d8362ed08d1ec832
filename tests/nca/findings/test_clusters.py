"""Clusters of weights: in one basis, and in one per frame."""

import numpy as np
import pandas
import pytest
import xarray as xr

from emergent_dynamics.nca import cloud, cnwa, fixed_basis
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.findings import clusters
from tests.nca.worlds import board, datasets, drive, parameters

NONE = pandas.DataFrame(columns=cloud.QUALITY)


@pytest.fixture(scope="module")
def world():
    p = parameters(runs=2, generations=40, inheritance=0.5)
    stored = drive(p)
    return p, stored, datasets(stored, p)


def test_clusters_partition_the_living_and_keep_their_labels(world):
    """Cells and genomes over the clusters add up to those with a net; a sampled genome has one label."""
    _, stored, groups = world
    settings = {"channels": 2, "clusters": 3, "seed": 1, "cluster_basis": "fixed"}
    table, sample, quality = clusters.find(groups, settings).values()
    assert quality["cloud"].tolist() == list(range(9)) and quality.notna().all(axis=None)
    cells = table.groupby(["run", "generation"])["cells"].sum().to_numpy()
    assert np.array_equal(cells, np.count_nonzero(stored["gid"], axis=(2, 3)).reshape(-1))
    kinds = table.groupby(["run", "generation"])["genomes"].sum().loc[(1, 40)]
    assert kinds == np.unique(stored["gid"][1, 40]).size - (0 in stored["gid"][1, 40])
    assert not sample.duplicated(["run", "genome"]).any()


def test_well_separated_weights_are_told_apart():
    """Three blobs of weights, ten standard deviations apart, get three labels in the order of their frequency."""
    rng = np.random.default_rng(0)
    centres = np.repeat([0.0, 10.0, 20.0], [60, 30, 10])
    weights = (centres[:, None] + rng.normal(0, 1, (100, 40))).astype(np.float32)
    log = xr.Dataset(
        {
            "run": ("genome", np.zeros(100, np.uint16)),
            "parent": ("genome", np.zeros(100, np.int32)),
            "birth": ("genome", np.zeros(100, np.int32)),
            "changes": ("genome", np.full(100, 40, np.uint16)),
            "gene": ("change", np.tile(np.arange(40, dtype=np.uint16), 100)),
            "value": ("change", weights.reshape(-1)),
        }
    )
    frames, _, _ = board(*np.arange(1, 101).reshape(25, 4))
    basis = fixed_basis.fit(frames, log, 40, 3, seed=1)
    seen = basis.sample["genome"].to_numpy() - 1
    counts = np.bincount(np.searchsorted([59, 89], seen, side="left"), minlength=3)
    assert np.array_equal(np.bincount(basis.sample["cluster"]), np.sort(counts)[::-1])
    assert np.array_equal(fixed_basis.label(weights[seen], basis), basis.sample["cluster"])


def test_too_few_genomes_make_no_clusters():
    """Fewer than k living genomes: empty tables with their columns."""
    frames, _, states = board([0, 0, 0, 0])
    names = ("run", "parent", "birth", "cell", "changes")
    log = xr.Dataset({name: ("genome", np.zeros(1, np.int32)) for name in names})
    log = log.assign(gene=("change", np.zeros(0, np.uint16)), value=("change", np.zeros(0, np.float32)))
    for basis in ("fixed", "per_frame"):
        settings = {"channels": 2, "clusters": 3, "seed": 1, "cluster_basis": basis}
        table, sample, quality = clusters.find(Trajectory(frames, log, states), settings).values()
        assert table.empty and sample.empty and quality.empty and list(table) == fixed_basis.TABLE


def test_a_basis_a_frame_clusters_all_cells(world):
    """CNWA: empty cells are among the clusters' cells but no genomes; every cell is nearest to its own centroid."""
    p, stored, groups = world
    table, sample, _ = cnwa.cluster(groups.frames, groups.log, {"channels": 2, "clusters": 3})
    totals = table.groupby(["run", "generation"])[["cells", "genomes"]].sum()
    assert (totals["cells"] == p.cells).all()
    held = [np.unique(gid[gid > 0]).size for run in stored["gid"] for gid in run]
    assert totals["genomes"].tolist() == held
    assert sample["generation"].unique().tolist() == [p.generations]
    points = np.random.default_rng(1).normal(size=(60, 4)) + np.repeat([-20, 0, 20], 20)[:, None]
    labels = cnwa.label(points, points[[0, 25, 50]] + 1, different=60)
    assert labels.tolist() == np.repeat([0, 1, 2], 20).tolist()
    assert cnwa.label(points[:2], points[[0, 25, 50]], different=2).tolist() == [0, 0]


def test_the_largest_cluster_is_counted_in_the_last_generation():
    """Shares 3 of 4 and 4 of 8 in one run and another, whatever was before; a run without nets is left out."""
    rows = [
        (0, 1, 0, 9),
        (0, 2, 0, 3),
        (0, 2, 1, 1),
        (1, 2, 0, 2),
        (1, 2, 1, 2),
        (1, 2, 2, 4),
        (2, 2, 0, 0),
        (2, 2, 1, 0),
    ]
    table = pandas.DataFrame(rows, columns=["run", "generation", "cluster", "cells"])
    found = clusters.summarise(table, NONE)["largest_cluster"]
    assert found.value == pytest.approx((0.75 + 0.5) / 2) and found.n == 2 and found.unit == "share"
    assert found.note == "undefined in 1 of 3 runs: no cell has a net in the last generation"
    assert found.ci == (0, 1)


def test_without_clusters_the_headline_says_why():
    found = clusters.summarise(pandas.DataFrame(columns=fixed_basis.TABLE), NONE)["largest_cluster"]
    assert np.isnan(found.value) and found.note == "fewer genomes than clusters"


def test_one_gaussian_looks_like_its_gaussian_clouds_and_blobs_do_not():
    """In ten dimensions the silhouettes of one Gaussian spread by 0.003; three blobs six sd apart have 0.6 and more."""
    rng = np.random.default_rng(0)
    one = rng.normal(size=(600, 10)) * np.linspace(0.5, 2, 10)
    found = cloud.compare(one, 3, seed=1)
    assert (
        abs(found["silhouette"][0] - found["silhouette"][1:].mean())
        < 4 * found["silhouette"][1:].std()
        < 0.03
    )
    blobs = rng.normal(size=(600, 10)) + 6 * np.eye(10)[rng.integers(0, 3, 600)]
    found = cloud.compare(blobs, 3, seed=1)
    assert found["silhouette"][0] > 0.5 > 0.3 > found["silhouette"][1:].max()
    told = clusters.summarise(pandas.DataFrame(columns=fixed_basis.TABLE), found)
    assert told["silhouette"].value == found["silhouette"][0] and told["silhouette_gaussian"].n == 8
    assert told["silhouette_gaussian"].value == pytest.approx(found["silhouette"][1:].mean())


def test_variance_on_two_axes_by_hand():
    """Points at +-3, +-2, +-1 on three axes: 18, 8 and 2, so 26 of 28."""
    points = np.concatenate([np.diag([3.0, 2.0, 1.0]), -np.diag([3.0, 2.0, 1.0])])
    assert cloud.explained(points) == pytest.approx(26 / 28)
    assert np.isnan(cloud.explained(np.ones((4, 3))))


def test_equal_nets_have_no_silhouette():
    found = cloud.compare(np.zeros((5, 3)), 2, seed=1)
    assert found[["silhouette", "variance_explained"]].isna().all(axis=None)
    told = clusters.summarise(pandas.DataFrame(columns=fixed_basis.TABLE), found)
    assert np.isnan(told["silhouette"].value) and told["silhouette"].note == clusters.ALIKE
    assert np.isnan(told["silhouette_gaussian"].value)
