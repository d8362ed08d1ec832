"""The originals' pickles, read item by item, and nothing else."""

import datetime
import itertools
import json
import pickle
import tracemalloc

import numpy as np
import pytest

from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.nca import archive, genomes, ingest
from emergent_dynamics.nca.colouring import parameters_to_genes
from emergent_dynamics.nca.findings import gd, lineage
from tests.nca.worlds import datasets, drive, parameters


def write(path, value, protocol=4):
    with path.open("wb") as file:
        pickle.dump(value, file, protocol)
    return path


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_nested_lists_come_back_generation_by_generation(tmp_path, protocol):
    """1,200 cells (more than pickle's batches of 1,000) of 44 floats, 3 generations."""
    values = np.random.default_rng(0).normal(size=(3, 1200, 44)).astype(np.float32)
    path = write(tmp_path / "weights.pkl", values.tolist(), protocol)
    assert np.array_equal(np.stack(list(ingest.items(path))), values)


@pytest.mark.parametrize("generations", [1, 2, 1001])
def test_lists_of_arrays_come_back(tmp_path, generations):
    """`ca_grids`: float32 boards; one item is written without a batch, 1,001 with two."""
    boards = [np.full((3, 4), g, np.float32) for g in range(generations)]
    found = list(ingest.items(write(tmp_path / "grids.pkl", boards)))
    assert np.array_equal(np.stack(found), np.stack(boards))


def test_frequency_dictionaries_come_back(tmp_path):
    counts = [{0.0: 812, 0.6: 88}, {0.0: 900}]
    assert list(ingest.items(write(tmp_path / "frequency_dicts.pkl", counts))) == counts


@pytest.mark.parametrize(
    "value, named",
    [
        ([1.0, datetime.date(2024, 1, 1)], "datetime.date"),
        ([np.array([None])], "objects"),
        ({"a": [1.0]}, "dict where a list"),
    ],
)
def test_anything_but_data_is_refused_by_name(tmp_path, value, named):
    with pytest.raises(ingest.Refused, match=named):
        list(ingest.items(write(tmp_path / "bad.pkl", value)))


def test_a_pickle_that_would_run_a_command_runs_nothing(tmp_path):
    """The classic attack: `os.system` by name."""
    path = tmp_path / "evil.pkl"
    path.write_bytes(b"cposix\nsystem\n(S'touch " + str(tmp_path / "touched").encode() + b"'\ntR.")
    with pytest.raises(ingest.Refused, match=r"posix\.system"):
        list(ingest.items(path))
    assert not (tmp_path / "touched").exists()


def test_a_cut_file_is_refused(tmp_path):
    path = write(tmp_path / "cut.pkl", [[1.0, 2.0]] * 1)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises((ingest.Refused, EOFError, pickle.UnpicklingError)):
        list(ingest.items(path))


def test_memory_holds_one_generation_however_long_the_file(tmp_path):
    """Ten times the generations, the same peak (within 20 %)."""
    peaks = []
    for generations in (10, 100):
        values = np.random.default_rng(0).normal(size=(generations, 300, 44)).tolist()
        path = write(tmp_path / f"{generations}.pkl", values)
        del values
        tracemalloc.start()
        for _ in ingest.items(path):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


def test_an_ingested_run_has_the_diversity_of_the_run(tmp_path):
    """Our run, written as the originals would, read back: ids are as many, colours and counts are equal."""
    changes = {"width": 12, "height": 9, "generations": 8, "seed_fraction": 0.2, "inheritance": 0.5}
    p = parameters(archive="dense", **changes)
    stored = drive(p)
    gene = parameters_to_genes(2)
    dense = np.zeros((9, p.cells, 44), np.float32)
    dense[..., gene >= 0] = stored["weights"][0].reshape(9, p.cells, 40)
    weights = write(tmp_path / "weights.pkl", dense.tolist())
    grids = write(tmp_path / "grids.pkl", [a.astype(np.float32) / 10 for a in stored["alpha"][0, 1:]])
    _, schemas = read_schemas()
    files = {"weights": str(weights), "grids": str(grids)}
    experiment = resolve(schemas["nca"], {**changes, "pickles": files})
    ingest.ingest(tmp_path / "old.zarr", experiment, {"parameters": json.dumps(experiment)})
    old = archive.read(tmp_path / "old.zarr")
    columns = ["rwsp", "ghc", "exact", "nets", "hill_2", "alive"]
    settings = {"channels": 2, "seed": 1, "rwsp": [0, 5, 39]}
    ours, theirs = (gd.find(t, settings)["gd"][columns] for t in (datasets(stored, p), old))
    assert np.allclose(ours, theirs)
    table = lineage.find(old)["lineage"]
    assert table["oldest"].isna().all()
    told = lineage.summarise(table, experiment)
    assert "genomes" in told and not {"founders", "depth", "mrca"} & set(told)  # parents were never recorded
    with pytest.raises(ValueError, match="holds 8"):
        ingest.ingest(tmp_path / "short.zarr", {**experiment, "generations": 9}, {})


def read_back(folder, nets, boards):
    """A store from weights (generation, cell, 44) and boards (generation, y, x), as the originals write them."""
    _, schemas = read_schemas()
    files = {
        "weights": str(write(folder / "weights.pkl", nets.tolist())),
        "grids": str(write(folder / "grids.pkl", list(boards))),
    }
    height, width = boards[0].shape
    world = {
        "width": width,
        "height": height,
        "seed_fraction": 1.0,
        "budget": "inf",
        "generations": len(boards),
    }
    settings = resolve(schemas["nca"], {**world, "rwsp": [0, 1, 2], "pickles": files})
    ingest.ingest(folder / "old.zarr", settings, {"parameters": json.dumps(settings)})
    return archive.read(folder / "old.zarr"), settings


def nets_of(rng, kinds):
    """(kind, 44) different nets, biases 0; kind 0 is the empty net."""
    nets = rng.normal(size=(kinds, 44)).astype(np.float32)
    nets[:, 36:38] = nets[:, 42:44] = 0
    nets[0] = 0
    return nets


def test_a_net_that_is_met_again_is_no_new_genome(tmp_path):
    """Net A stays in cell 0, B comes to cell 1: two rows of the log, born 1, 1, 0, 0, two colours; once five rows,
    born 1, 2, 1, 1, and B decoded as A, whenever the newest genome was met again before any new one."""
    kinds = np.array([[1, 0, 0, 0], [1, 2, 0, 0], [1, 2, 0, 0], [1, 2, 0, 0]])
    boards = np.full((3, 2, 2), 0.9, np.float32)
    trajectory, settings = read_back(tmp_path, nets_of(np.random.default_rng(0), 3)[kinds], boards)
    assert trajectory.log.sizes["genome"] == 2
    table = gd.find(trajectory, settings)["gd"]
    assert table["born"].tolist() == [1, 1, 0, 0]
    assert table["exact"].tolist() == table["ghc"].tolist() == table["rwsp"].tolist() == [1, 2, 2, 2]


@pytest.mark.parametrize("seed", range(4))
def test_every_cell_decodes_to_the_weights_that_were_read(tmp_path, seed):
    """Sparse worlds in which few nets come, go and come again in any order of cells; to the bit."""
    rng = np.random.default_rng(seed)
    nets = nets_of(rng, 6)[rng.integers(0, 6, (9, 12)) * rng.integers(0, 2, (9, 12))]
    trajectory, _ = read_back(tmp_path, nets, np.full((8, 3, 4), 0.9, np.float32))
    gene = parameters_to_genes(2)
    for living in genomes.follow(trajectory.frames, trajectory.log, 40, 0):
        decoded = living.weights[living.row].reshape(12, 40)
        assert np.array_equal(decoded, nets[living.generation][:, gene >= 0])
    held = [{net.tobytes() for net in frame if net.any()} for frame in nets]
    came = [len(now - before) for before, now in itertools.pairwise([set(), *held])]
    birth = trajectory.log["birth"].values
    assert (
        np.bincount(birth, minlength=9).tolist() == came
    )  # back after a frame without it: nobody handed it down
