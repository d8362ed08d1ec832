"""Worlds on a card against the CPU kernel, at sizes that fill it: `make test-gpu`.

Ids are equal; the same bits however the generations are cut.
"""

import numpy as np
import pytest

from emergent_dynamics import device
from emergent_dynamics.config import load
from emergent_dynamics.nca.kernels import cuda
from emergent_dynamics.nca.packing import unpack
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.nca.simulation import NcaSimulation

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(device.SIMULATED or not device.available(), reason="no CUDA device"),
]


def resolved(**given):
    """An experiment with all its defaults."""
    return load({"experiments": {"nca": {"x": given}}}, ["test"]).parameters("nca", "x")


@pytest.mark.parametrize(
    "given",
    [
        {"width": 200, "height": 200, "inheritance": 0.1},
        {"width": 200, "height": 200, "inheritance": 0.5},
        {"width": 200, "height": 200, "inheritance": 0.5, "update": "synchronous"},
        {"width": 100, "height": 71, "inheritance": 0.5, "channels": 3},
    ],
    ids=str,
)
def test_worlds_are_the_cpu_kernels(given):
    """60 generations of two runs: every id, every row of the log in order, values within rounding; again, cut anew."""
    p = Parameters.from_config(resolved(runs=2, generations=60, engine="cpu", **given))
    simulation = NcaSimulation(p)
    state = simulation.initial()
    starts = [unpack(state, run) for run in range(2)]
    one = (np.stack([getattr(w, n) for w in starts]) for n in ("layers", "weights", "gid", "age"))
    start = cuda.Worlds(*one, np.array([w.n_genomes for w in starts]), 0)
    state = simulation.advance(state, 0, 60)
    ends = []
    for length in (20, 13):
        moving, births, genes, values, left = cuda.Device(p, start), [], [], [], 60
        while left:
            block = moving.collect(moving.run(min(length, left, moving.capacity)))
            left -= len(block.gid)
            births.append(block.births.copy())
            genes.append(block.genes.copy())
            values.append(block.values.copy())
        ends.append((moving.worlds(), *map(np.concatenate, (births, genes, values)), block.gid[-1].copy()))
    for one, other in zip(ends[0][0], ends[1][0], strict=True):
        assert np.array_equal(one, other)
    for one, other in zip(ends[0][1:], ends[1][1:], strict=True):
        assert np.array_equal(one, other)
    world, births, genes, values, frame = ends[0]
    assert np.array_equal(frame, simulation.observe(state)["gid"])
    assert np.array_equal(world.n_genomes, state["n_genomes"])
    for column, name in ((2, "parent"), (1, "birth"), (3, "cell"), (4, "changes"), (0, "run")):
        assert np.array_equal(births[:, column], state[f"genome/{name}"]), name
    assert np.array_equal(genes, state["genome/gene"])
    assert np.abs(values - state["genome/value"]).max() < 1e-5
