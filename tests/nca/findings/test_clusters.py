"""Clusters of weights: in one basis, and in one per frame."""

import numpy as np
import pandas
import pytest
import xarray as xr

from emergent_dynamics.nca import cnwa, fixed_basis
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.findings import clusters
from tests.nca.worlds import board, datasets, drive, parameters


@pytest.fixture(scope="module")
def world():
    p = parameters(runs=2, generations=40, inheritance=0.5)
    stored = drive(p)
    return p, stored, datasets(stored, p)


def test_clusters_partition_the_living_and_keep_their_labels(world):
    """Cells and genomes over the clusters add up to those with a net; a sampled genome has one label."""
    _, stored, groups = world
    settings = {"channels": 2, "clusters": 3, "seed": 1, "cluster_basis": "fixed"}
    table, sample = clusters.find(groups, settings).values()
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
        table, sample = clusters.find(Trajectory(frames, log, states), settings).values()
        assert table.empty and sample.empty and list(table) == fixed_basis.TABLE


def test_a_basis_a_frame_clusters_all_cells(world):
    """CNWA: empty cells are among the clusters' cells but no genomes; every cell is nearest to its own centroid."""
    p, stored, groups = world
    table, sample = cnwa.cluster(groups.frames, groups.log, {"channels": 2, "clusters": 3})
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
    found = clusters.summarise(table)["largest_cluster"]
    assert found.value == pytest.approx((0.75 + 0.5) / 2) and found.n == 2 and found.unit == "share"
    assert found.note == "undefined in 1 of 3 runs: no cell has a net in the last generation"
    assert found.ci == (0, 1)


def test_without_clusters_the_headline_says_why():
    found = clusters.summarise(pandas.DataFrame(columns=fixed_basis.TABLE))["largest_cluster"]
    assert np.isnan(found.value) and found.note == "fewer genomes than clusters"
