"""The fast engine and the readable reference are one model."""

import numpy as np
import pytest

from emergent_dynamics.nca import model
from emergent_dynamics.nca.kernels import cpu
from emergent_dynamics.nca.kernels.network import activate
from emergent_dynamics.nca.kernels.workspace import (
    CODES,
    Board,
    alive_from,
    constants,
    constants_at,
    scratch,
    slots,
)
from tests.nca.worlds import CONFIGURATIONS, drive, history, parameters


def fast(p, watch):
    """Run the kernel alone; watch(generation, layers, slot, age, table, genome, rows of births)."""
    world, _ = model.initial(p, 0)
    layers, age = world.layers.copy(), world.age.astype(np.int32)
    table, genome = np.zeros((slots(p), p.genes), np.float32), np.zeros(slots(p), np.int32)
    slot = world.gid.astype(np.int32)
    genome[: p.founders + 1] = np.arange(p.founders + 1)
    table[slot[slot > 0]] = world.weights[slot > 0]
    k, s = constants(p), scratch(p)
    n_free, n_genomes = 0, p.founders
    for generation in range(1, p.generations + 1):
        board = Board(layers, slot, age, table, genome)
        n_free, births, changed = cpu.generation(
            board, n_free, n_genomes, generation, 0, constants_at(k, p, generation), s
        )
        n_genomes += births
        watch(
            generation,
            layers,
            slot,
            age,
            table,
            genome,
            s.births[:births],
            s.genes[:changed],
            s.values[:changed],
        )


@pytest.mark.parametrize("changes", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_the_kernel_equals_the_reference_on_the_same_draws(changes):
    """Ids, ages and births exactly, channels and weights to 1e-6, generation by generation."""
    p = parameters(**changes)
    worlds, born = history(p)

    def compare(generation, layers, slot, age, table, genome, rows, genes, values):
        world, births = worlds[generation], born[generation]
        assert np.array_equal(genome[slot], world.gid)
        assert np.array_equal(age, world.age)
        scale = 1e-6 * np.maximum(1, np.abs(world.layers))  # only an unbounded board exceeds 1
        assert (np.abs(layers - world.layers) <= scale).all()
        assert np.abs(table[slot] - world.weights).max() <= 1e-6 * max(1, np.abs(world.weights).max())
        assert [tuple(row) for row in rows.tolist()] == [
            (b.genome, b.parent, b.cell, b.genes.size) for b in births
        ]
        assert np.array_equal(genes, np.concatenate([b.genes for b in births]) if births else [])

    fast(p, compare)


@pytest.mark.parametrize("rounding", ["1", "none"])
@pytest.mark.parametrize("threshold", [0.0, 0.05, 0.25, 0.5, 0.55, 0.6, 0.7])
def test_one_comparison_is_rounding_and_comparing(threshold, rounding):
    """`alive_from` is alive and the float32 just below it is not."""
    least = alive_from(threshold, rounding)
    below = np.nextafter(least, np.float32(-1))
    assert model.exceeds(np.array([below, least]), threshold, rounding).tolist() == [False, True]


def test_rows_do_not_depend_on_how_an_interval_is_cut():
    """Three runs in one store: every variable bit-equal whether a generation is one leg or a run of 50 is cut in 7."""
    p = parameters(runs=3, archive="checkpoint", generations=120, width=12, height=9)
    whole, cut = drive(p), drive(p, cuts=7)
    assert set(whole) == set(cut)
    assert all(np.array_equal(whole[name], cut[name], equal_nan=True) for name in whole)


def test_a_run_does_not_depend_on_its_companions():
    """Run 1 of three is run 1 of two: draws are addressed by run, not by order."""
    few, many = (drive(parameters(runs=n, generations=10)) for n in (2, 3))
    assert np.array_equal(few["gid"], many["gid"][:2])


@pytest.mark.parametrize(
    "code, exact", [(0, lambda x: 1 / (1 + np.exp(-x))), (1, np.tanh)], ids=["sigmoid", "tanh"]
)
def test_the_vectorised_activations_are_exact_to_float32(code, exact):
    """Against float64, over all arguments that a float32 exponential can tell apart; tanh keeps the sign."""
    x = np.concatenate([np.linspace(-90, 90, 200_001), [1e-9, -1e-9, 0.0]]).astype(np.float32)
    y = x.copy()
    activate(y, y.size, code, np.empty(y.size, np.int32))
    assert np.abs(y - exact(x.astype(float))).max() < 2e-7  # three roundings of float32, 6e-8 each
    if code == CODES["tanh"]:
        assert np.array_equal(np.sign(y), np.sign(x))
