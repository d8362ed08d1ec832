"""Weights decoded from the log, and states replayed, are those that ran."""

import numpy as np
import pytest

from emergent_dynamics.nca import genome_log, genomes, replay, resources
from emergent_dynamics.nca.simulation import NcaSimulation
from tests.nca.worlds import datasets, drive, parameters


@pytest.fixture(scope="module")
def dense():
    p = parameters(runs=2, archive="dense", generations=130, width=14, height=10, inheritance=0.5)
    stored = drive(p)
    return p, stored, datasets(stored, p)


def test_following_the_frames_gives_every_weight_to_the_bit(dense, monkeypatch):
    """Against `archive: dense`, all frames of both runs; the log read in blocks that end anywhere."""
    monkeypatch.setattr(genomes, "ROWS", 37)
    p, stored, groups = dense
    for run in range(p.runs):
        for living in genomes.follow(groups.frames, groups.log, p.genes, run):
            expected = stored["weights"][run, living.generation]
            assert np.array_equal(living.weights[living.row], expected)


@pytest.mark.parametrize("megabytes, order", [(64, [0, 1] * 131), (0, [0] * 131 + [1] * 131)])
def test_all_runs_together_are_followed_as_each_alone(dense, monkeypatch, megabytes, order):
    """Generation by generation, or run by run where the tables of two runs are too large; the same rows and births."""
    monkeypatch.setattr(genomes, "ROWS", 37)
    monkeypatch.setattr(resources, "TABLES_MB", megabytes)
    p, _, groups = dense
    alone = [iter(genomes.follow(groups.frames, groups.log, p.genes, run)) for run in range(p.runs)]
    runs = []
    for living in genomes.follow_all(groups.frames, groups.log, p.genes):
        expected = next(alone[living.run])
        runs.append(living.run)
        assert living.generation == expected.generation and np.array_equal(living.gid, expected.gid)
        assert np.array_equal(living.row, expected.row) and np.array_equal(living.fresh, expected.fresh)
        assert np.array_equal(living.weights[living.row], expected.weights[expected.row])
        for mine, other in zip(living.births, expected.births, strict=True):
            assert np.array_equal(mine, other)
    assert runs == order


def test_a_frame_in_forty_has_the_same_weights(dense):
    """All births between two frames are added at once, parents before children."""
    p, stored, groups = dense
    few = groups.frames.sel(generation=[0, 40, 80, 120])
    for living in genomes.follow(few, groups.log, p.genes, 1):
        assert np.array_equal(living.weights[living.row], stored["weights"][1, living.generation])


def test_columns_of_a_run_are_its_rows_of_the_log(dense, monkeypatch):
    """Against a mask over the whole log; no piece crosses a block of 37 rows."""
    monkeypatch.setattr(genome_log, "ROWS", 37)
    p, stored, groups = dense
    known = genome_log.pieces(groups.log)
    assert (known.start // 37 == (known.stop - 1) // 37).all()
    for run in range(p.runs):
        mine = stored["genome/run"] == run
        assert known.genomes(run) == mine.sum()
        for name in ("parent", "birth", "cell"):
            found = genome_log.column(groups.log, run, name, known)
            assert np.array_equal(found, stored[f"genome/{name}"][mine])
            assert np.array_equal(found, genome_log.column(groups.log, run, name))


def test_weights_of_several_runs_are_decoded_together(dense, monkeypatch):
    """Of both runs in one reading of the log, which ends within blocks; of one run the same."""
    monkeypatch.setattr(replay, "ROWS", 41)
    p, stored, groups = dense
    gids = stored["gid"][:, 99]
    wanted = {run: np.unique(gids[run][gids[run] > 0]) for run in (1, 0)}
    decoded = replay.weights_of_runs(groups.log, wanted, p.genes)
    assert list(decoded) == [1, 0]
    for run, ids in wanted.items():
        first = np.unique(gids[run][gids[run] > 0], return_index=True)[1]
        assert np.array_equal(decoded[run], stored["weights"][run, 99][gids[run] > 0][first])
        assert np.array_equal(decoded[run], replay.weights(groups.log, run, ids, p.genes))


def test_the_table_of_the_living_does_not_grow_with_time(dense):
    """Rows are reused: the first allocation is enough, however many genomes were born."""
    p, stored, groups = dense
    sizes = [living.genome.size for living in genomes.follow(groups.frames, groups.log, p.genes, 0)]
    assert stored["genome/parent"].size > 3 * p.cells
    assert max(sizes) == sizes[0] == 4096


def test_weights_by_descent_are_exact(dense):
    """Any set of genomes, decoded alone from its ancestors."""
    p, stored, groups = dense
    gid = stored["gid"][1, 77]
    ids, first = np.unique(gid[gid > 0], return_index=True)
    decoded = replay.weights(groups.log, 1, ids, p.genes)
    assert np.array_equal(decoded, stored["weights"][1, 77][gid > 0][first])


@pytest.mark.parametrize("generation", [0, 57, 100, 129])
def test_a_replayed_state_is_the_one_that_ran(dense, generation):
    """Frame, layers' alpha and dense weights of any generation, from the full state before it."""
    p, stored, groups = dense
    found = replay.state(groups.frames, groups.log, groups.states, p, generation)
    frame = NcaSimulation(p).observe(found)
    assert np.array_equal(frame["gid"], stored["gid"][:, generation])
    assert np.array_equal(frame["alpha"], stored["alpha"][:, generation])
    assert np.array_equal(replay.dense_weights(found), stored["weights"][:, generation])
