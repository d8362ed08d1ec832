"""Ensembles of independent diagonals: the driven network, avalanches from a single root, and trials of the guessing
game.

`engine` is "cpu" (Numba kernels) or "reference" (`model.step`, NumPy); both give bit-identical results. Member i of
an ensemble is a function of (seed, run, i) only, and its random numbers do not depend on sigma.
"""

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.branching import alias, model
from emergent_dynamics.branching.kernels import layers as kernels
from emergent_dynamics.branching.parameters import SILENCE, Members, Train
from emergent_dynamics.branching.tally import Tally

RASTER, AVALANCHE, GUESS, INPUT, NEURON = (
    f"branching.{purpose}" for purpose in ("raster", "avalanche", "guess", "input", "neuron")
)


def random_words(members: Members, stream: str, layers: int) -> np.ndarray:
    """(layer, diagonal) uint32: word l of diagonal d is entry l of the address (seed, stream, run, d)."""
    seed, run, first, n = members
    rows = [streams.bits(seed, stream, run, first + d, layers) for d in range(n)]
    return np.array(rows, np.uint32).reshape(n, layers).T


def _stream(members: Members, stream: str) -> kernels.Stream:
    return kernels.Stream(np.uint32(members.run), *streams.key(members.seed, stream))


def diagonals(
    table: alias.Table, start: np.ndarray, layers: int, members: Members, stream: str, engine: str
) -> np.ndarray:
    """Return (layer, diagonal) the active neurons of these diagonals, which begin with `start` (diagonal,) in layer
    0.
    """
    counts = np.empty((layers, start.size), table.counts)
    counts[0] = start
    if engine == "reference":
        drawn = random_words(members, stream, layers)
        for layer in range(layers - 1):
            counts[layer + 1] = model.step(counts[layer], drawn[layer], table, layer)
    else:
        kernels.diagonals(table.packed, members.first, _stream(members, stream), counts)
    return counts


def raster(
    table: alias.Table, layers: int, members: Members, engine: str, train: Train = SILENCE
) -> np.ndarray:
    """Return (layer, diagonal) the active neurons of the driven network. Layer 0 holds the regular input only:
    spontaneous spikes act within the step in which they occur and are not stored.
    """
    return diagonals(table, train.start(members.first, members.n), layers, members, RASTER, engine)


def empty_tally(layers: int, neurons: int, root: int = 1) -> Tally:
    """Return a tally that contains no avalanches."""
    d = layers + 1
    sizes = np.zeros(root + (layers - 1) * neurons + 1, np.int64)
    by_duration = [np.zeros(d, np.int64) for _ in range(3)]
    return Tally(sizes, by_duration[0], by_duration[1], by_duration[2], np.zeros((d, layers), np.int64))


def add_avalanches(
    tally: Tally, table: alias.Table, layers: int, members: Members, engine: str, root: int = 1
) -> None:
    """Add these avalanches, each from `root` active neurons, to the tally, in place."""
    if engine == "reference":
        _tally_reference(tally, table, layers, members, root)
        return
    path = np.zeros((layers, kernels.BLOCK), table.counts)
    stream = _stream(members, AVALANCHE)
    kernels.avalanches(table.packed, path, root, members.first, members.n, stream, tally)


def _tally_reference(tally: Tally, table: alias.Table, layers: int, members: Members, root: int) -> None:
    start = np.full(members.n, root)
    counts = diagonals(table, start, layers, members, AVALANCHE, "reference").astype(np.int64)
    size, duration = counts.sum(0), (counts > 0).sum(0)
    for total, index, weight in (
        (tally.sizes, size, 1),
        (tally.durations, duration, 1),
        (tally.size_sum, duration, size),
        (tally.size_square_sum, duration, size**2),
        (tally.profile, duration, counts.T),
    ):
        np.add.at(total, index, weight)


def trial_inputs(inputs: tuple[int, int], members: Members) -> np.ndarray:
    """(trial,) uint16 numbers of excited neurons, uniform on inputs[0] to inputs[1]; the same for every sigma."""
    excited = np.empty(members.n, np.uint16)
    kernels.inputs(members.first, *inputs, _stream(members, INPUT), excited)
    return excited


def trials(
    table: alias.Table, inputs: tuple[int, int], layers: int, members: Members, engine: str
) -> np.ndarray:
    """Return (layer, trial) active neurons of trials of the guessing game, without spontaneous activity if `table`
    has none.
    """
    return diagonals(table, trial_inputs(inputs, members), layers, members, GUESS, engine)


def joint_table(excited: np.ndarray, reached: np.ndarray, neurons: int) -> np.ndarray:
    """Return (k_in, k_out) int64: the number of trials with k_in neurons excited and k_out neurons active at the
    end.
    """
    index = excited.astype(np.int64) * (neurons + 1) + reached
    return np.bincount(index, minlength=(neurons + 1) ** 2).reshape(neurons + 1, neurons + 1)


def masks(counts: np.ndarray, widths: tuple[int, ...], seed: int, run: int, first: int) -> np.ndarray:
    """Return (layer, diagonal, neuron) bool: which neurons are active, for given numbers of active neurons.

    counts : (layer, diagonal) of the diagonals from number `first` on. Layers narrower than the widest are padded by
    neurons that are never active.
    """
    mask = np.empty((*counts.shape, max(widths)), np.bool_)
    members = Members(seed, run, first, counts.shape[1])
    kernels.neurons(counts, np.array(widths), first, _stream(members, NEURON), mask)
    return mask
