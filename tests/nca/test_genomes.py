"""Weights decoded from the log, and states replayed, are those that ran."""

import numpy as np
import pytest

from emergent_dynamics.nca import genomes, replay
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
