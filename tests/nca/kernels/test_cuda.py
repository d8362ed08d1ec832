"""The CUDA kernels against `model.step`, in Numba's simulator: no GPU is needed. Both orders, every rule they know.

The simulator must be switched on before Numba is imported, so the first test runs the others in a separate process.
"""

import numpy as np
import pytest

from emergent_dynamics.config import load
from emergent_dynamics.nca import model
from emergent_dynamics.nca.parameters import Parameters
from tests.gpu.simulator import SIMULATED, SIMULATOR, assert_passes, launches, simulated

if SIMULATED:
    from emergent_dynamics.nca.kernels import cuda


@launches
def test_the_kernels_pass_in_the_simulator():
    """All other tests of this file."""
    assert_passes(__file__, SIMULATOR)


def parameters(**given):
    """Two runs of 8 x 6 cells."""
    given = {"width": 8, "height": 6, "seed_fraction": 0.3, "runs": 2} | given
    return Parameters.from_config(
        load({"experiments": {"nca": {"x": given}}}, ["test"]).parameters("nca", "x")
    )


def device(p, start=None):
    """Blocks of 16 cells, so that ranks cross blocks."""
    if start is None:
        worlds = [model.initial(p, run)[0] for run in range(p.runs)]
        stacked = (
            np.stack([getattr(w, name) for w in worlds]) for name in ("layers", "weights", "gid", "age")
        )
        start = cuda.Worlds(*stacked, np.array([w.n_genomes for w in worlds]), 0)
    return cuda.Device(p, start, threads=16, rankers=8)


def reference(p, generations):
    """Frames, births (run, generation, parent, cell, changes, genome), genes, values in the store's order, worlds."""
    worlds = [model.initial(p, run)[0] for run in range(p.runs)]
    frames, births, genes, values = [], [], [], []
    for generation in range(1, generations + 1):
        for run in range(p.runs):
            worlds[run], born = model.step(worlds[run], model.draws(p, run, generation), generation, p)
            births += [(run, generation, b.parent, b.cell, b.genes.size, b.genome) for b in born]
            genes += [b.genes for b in born]
            values += [b.values for b in born]
        frames.append([model.observe(world) for world in worlds])
    return frames, np.array(births), np.concatenate(genes), np.concatenate(values), worlds


KINDS = {
    "synchronous": {"update": "synchronous", "inheritance": 0.4},
    "sequential": {"inheritance": 0.6, "mutation": 0.1},
    "three channels": {"inheritance": 0.5, "rule": "april2024", "channels": 3, "mutation": 0.05},
    "catastrophes": {
        "inheritance": 0.5,
        "budget": 3,
        "catastrophe": {"every": 2, "probability": 0.3, "erases": "following"},
    },
    "other activations": {
        "activation": "relu",
        "board_activation": "tanh",
        "inheritance": 0.5,
        "mutation": 0.2,
    },
}


@simulated
@pytest.mark.parametrize("kind", KINDS)
def test_ids_frames_and_log_are_the_references(kind):
    """Four generations in blocks of two: ids, alpha in tenths, the log in order and the new values to the bit."""
    p = parameters(**KINDS[kind])
    frames, births, genes, values, worlds = reference(p, 4)
    moving = device(p)
    blocks = []
    for _ in range(2):
        block = moving.collect(moving.run(2, keep=2))
        blocks.append([np.array(part) for part in block])
    gid, alpha, layers, ages, log, log_genes, log_values = (
        np.concatenate(parts) for parts in zip(*blocks, strict=True)
    )
    for at, frame in enumerate(frames):
        for run in range(p.runs):
            assert np.array_equal(gid[at, run], frame[run]["gid"])
            assert np.array_equal(alpha[at, run], frame[run]["alpha"])
    assert np.array_equal(log, births)
    assert np.array_equal(log_genes, genes)
    assert np.abs(log_values - values).max() < 1e-6
    assert len(births) > 5
    end = moving.worlds()
    for run, world in enumerate(worlds):
        assert np.array_equal(ages[p.runs + run], world.age)
        assert np.abs(layers[p.runs + run] - world.layers).max() < 1e-6
        assert np.array_equal(end.gid[run], world.gid)
        assert np.array_equal(end.age[run], world.age)
        assert np.abs(end.weights[run] - world.weights).max() < 1e-6
        assert end.n_genomes[run] == world.n_genomes
    assert end.generation == 4


@simulated
def test_a_checkpoint_goes_on_with_the_same_ids():
    """Three generations at once, or one, a checkpoint, and two."""
    p = parameters(inheritance=0.5, mutation=0.1)
    whole, first = device(p), device(p)
    for _ in range(3):
        whole.run(1)
    first.run(1)
    rest = device(p, first.worlds())
    rest.run(2)
    for one, other in zip(whole.worlds(), rest.worlds(), strict=True):
        assert np.array_equal(one, other)


@simulated
def test_what_has_no_kernel_says_so():
    """The rule of 2023, where a birth is decided by the source."""
    assert cuda.unsupported(parameters()) == ""
    assert "landscape" in cuda.unsupported(parameters(landscape=[{"from": 5, "mutation": 0.1}]))
    assert "run2023" in cuda.unsupported(parameters(rule="run2023", budget="inf"))
