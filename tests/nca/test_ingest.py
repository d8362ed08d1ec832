"""The originals' pickles as a store: any world of ours, written as they write and read back, is the world again."""

import gzip
import itertools
import json
import pickle
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.nca import archive, checks, genomes, ingest, pairing
from emergent_dynamics.nca.findings import activity, clusters, gd, lineage, pd
from emergent_dynamics.nca.originals import parameters_to_genes
from emergent_dynamics.nca.parameters import Parameters
from tests.nca.worlds import datasets, drive, history


def write(path, value, packed=False):
    path.write_bytes(gzip.compress(pickle.dumps(value, 4)) if packed else pickle.dumps(value, 4))
    return str(path)


def as_theirs(worlds, channels, late):
    """(weights, grids, layer1, frequency_dicts) of the worlds 0..T as nca.py stores them, or run.py (`late`).

    Nets with their biases, after the update or before it; alpha counted as torch counts it, rounded in float32.
    """
    gene = parameters_to_genes(channels)
    dense = np.zeros((len(worlds), worlds[0].gid.size, gene.size), np.float32)
    dense[..., gene >= 0] = [world.weights.reshape(worlds[0].gid.size, -1) for world in worlds]
    nets = np.concatenate([dense[:1], dense[:-1]]) if late else dense
    counts = []
    for world in worlds[1:]:
        values, cells = np.unique(
            np.round(world.layers[0] * np.float32(10)) / np.float32(10), return_counts=True
        )
        counts.append(dict(zip(map(float, values), cells.tolist(), strict=True)))
    return nets, [w.layers[0] for w in worlds[1:]], [w.layers[1] for w in worlds[1:]], counts


def resolved(changes):
    return resolve(read_schemas()[1]["nca"], changes)


@st.composite
def world(draw, least=3, most=12):
    """An experiment, least to most cells a side: dense, sparse, dying; without mutation, inheritance or a budget."""
    width, height = draw(st.integers(least, most)), draw(st.integers(least, most))
    fewest = 1.01 / (width * height)
    board = draw(st.sampled_from(["sigmoid", "tanh", "as_run_tanh"]))
    halves = {"from": 0, "mutation": [0.0, 0.5], "budget": [2, "inf"], "alive_threshold": [0.5, 0.6]}
    return {
        "landscape": draw(st.sampled_from([[], [], [halves], [{"from": 1, "budget": [1, 3, 9]}]])),
        "width": width,
        "height": height,
        "seed_fraction": draw(st.sampled_from([fewest, 0.3, 1.0]).map(lambda share: max(share, fewest))),
        "inheritance": draw(st.sampled_from([0, 0.1, 0.5, 1])),
        "mutation": draw(st.sampled_from([0, 0.02, 0.3, 1])),
        "budget": draw(st.sampled_from([1, 2, 4, "inf"])),
        "generations": draw(st.integers(2, 10)),
        "board_activation": board,
        "alive_threshold": draw(st.sampled_from([0.5] if board == "sigmoid" else [0, 0.5])),
        "activation": draw(st.sampled_from(["sigmoid", "tanh", "relu"])),
        "update": draw(st.sampled_from(["sequential", "synchronous"])),
        "channels": draw(st.sampled_from([2, 2, 3])),
        "seed": draw(st.integers(0, 2**64 - 1)),
        "clusters": 2,
    }


@given(world(), st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=15, deadline=None)
def test_any_world_of_ours_comes_back_with_every_table(changes, late, packed, with_others):
    round_trip(changes, late, packed, with_others)


@pytest.mark.slow  # about 4 s a world: the readable model steps through 3,600 cells
@given(world(30, 60), st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=15, deadline=None)
def test_any_large_world_of_ours_comes_back_with_every_table(changes, late, packed, with_others):
    """Up to 60 x 60 cells."""
    round_trip(changes, late, packed, with_others)


def round_trip(changes, late, packed, with_others):
    """Ids, cells of birth and weights to the bit; every table but those of descent, which was never recorded.

    Where the files cannot tell which nets made a board (nothing lives, nothing changes), they are read as nca.py's.
    """
    experiment = resolved(changes)
    p = Parameters.from_config(experiment)
    worlds, _ = history(p)
    with TemporaryDirectory() as folder:
        files = as_files(Path(folder), as_theirs(worlds, p.channels, late), packed, with_others)
        ours = {**experiment, "generations": p.generations - late}
        experiment = {**ours, "pickles": files, "landscape": []}  # their files know of no landscape
        told = ingest.pairing.decide(ingest._first({k: Path(v) for k, v in files.items()}, p), p)
        if pairing.UNDECIDED in told.reason:
            assert told.late == 0
            if late:
                return
        assert told.late == late
        ingest.ingest(Path(folder, "old.zarr"), experiment, {"parameters": json.dumps(experiment)})
        theirs = archive.read(Path(folder, "old.zarr"))
        assert theirs.frames.attrs["pairing"] == told.reason
        p = Parameters.from_config(ours)
        same_tables(datasets(drive(p), p), theirs, p, {**experiment, "cluster_basis": "fixed"})


def as_files(folder, theirs, packed, with_others):
    """Paths of the originals' files by their keys in a configuration."""
    nets, grids, layer1, counts = theirs
    files = {"weights": write(folder / "w.pkl", nets.tolist(), packed)}
    files["grids"] = write(folder / "g.pkl", grids, packed)
    if with_others:
        files["layer1"] = write(folder / "h.pkl", layer1)
        files["frequency_dicts"] = write(folder / "f.pkl", counts)
    return files


def same_tables(ours, theirs, p, experiment):
    assert np.array_equal(ours.frames["gid"], theirs.frames["gid"])
    assert np.array_equal(ours.log["cell"], theirs.log["cell"])
    pairs = zip(*(genomes.follow(t.frames, t.log, p.genes, 0) for t in (ours, theirs)), strict=True)
    for one, other in pairs:
        assert np.array_equal(one.weights[one.row], other.weights[other.row])
    for find in (
        pd.find,
        lambda t: gd.find(t, experiment),
        lambda t: activity.find(t, experiment),
        lambda t: clusters.find(t, experiment),
    ):
        for name, table in find(ours).items():
            assert table.equals(find(theirs)[name]), name
    kinds = ["genomes", "extinct", "rare", "common", "dominant"]
    assert lineage.find(ours)["lineage"][kinds].equals(lineage.find(theirs)["lineage"][kinds])


DENSE = {"width": 12, "height": 9, "generations": 8, "seed_fraction": 0.2, "inheritance": 0.5}


@pytest.fixture
def theirs(tmp_path):
    """The experiment of a dense world whose four files are in the folder, and what they hold."""
    experiment = resolved(DENSE)
    values = dict(
        zip(
            ("weights", "grids", "layer1", "frequency_dicts"),
            as_theirs(history(Parameters.from_config(experiment))[0], 2, late=False),
            strict=True,
        )
    )
    values["weights"] = values["weights"].tolist()
    files = {name: write(tmp_path / f"{name}.pkl", value) for name, value in values.items()}
    return {**experiment, "pickles": files}, values


def test_an_ingested_world_tells_nothing_of_descent(theirs, tmp_path, capsys):
    """No parents, hence no founders, depth or common ancestor; the log says which nets made a board."""
    experiment, _ = theirs
    ingest.ingest(tmp_path / "old.zarr", experiment, {"parameters": json.dumps(experiment)})
    table = lineage.find(archive.read(tmp_path / "old.zarr"))["lineage"]
    assert table["oldest"].isna().all()
    told = lineage.summarise(table, experiment)
    assert "genomes" in told and not {"founders", "depth", "mrca"} & set(told)
    assert capsys.readouterr().err.startswith("pairing: nets are stored after the update")


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize("hidden", [True, False])
def test_right_nets_make_a_board_to_rounding_and_others_miss_it_by_tenths(late, hidden):
    """As in the files of the authors' programs: 6e-8, and 0.1 to 0.8 with the nets of the generation beside."""
    p = Parameters.from_config(resolved(DENSE))
    nets, grids, layer1, _ = as_theirs(history(p)[0], 2, late)
    gene = parameters_to_genes(2)
    seen = pairing.Recorded(list(nets[..., gene >= 0]), grids, layer1 if hidden else [])
    assert pairing.worst_error(seen, p, late) < 1e-6
    assert pairing.worst_error(seen, p, 1 - late) > 0.05
    assert pairing.decide(seen, p).late == late


def test_a_rule_that_draws_the_founders_hidden_channel_needs_it():
    p = Parameters.from_config(resolved({**DENSE, "rule": "run2023", "budget": "inf"}))
    nets, grids, _, _ = as_theirs(history(p)[0], 2, late=True)
    nets = list(nets[..., parameters_to_genes(2) >= 0])
    alone = pairing.decide(pairing.Recorded(nets, grids, []), p)
    assert alone.late == 0 and "give pickles.layer1" in alone.reason


def test_other_activations_are_told_from_wrong_nets(theirs, tmp_path):
    """The published sweeps take tanh, whatever they ask for: with sigmoid neither pairing makes their boards."""
    experiment, values = theirs
    p = Parameters.from_config({**experiment, "activation": "tanh"})
    nets = list(np.array(values["weights"], np.float32)[..., parameters_to_genes(2) >= 0])
    told = pairing.decide(pairing.Recorded(nets, values["grids"], []), p)
    assert told.late == 0 and "another rule or activation" in told.reason


def test_nets_that_are_late_leave_the_last_board_without(theirs, tmp_path):
    experiment, values = theirs
    late = [[list(net) for net in cells] for cells in (values["weights"][0], *values["weights"][:-1])]
    experiment["pickles"]["weights"] = write(tmp_path / "late.pkl", late)
    with pytest.raises(
        ValueError, match=r"holds 8 generations, so that 7 are allowed; its nets are stored a gen"
    ):
        ingest.ingest(tmp_path / "old.zarr", experiment, {})
    ingest.ingest(tmp_path / "old.zarr", {**experiment, "generations": 7}, {})
    assert "before the update" in archive.read(tmp_path / "old.zarr").frames.attrs["pairing"]


def change(value, at, to):
    """A copy of a list of boards with one entry changed."""
    boards = [np.array(board) for board in value]
    boards[at[0]][at[1:]] = to
    return boards


def other_count(value):
    counts = [dict(one) for one in value]
    counts[3][0.0] += 1
    return counts


@pytest.mark.parametrize(
    "name, damaged, message",
    [
        ("grids", lambda v: change(v, (2, 1, 3), np.nan), r"board 3 holds nan in row 1, column 3; from 0 to 1"),
        ("grids", lambda v: change(v, (2, 1, 3), -0.3), r"board 3 holds -0.3"),
        ("grids", lambda v: change(v, (2, 1, 3), 1.5), r"board 3 holds 1.5 .* board_activation sigmoid"),
        ("grids", lambda v: [board.T for board in v], r"board 1 has shape \(12, 9\); height and width are \(9, 12\)"),
        ("grids", lambda v: v[:-1], r"generations = 8: .*grids.pkl holds 7 generations, so that 7 are allowed$"),
        ("grids", lambda v: [str(board) for board in v], r"board 1 has shape \(\)|not a list of generations"),
        ("layer1", lambda v: [np.where(board == 0, 0.5, board) for board in v], r"board 1 is not 0 everywhere"),
        ("layer1", lambda v: change(v, (7, 0, 0), np.inf), r"layer1.pkl: board 8 holds inf"),
        ("layer1", lambda v: v[:3], r"layer1.pkl holds 3 generations"),
        ("frequency_dicts", other_count, r"item 4 counts \d+ cells of alpha 0.0; its board has \d+"),
        ("frequency_dicts", lambda v: [{0.25: 108} for _ in v], r"more than one decimal"),
        ("frequency_dicts", lambda v: [{"a": 108} for _ in v], r"dicts.pkl: item 1 counts what is no number"),
        ("frequency_dicts", lambda v: [{np.nan: 108} for _ in v], r"dicts.pkl: item 1 counts what is no number"),
        ("frequency_dicts", lambda v: [{0.5: None} for _ in v], r"dicts.pkl: item 1 counts what is no number"),
        ("frequency_dicts", lambda v: [[1.0, 2.0] for _ in v], r"is a (list|ndarray); counts of alpha"),
        ("weights", lambda v: v[:-1], r"weights.pkl: ends after 7 of 8 generations"),
        ("weights", lambda v: [*v, [list(net) for net in v[-1]]], r"holds 1 generations more than the boards"),
        ("weights", lambda v: [[net[:-1] for net in cells] for cells in v], r"item 1 has shape \(108, 43\)"),
        ("weights", lambda v: [cells[:2] for cells in v], r"item 1 has shape \(2, 44\)"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit_ends_in_one_line(theirs, tmp_path, name, damaged, message):
    """With its path, the place, and what is possible; no store appears."""
    experiment, values = theirs
    experiment["pickles"][name] = write(tmp_path / f"{name}.pkl", damaged(values[name]))
    with pytest.raises(ValueError, match=message) as refused:
        ingest.ingest(tmp_path / "old.zarr", experiment, {})
    assert "\n" not in str(refused.value) and not (tmp_path / "old.zarr").exists()
    together = name == "frequency_dicts" or "everywhere" in message or "more than the boards" in message
    found = [key for key, _, _ in checks.check(experiment)]  # before the run, where one file alone shows it
    assert found == ([] if together else [f"pickles.{name}"])


@pytest.mark.parametrize("place, value, message", [(36, 0.1, "biases"), (3, np.nan, "not finite")])
def test_nets_that_the_model_cannot_have_are_refused(theirs, tmp_path, place, value, message):
    experiment, values = theirs
    values["weights"][2][5][place] = value
    experiment["pickles"]["weights"] = write(tmp_path / "weights.pkl", values["weights"])
    with pytest.raises(ValueError, match=f"item 3 .*{message}"):
        ingest.ingest(tmp_path / "old.zarr", experiment, {})


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
