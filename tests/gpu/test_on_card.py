"""The CUDA kernels against the CPU's on a card, at sizes that fill it: `make test-gpu`.

Ids are equal; floats within what the precision allows; two runs on one card have equal bits; a checkpoint goes on with
the same bits. A chaotic network differs between devices after a few steps, so only its first step is compared.
"""

import numpy as np
import pytest

from emergent_dynamics import device
from emergent_dynamics.config import load

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(device.SIMULATED or not device.available(), reason="no CUDA device"),
]


def resolved(system, **given):
    """An experiment with all its defaults."""
    return load({"experiments": {system: {"x": given}}}, ["test"]).parameters(system, "x")


def oscillators(**given):
    """Parameters, phases and inputs at random, and the device."""
    from emergent_dynamics.oscillators import cuda, experiment, model

    p = experiment.parameters(resolved("oscillators", **given))
    rng = np.random.default_rng(0)
    phases, inputs = (rng.uniform(0, 2 * np.pi, (given["runs"], *p.shape)) for _ in range(2))
    start = model.initial(phases, inputs)
    return p, start, lambda state=None: cuda.Device(p, *(state or {"z": start.z, "c": start.c}).values())


SIZES = [
    {"height": 300, "width": 260, "channels": 4, "runs": 1},
    {"height": 301, "width": 67, "channels": 3, "runs": 2, "normalise": "mean"},
    {"height": 28, "width": 28, "channels": 4, "runs": 300},
    {"height": 21, "width": 17, "channels": 3, "runs": 9},
]


@pytest.mark.parametrize("wraps", [False, True])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_fields_and_frames_are_the_cpu_kernels(size, wraps):
    """64 steps: z and c within 5e-6, codes within one, sums to rounding; record, advance and a checkpoint agree."""
    from emergent_dynamics.oscillators.engines import Fused

    edges = dict.fromkeys(("channel", "y", "x"), "periodic" if wraps else "open")
    p, start, begin = oscillators(**size, boundary=edges, evolve_input=True)
    engine = Fused(p, "")
    state = engine.initial(start)
    engine.advance(state, 64)
    recorded, advanced, again = begin(), begin(), begin()
    frames = recorded.frames(recorded.record(2, 32))
    z, c = recorded.state().values()
    theta = engine.phases(state, "float32")
    assert np.abs(np.exp(1j * theta) - z).max() < 5e-6
    assert np.abs(np.exp(1j * engine.inputs(state)) - c).max() < 5e-6
    apart = (frames.phase[1].astype(int) - engine.phases(state, "uint16")) % 65536
    assert np.isin(apart, (0, 1, 65535)).all()
    assert (frames.spike[1] != state["spike"]).mean() < 1e-4
    mean, energy = engine.sums(state)
    assert np.abs(frames.mean[1] - mean).max() < 5e-6
    assert np.abs(frames.energy[1] - energy).max() < 5e-6 * z[0].size
    assert frames.speed[1] == pytest.approx(state["speed"], rel=1e-3)
    advanced.advance(64)
    again.record(2, 32)
    for name, value in again.state().items():
        assert np.array_equal(value, recorded.state()[name]), "two runs differ"
        assert np.array_equal(value, advanced.state()[name]), "frames change the field"
    half = begin()
    half.advance(40)
    resumed = begin(half.state())
    resumed.advance(24)
    assert np.array_equal(resumed.state()["z"], advanced.state()["z"]), "a checkpoint changes the field"


ATTENTION = [
    ({"runs": 64, "tokens": 256, "dimension": 2}, 100, 1e-11),
    ({"runs": 200, "tokens": 255, "dimension": 3}, 1, 1e-14),
    ({"runs": 2, "tokens": 3000, "dimension": 3}, 1, 1e-14),
    ({"runs": 1, "tokens": 3000, "dimension": 3}, 100, 1e-11),
    ({"runs": 3, "tokens": 1100, "dimension": 8, "mask": "none"}, 1, 1e-14),
    ({"runs": 2, "tokens": 1000, "dimension": 3, "query": [[0, -1, 0], [1, 0, 0], [0, 0, 0.5]]}, 1, 1e-14),
    ({"runs": 2, "tokens": 1000, "dimension": 64}, 1, 1e-14),
    ({"runs": 1, "tokens": 1000, "dimension": 40, "mask": "none"}, 20, 1e-12),
]


@pytest.mark.parametrize(("given", "steps", "tolerance"), ATTENTION, ids=str)
def test_tokens_are_the_cpu_kernels(given, steps, tolerance):
    """One step to rounding, a hundred to what they grow to; equal bits again, and from a checkpoint."""
    from emergent_dynamics.causal import cuda, kernels, model, triton_sums

    p = model.Parameters.from_config(resolved("causal", **given))
    x = model.initial(p)
    made = triton_sums.Device if p.dimension > 8 else cuda.Device
    moving, again, first = made(p, x), made(p, x), made(p, x)
    moving.advance(steps)
    again.advance(steps)
    assert np.array_equal(moving.state(), again.state())
    first.advance(steps // 2)
    rest = made(p, first.state())
    rest.advance(steps - steps // 2)
    assert np.array_equal(moving.state(), rest.state())
    kernels.advance(x, p, steps)
    assert np.abs(moving.state() - x).max() < tolerance


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
    from emergent_dynamics.nca import cuda, model
    from emergent_dynamics.nca.simulation import NcaSimulation, unpack

    p = model.Parameters.from_config(resolved("nca", runs=2, generations=60, engine="cpu", **given))
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


def test_exponents_are_those_of_float64():
    """64 puzzles of 6 x 6, k = 8: log R of the first step within 1e-3; steps by a graph are steps without one."""
    import torch

    from emergent_dynamics.reasoning import exponents, fused, model

    p = model.Parameters("trm", 7, 6, 36, 64, 2, "mlp", 4, 2.0, 1, 2, 2, 3, 1)
    question = torch.from_numpy(np.random.default_rng(0).integers(0, 7, (64, 36)))
    found = []
    for dtype, where in ((torch.float64, "cpu"), (torch.float32, "cuda"), (torch.float32, "cuda")):
        w = {name: value.to(where) for name, value in model.initial_weights(p, dtype).items()}
        q = exponents.tangents(1, np.arange(64), p.state_size, 8, dtype).to(where)
        states, log_r = fused.roll(w, p, model.embed(w, question.to(where), p), q)
        found.append((states.cpu(), log_r.cpu()))
    assert (found[0][1][:, 0] - found[1][1][:, 0]).abs().max() < 1e-3
    assert (found[0][0][:, 1] - found[1][0][:, 1]).abs().max() < 1e-3
    assert all(torch.equal(a, b) for a, b in zip(found[1], found[2], strict=True))
