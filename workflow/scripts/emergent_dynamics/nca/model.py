"""The self-replicating neural CA, cell by cell: the readable reference to which `kernels` must be equal.

Every cell has its own network, whose input is the 3x3 neighbourhood of the cell in every channel (torus) and whose
output are the next channels of the cell. Arrays are (y, x) = (row, column). Channel 0 is alpha; "alive" means that
alpha is above `alive_threshold`. Source: Jain & Nichele 2024, the rule of the thesis (May-July 2024) and two earlier
rules of the same authors.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.nca.landscape import Ground, ground
from emergent_dynamics.nca.parameters import RULES, Parameters

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": lambda x: np.float32(1) / (np.float32(1) + np.exp(-x)),
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, np.float32(0)),
    "leakyrelu": lambda x: np.where(x > 0, x, np.float32(0.01) * x),
    "noact": lambda x: x,
}


@dataclass(frozen=True)
class Birth:
    """A new genome: the cell that got it, its parent, and the new value of every changed gene."""

    genome: int
    parent: int
    cell: int
    genes: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class World:
    """One run between two generations. Genome 0 is the empty (all-zero) net."""

    layers: np.ndarray  # (channel, y, x) float32
    weights: np.ndarray  # (y, x, gene) float32
    gid: np.ndarray  # (y, x) int64
    age: np.ndarray  # (y, x) int64, consecutive generations alive
    n_genomes: int


@dataclass(frozen=True)
class Draws:
    """All random words of one generation, uint32, whether they are used or not; the fast engines compute only those
    they use.
    """

    choice: np.ndarray  # (cell, 4) words: inheritance, choice of the neighbour, catastrophe, unused
    mutation: np.ndarray  # (cell, >= gene)
    change: np.ndarray  # (cell, >= gene, 2)


def draws(p: Parameters, run: int, generation: int) -> Draws:
    """Return the words of the addresses (seed, "nca.*", run, generation), arranged per cell in whole Philox blocks of
    four.
    """
    masks, changes = 4 * -(-p.genes // 4), 4 * -(-p.genes // 2)
    return Draws(
        streams.bits(p.seed, "nca.choice", run, generation, 4 * p.cells).reshape(p.cells, 4),
        streams.bits(p.seed, "nca.mutation", run, generation, masks * p.cells).reshape(p.cells, masks),
        streams.bits(p.seed, "nca.change", run, generation, changes * p.cells).reshape(p.cells, -1, 2),
    )


def initial(p: Parameters, run: int) -> tuple[World, list[Birth]]:
    """Return a world with exactly `founders` distinct living cells, and their births.

    Each founder has its own Xavier-random net (without bias) and genome id 1, 2, .... Xavier (Glorot & Bengio 2010):
    uniform on +-sqrt(6 / (in + out)), or normal with sd sqrt(2 / (in + out)).
    """
    rule, c = RULES[p.rule], p.channels
    cells = np.sort(streams.choice_without_replacement(p.seed, "nca.founders", run, 0, p.cells, p.founders))
    fans = np.repeat([10 * c, 2 * c], [9 * c * c, c * c])
    if rule.weights == "uniform":
        draw = streams.uniform(p.seed, "nca.weights", run, 0, p.founders * p.genes).reshape(-1, p.genes)
        founders = ((2 * draw - 1) * np.sqrt(6 / fans)).astype(np.float32)
    else:
        draw = streams.normal(p.seed, "nca.weights", run, 0, p.founders * p.genes).reshape(-1, p.genes)
        founders = (draw * np.sqrt(2 / fans)).astype(np.float32)
    layers = np.zeros((c, p.cells), np.float32)
    layers[:, cells] = 1.0
    if rule.hidden == "scalar":
        scalar = streams.uniform(p.seed, "nca.hidden", run, 0, c)[1:, None]
        threshold = ground(p, 0).alive_threshold[cells % p.width]
        layers[1:, cells] = threshold + (1 - threshold) * scalar
    weights = np.zeros((p.cells, p.genes), np.float32)
    weights[cells] = founders
    gid = np.zeros(p.cells, np.int64)
    gid[cells] = np.arange(1, p.founders + 1)
    genes = np.arange(p.genes)
    births = [Birth(k + 1, 0, int(cell), genes, founders[k]) for k, cell in enumerate(cells)]
    shape = (p.height, p.width)
    world = World(
        layers.reshape(c, *shape),
        weights.reshape(*shape, -1),
        gid.reshape(shape),
        np.zeros(shape, np.int64),
        p.founders,
    )
    return world, births


def step(world: World, draw: Draws, generation: int, p: Parameters) -> tuple[World, list[Birth]]:
    """Compute one generation, the one numbered `generation`: inherit cell by cell, then activate, threshold, age and
    clear.

    The order matters. With `update: sequential` nets are read and written in place in row-major order, so a cell that
    inherits from a cell scanned earlier gets the net which that cell has just received; with `synchronous` it gets
    the one of the generation before. Every cell computes its output with the net it had BEFORE inheriting. It always
    holds that genome ids only grow and that age <= budget. Threshold, mutation and budget are those of a cell's own
    place in the `landscape` at this generation; an alpha is always compared with the threshold of its own cell, also
    when a neighbour reads it.
    """
    here = ground(p, generation)
    out, inherited, newborn, births = _inherit(world, draw, here, p)
    layers = ACTIVATIONS[p.board](out.reshape(world.layers.shape))
    rule, threshold = RULES[p.rule], here.alive_threshold.astype(np.float32)
    dead = layers[0] <= threshold if rule.inclusive else layers[0] < threshold
    layers = np.where(dead, np.float32(0), layers)
    weights, gid = inherited.weights.copy(), inherited.gid.copy()
    if p.catastrophe_every and generation % p.catastrophe_every == 0:
        struck = (draw.choice[:, 2] < p.catastrophe_probability * 2.0**32).reshape(gid.shape)
        layers = np.where(struck, np.float32(0), layers)
        erased: np.ndarray = struck.reshape(-1)
        if p.catastrophe_erases == "following":  # the authors' code advances the index before it uses it
            erased = np.concatenate([[False], erased[:-1]])
        erased = erased.reshape(gid.shape)
        weights[erased], gid[erased] = 0, 0
    age: np.ndarray = world.age
    if rule.budget:
        age = np.where(exceeds(layers[0], here.alive_threshold, p.alive_rounding), age + 1, 0)
        spent = age > here.budget
        age = np.where(spent, 0, age)
        cleared = age == 0
        layers = np.where(cleared, np.float32(0), layers)
        kept = newborn & ~spent if rule.grace else np.zeros_like(cleared)
        weights[cleared & ~kept], gid[cleared & ~kept] = 0, 0
    return World(layers, weights, gid, age, inherited.n_genomes), births


def is_alive(alpha: np.ndarray, p: Parameters) -> np.ndarray:
    """Return whether a cell with this alpha is alive, in a world without a landscape."""
    return exceeds(alpha, p.alive_threshold, p.alive_rounding)


def exceeds(alpha: np.ndarray, threshold: float | np.ndarray, rounding: str) -> np.ndarray:
    """Return whether alpha is above the threshold.

    With `alive_rounding: 1` alpha is first rounded to one decimal, which raises the threshold by 0.05.
    """
    if rounding == "none":
        return alpha > np.asarray(threshold, np.float32)
    return tenths(alpha) >= least_tenths(threshold)


def least_tenths(threshold: float | np.ndarray) -> np.ndarray:
    """Return the smallest whole k >= 0 with k / 10 > threshold; a cell whose alpha rounds to k / 10 or more is
    alive.
    """
    k = np.floor(10 * np.asarray(threshold, float))  # up to rounding
    k = np.where((k - 1) / 10 > threshold, k - 1, k)
    k = np.where(k / 10 > threshold, k, k + 1)
    return np.maximum(np.where(k / 10 > threshold, k, k + 1), 0)


def tenths(alpha: np.ndarray) -> np.ndarray:
    """Return Python's round(alpha, 1) in tenths: 10 alpha is exact in float64 (24 + 4 bits), and rint also rounds
    half to even.
    """
    return np.rint(10.0 * alpha.astype(np.float64))


def stored_tenths(alpha: np.ndarray) -> np.ndarray:
    """Return alpha as frames store it: tenths as uint8, saturated at 25.5, which only unbounded board activations
    reach.
    """
    return np.clip(tenths(alpha), 0, 255).astype(np.uint8)


def observe(world: World) -> dict[str, np.ndarray]:
    """Return gid (y, x) int32 and alpha (y, x) in tenths: one frame of the store."""
    return {"gid": world.gid.astype(np.int32), "alpha": stored_tenths(world.layers[0])}


def _inherit(
    world: World, draw: Draws, here: Ground, p: Parameters
) -> tuple[np.ndarray, World, np.ndarray, list[Birth]]:
    """Scan all cells; return outputs (channel, cell), the world with its new nets, newborn (y, x), and births."""
    threshold = here.alive_threshold.astype(np.float32)
    before = World(world.layers, world.weights.copy(), world.gid.copy(), world.age, world.n_genomes)
    after = replace(world, weights=world.weights.copy(), gid=world.gid.copy())
    read = after if p.update == "sequential" else before
    out = np.zeros((p.channels, p.cells), np.float32)
    newborn = np.zeros(world.gid.shape, bool)
    births: list[Birth] = []
    for cell in range(p.cells):
        y, x = divmod(cell, p.width)
        around = [((y + dy) % p.height, (x + dx) % p.width) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        inputs = np.array([[layer[place] for place in around] for layer in world.layers], np.float32)
        bars = threshold[[column for _, column in around]]
        if not (inputs > bars).any():
            after.weights[y, x], after.gid[y, x] = 0, 0
            continue
        out[:, cell] = net(world.weights[y, x], inputs.reshape(-1), p)
        if not draw.choice[cell, 0] < p.inheritance * 2.0**32:
            continue
        living = [place for place, lives in zip(around, inputs[0] > bars, strict=True) if lives]
        if not living:
            continue
        source = living[int(draw.choice[cell, 1]) * len(living) >> 32]
        genome, weights = int(read.gid[source]), read.weights[source].copy()
        empty = (after if RULES[p.rule].birth == "own" else read).gid[
            (y, x) if RULES[p.rule].birth == "own" else source
        ]
        if empty == 0:
            newborn[y, x] = True
            words = draw.mutation[cell], draw.change[cell]
            genes, values = mutate(weights, words, here.mutation[x], p)
            if genes.size:
                weights[genes] = values
                births.append(Birth(world.n_genomes + len(births) + 1, genome, cell, genes, values))
                genome = births[-1].genome
        after.weights[y, x], after.gid[y, x] = weights, genome
    return out, replace(after, n_genomes=world.n_genomes + len(births)), newborn, births


def net(weights: np.ndarray, inputs: np.ndarray, p: Parameters) -> np.ndarray:
    """Return (C,) fc2 phi(fc1 x) from weights (gene,) and inputs (9 C,) ordered channel by channel, row by row."""
    c = p.channels
    first, second = weights[: 9 * c * c].reshape(c, 9 * c), weights[9 * c * c :].reshape(c, c)
    return second @ ACTIVATIONS[p.activation](first @ inputs)


def mutate(
    weights: np.ndarray, words: tuple[np.ndarray, np.ndarray], mutation: float, p: Parameters
) -> tuple[np.ndarray, np.ndarray]:
    """Return the genes that change, each (or each tensor, `run2023`) with probability `mutation`, and their new
    values.
    """
    mask, change = words
    bar, kind = mutation * 2.0**32, RULES[p.rule].change
    if kind == "tensor":
        first = 9 * p.channels**2
        genes = np.flatnonzero(np.repeat(mask[:2] < bar, [first, p.genes - first]))
        scale = np.where(genes < first, *(2 * (float(word) / 2**32) - 1 for word in mask[2:4]))
    else:
        genes = np.flatnonzero(mask[: p.genes] < bar)
        scale = np.ones(genes.size)
    if kind == "uniform":
        delta = 2 * (change[genes, 0] / 2.0**32) - 1
    else:  # Box & Muller 1958, with the argument of the logarithm in (0, 1]
        radius = np.sqrt(-2 * np.log((change[genes, 0] + 1.0) / 2.0**32))
        delta = radius * np.cos(2 * np.pi * (change[genes, 1] / 2.0**32)) * scale
    return genes, weights[genes] + delta.astype(np.float32)
