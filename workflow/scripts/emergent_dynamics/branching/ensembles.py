"""Ensembles of diagonals: the driven network, single-root avalanches, guessing-game trials; by kernel or by
reference.

`engine` is "cpu" (Numba) or "reference" (`model.step`, NumPy); the results are equal, bit by bit. Member i of
an ensemble is a function of (seed, run, i) only, and its draws do not depend on sigma.
"""

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.branching import alias, kernels, model
from emergent_dynamics.branching.avalanches import Tally

RASTER, AVALANCHE, GUESS, INPUT, NEURON = (
    f"branching.{purpose}" for purpose in ("raster", "avalanche", "guess", "input", "neuron")
)


def words(seed: int, stream: str, run: int, first: int, n: int, layers: int) -> np.ndarray:
    """(layer, diagonal) uint32: word l of diagonal d is entry l of the address (seed, stream, run, d)."""
    rows = [streams.bits(seed, stream, run, first + d, layers) for d in range(n)]
    return np.array(rows, np.uint32).reshape(n, layers).T


def diagonals(
    table: alias.Table,
    start: np.ndarray,
    layers: int,
    seed: int,
    stream: str,
    run: int,
    first: int,
    engine: str,
) -> np.ndarray:
    """(layer, diagonal) `table.counts` from `start` (diagonal,) in layer 0; the first is diagonal number
    `first`.
    """
    counts = np.empty((layers, start.size), table.counts)
    counts[0] = start
    if engine == "reference":
        drawn = words(seed, stream, run, first, start.size, layers)
        for layer in range(layers - 1):
            counts[layer + 1] = model.step(counts[layer], drawn[layer], table, layer)
    else:
        k0, k1 = streams.key(seed, stream)
        kernels.diagonals(table.flat, table.bits, first, np.uint32(run), k0, k1, counts)
    return counts


def raster(
    table: alias.Table,
    layers: int,
    seed: int,
    run: int,
    first: int,
    n: int,
    engine: str,
    train: model.Train = model.SILENCE,
) -> np.ndarray:
    """(layer, diagonal) counts: the driven network, n diagonals from `first` on; layer 0 holds the input train only,
    its spikes are never seen.
    """
    return diagonals(table, train.start(first, n), layers, seed, RASTER, run, first, engine)


def empty_tally(layers: int, neurons: int, root: int = 1) -> Tally:
    """A tally of no avalanches."""
    d = layers + 1
    sizes = np.zeros(root + (layers - 1) * neurons + 1, np.int64)
    by_duration = [np.zeros(d, np.int64) for _ in range(3)]
    return Tally(sizes, by_duration[0], by_duration[1], by_duration[2], np.zeros((d, layers), np.int64))


def add_avalanches(
    tally: Tally,
    table: alias.Table,
    layers: int,
    seed: int,
    run: int,
    first: int,
    n: int,
    engine: str,
    root: int = 1,
) -> None:
    """Add avalanches `first` to `first + n - 1` from `root` active neurons to the tally, in place."""
    if engine == "reference":
        _tally_reference(tally, table, layers, seed, run, first, n, root)
        return
    kernels.avalanches(
        table.flat,
        table.bits,
        np.zeros((layers, kernels.BLOCK), table.counts),
        root,
        first,
        n,
        np.uint32(run),
        *streams.key(seed, AVALANCHE),
        tally.sizes,
        tally.durations,
        tally.size_sum,
        tally.size_square_sum,
        tally.profile,
    )


def _tally_reference(
    tally: Tally, table: alias.Table, layers: int, seed: int, run: int, first: int, n: int, root: int
) -> None:
    counts = diagonals(table, np.full(n, root), layers, seed, AVALANCHE, run, first, "reference").astype(
        np.int64
    )
    size, duration = counts.sum(0), (counts > 0).sum(0)
    for total, index, weight in (
        (tally.sizes, size, 1),
        (tally.durations, duration, 1),
        (tally.size_sum, duration, size),
        (tally.size_square_sum, duration, size**2),
        (tally.profile, duration, counts.T),
    ):
        np.add.at(total, index, weight)


def trial_inputs(inputs: tuple[int, int], seed: int, run: int, first: int, n: int) -> np.ndarray:
    """(trial,) uint16: excited neurons, uniform on inputs[0] to inputs[1]; the same for every sigma."""
    excited = np.empty(n, np.uint16)
    kernels.inputs(first, *inputs, np.uint32(run), *streams.key(seed, INPUT), excited)
    return excited


def trials(
    table: alias.Table,
    inputs: tuple[int, int],
    layers: int,
    seed: int,
    run: int,
    first: int,
    n: int,
    engine: str,
) -> np.ndarray:
    """(layer, trial) counts: what the excited neurons of layer 0 become; no spontaneous activity if the table
    has none.
    """
    return diagonals(
        table, trial_inputs(inputs, seed, run, first, n), layers, seed, GUESS, run, first, engine
    )


def joint_table(excited: np.ndarray, reached: np.ndarray, neurons: int) -> np.ndarray:
    """(k_in, k_out) int64: how many trials went from k_in to k_out."""
    index = excited.astype(np.int64) * (neurons + 1) + reached
    return np.bincount(index, minlength=(neurons + 1) ** 2).reshape(neurons + 1, neurons + 1)


def masks(counts: np.ndarray, widths: tuple[int, ...], seed: int, run: int, first: int) -> np.ndarray:
    """(layer, diagonal, neuron) bool: which neurons are active; `counts` are of diagonals `first` onwards. Narrow
    layers are padded by neurons that are never active.
    """
    mask = np.empty((*counts.shape, max(widths)), np.bool_)
    kernels.neurons(counts, np.array(widths), first, np.uint32(run), *streams.key(seed, NEURON), mask)
    return mask
