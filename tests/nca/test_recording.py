"""A user's own arrays as a store: a world of ours, written as arrays under other numbers, is the world again."""

import json

import numpy as np
import pandas as pd
import pytest

import emergent_dynamics as ed
from emergent_dynamics import store
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.nca import analysis, archive, checks, genomes, ingest, recording, resources, sources
from emergent_dynamics.nca.findings import activity, gd, lineage
from emergent_dynamics.nca.findings import pd as phenotypes
from emergent_dynamics.nca.parameters import Parameters
from tests.nca.worlds import datasets, drive

WORLD = {
    "width": 14, "height": 11, "seed_fraction": 0.3, "inheritance": 0.5, "mutation": 0.05, "budget": 3,
    "generations": 30, "clusters": 2, "runs": 1, "sensitivity": {"twins": 1, "generations": 2},
}  # fmt: skip


def resolved(**changes):
    return resolve(read_schemas()[1]["nca"], {**WORLD, **changes})


def written(folder, ours, p, with_phylogeny=True):
    """Arrays of a world under numbers drawn at random, as .npy, and its phylogeny."""
    parents = ours.log["parent"].values
    number = np.append(0, 1 + np.random.default_rng(1).permutation(parents.size))
    weights = np.full((parents.size + 1, p.genes), np.nan, np.float32)
    weights[0] = 7  # is not read
    last = np.zeros(parents.size + 1, int)
    for generation, (frame, living) in enumerate(
        zip(ours.frames["gid"].values[0], genomes.follow(ours.frames, ours.log, p.genes, 0), strict=True)
    ):
        held = frame.reshape(-1)
        weights[number[held[held > 0]]] = living.weights[living.row.reshape(-1)[held > 0]]
        last[held] = generation
    assert np.isfinite(weights).all()  # some frame holds every genome
    np.save(folder / "ids.npy", number[ours.frames["gid"].values[0]])
    np.save(folder / "alpha.npy", ours.frames["alpha"].values[0] / 10)
    np.save(folder / "weights.npy", weights)
    files = {name: str(folder / f"{name}.npy") for name in ("ids", "alpha", "weights")}
    table = pd.DataFrame({
        "id": number[1:],
        "ancestor_list": [f"[{number[a]}]" if a else "[none]" for a in parents],
        "origin_time": ours.log["birth"].values,
        "destruction_time": np.where(last[1:] == p.generations, np.inf, last[1:] + 1),
    })  # fmt: skip
    table.sample(frac=1, random_state=2).to_csv(folder / "phylogeny.csv", index=False)
    return files | {"phylogeny": str(folder / "phylogeny.csv") if with_phylogeny else None}


@pytest.fixture(scope="module")
def ours():
    p = Parameters.from_config(resolved())
    return datasets(drive(p), p), p


def ingested(folder, ours, with_phylogeny=True):
    own, p = ours
    experiment = resolved(recording=written(folder, own, p, with_phylogeny))
    assert list(checks.check(experiment)) == []
    recording.ingest(folder / "a.zarr", experiment, {"parameters": json.dumps(experiment)})
    assert store.find_damage(folder / "a.zarr") is None
    return archive.read(folder / "a.zarr"), experiment


def test_a_world_of_ours_comes_back_with_its_descent(tmp_path, ours):
    """Every table that does not name genomes; weights of every cell to the bit; clades up to the names of founders."""
    theirs, experiment = ingested(tmp_path, ours)
    own, p = ours
    for one, other in zip(*(genomes.follow(t.frames, t.log, p.genes, 0) for t in (own, theirs)), strict=True):
        assert np.array_equal(one.weights[one.row], other.weights[other.row])
    parameters = resolved()
    for find in (
        phenotypes.find,
        lambda t: gd.find(t, parameters),
        lambda t: {
            "lineage": lineage.find(t)["lineage"].drop(columns="oldest")
        },  # of states, which arrays lack
        lambda t: activity.find(t, parameters),
    ):
        for name, table in find(own).items():
            pd.testing.assert_frame_equal(table, find(theirs)[name])
    parents, changes = theirs.log["parent"].values, theirs.log["changes"].values
    assert (parents < np.arange(1, parents.size + 1)).all() and (changes[parents == 0] == p.genes).all()
    assert changes[parents > 0].max() < p.genes
    assert experiment["recording"]["phylogeny"] is not None


def test_headlines_say_descent_only_where_it_is_known_and_expect_nothing(tmp_path, ours):
    for with_phylogeny in (True, False):
        folder = tmp_path / str(with_phylogeny)
        folder.mkdir()
        _, experiment = ingested(folder, ours, with_phylogeny)
        headlines = analysis.analyse(folder / "a.zarr", experiment).headlines
        assert ("surviving_founders" in headlines) == with_phylogeny
        assert all(headline.expectation is None for headline in headlines.values())


def changed(folder, ours, name, change):
    """The faults of the files of a world after one of its arrays was changed."""
    files = written(folder, *ours)
    values = np.load(files[name])
    np.save(files[name], change(values))
    return resolved(recording=files)


def put(value):
    def change(values):
        values = values.astype(float)
        values[3, 2] = value
        return values

    return change


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("ids", lambda x: x[1:], "an array of shape (generation, y, x) = (31, 11, 14)"),
        ("ids", lambda x: x.swapaxes(1, 2), "(31, 11, 14)"),
        ("ids", put(0.5), "whole numbers"),
        ("ids", put(-1), "from 0"),
        ("ids", put(10_000_000), "10000000"),
        ("alpha", put(np.nan), "finite numbers"),
        ("alpha", put(1.5), "from 0 to 1"),
        ("weights", lambda x: x[:, :-1], "(net, weight)"),
        ("weights", put(np.inf), "finite numbers"),
    ],
)
def test_arrays_that_are_no_such_world_are_one_line(tmp_path, ours, name, change, words):
    faults = list(checks.check(changed(tmp_path, ours, name, change)))
    assert [key for key, _, _ in faults][:1] == [f"recording.{name}"]
    assert words in " ".join(faults[0][2].split()) and "\n" not in faults[0][2]


def test_a_phylogeny_that_contradicts_is_one_line(tmp_path, ours):
    files = written(tmp_path, *ours)
    table = pd.read_csv(files["phylogeny"])
    founders = table["ancestor_list"] == "[none]"
    table[~founders].to_csv(files["phylogeny"], index=False)
    (fault,) = checks.check(resolved(recording=files))
    assert fault[0] == "recording.phylogeny" and "not in the table" in fault[2]
    table[founders].to_csv(files["phylogeny"], index=False)
    experiment = resolved(recording=files)
    with pytest.raises(ValueError, match=r"ids\.npy: net \d+ of generation \d+ is not in the phylogeny"):
        recording.ingest(tmp_path / "b.zarr", experiment, {"parameters": "{}"})


def test_other_keys_that_a_recording_excludes_are_named(tmp_path, ours):
    files = written(tmp_path, *ours)
    landscape = [{"from": 0, "mutation": 0.5}]
    both = resolved(recording=files, runs=2, landscape=landscape)
    assert [key for key, _, _ in checks.check(both)][:2] == ["runs", "landscape"]


def test_a_net_after_its_descendant_is_one_line(tmp_path):
    numbers = recording._Numbers(4, recording.Ancestors(np.array([0, 0, 1, 2]), np.array([0, 1, 2, 3])))
    fresh = numbers.extend(np.array([0, 1, 3]), 0)
    assert fresh.above.tolist() == [0, 1] and fresh.number.tolist() == [1, 2]  # 3 hangs on 1: nobody held 2
    with pytest.raises(ValueError, match="net 2 appears in generation 1, after a descendant of it"):
        numbers.extend(np.array([2, 3]), 1)


def test_a_notebook_reads_files_instead_of_simulating(tmp_path, ours):
    """The same store as through the rule, for arrays as for pickles."""
    files = written(tmp_path, *ours)
    ds = ed.simulate("nca", tmp_path / "a.zarr", **WORLD, recording=files)
    assert ds.attrs["engine"] == "ingested"
    assert np.array_equal(ds["alpha"].values, ours[0].frames["alpha"].values)
    assert sources.converter(resolved(pickles={"weights": "w", "grids": "g"})) is ingest.ingest
    assert sources.converter(resolved()) is None


def test_memory_is_requested_for_as_many_nets_as_there_are(tmp_path, ours):
    """80 bytes per net for an analysis; an experiment alone would not tell their number."""
    files = written(tmp_path, *ours)
    few = resources.analysis_mb(resolved(recording=files))
    np.save(files["weights"], np.zeros((2_000_000, 40), np.float32))
    many = resources.analysis_mb(resolved(recording=files))
    assert many - few == pytest.approx(80 * 2e6 / 2**20, abs=2)
