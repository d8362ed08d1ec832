"""The layered branching network: one step of the numbers of active neurons, and one step of the single neurons.

The neurons of a layer are exchangeable, so the number of active neurons is the whole state of a layer. Activity moves
one layer per step, so what enters layer 0 at time d never meets what entered earlier or later: a diagonal is a Markov
chain.
"""

import numpy as np

from emergent_dynamics.branching import alias


def activation(active: np.ndarray, sigma: np.ndarray | float, neurons: int, rule: str) -> np.ndarray:
    """Return the probability that a neuron fires when `active` neurons of the layer before did; arrays broadcast.

        linear      min(1, sigma k / N)            which the original notebook computes
        noisy_or    1 - (1 - sigma / N)^k          which its text describes: N independent synapses

    N is the width of the receiving layer, so an active neuron activates sigma others on average whatever the widths.
    The rules are equal to first order in k sigma / N; at N = 20 the difference decides every result
    (docs/branching.md). noisy_or needs sigma <= N.
    """
    if rule == "linear":
        return np.minimum(1.0, sigma * active / neurons)
    return 1.0 - (1.0 - sigma / neurons) ** active


def step(counts: np.ndarray, words: np.ndarray, table: alias.Table, layer: int = 0) -> np.ndarray:
    """Move every diagonal from `layer` to the next:  k' = k + Bin(N - k, p_spontaneous),  k_next ~ Bin(N,
    activation(k')).

    counts : (diagonal,) integers from 0 to N. words : (diagonal,) uint32. table : alias table of the joint transition
    `exact.links`. Returns (diagonal,) `table.counts`. The law is exact to 2**-24 per entry (see `alias`). Source:
    Walker 1977, ACM TOMS 3:253, for drawing a row of the transition matrix with one word.
    """
    column = words >> np.uint32(32 - table.bits)
    entry = table.entries[min(layer, len(table.entries) - 1), counts, column]
    stay = (words & np.uint32((1 << (32 - table.bits)) - 1)) < entry >> np.uint32(table.bits)
    return np.where(stay, column, entry & np.uint32((1 << table.bits) - 1)).astype(table.counts)


def network_step(
    network: np.ndarray, spikes: np.ndarray, uniforms: np.ndarray, sigma: float, rule: str
) -> np.ndarray:
    """The synchronous update of the original notebook, neuron by neuron; `step` must have the same law.

    network, spikes : (layer, neuron) bool, the state and the spontaneous spikes. uniforms : (layer, neuron) in [0,
    1). Returns (layer, neuron) bool. Spikes join the OLD state and are consumed by this update, so only their
    offspring is ever seen; layer 0 receives nothing and is empty in the result.
    """
    neurons = network.shape[1]
    active = (network | spikes).sum(1)
    after = np.zeros_like(network)
    after[1:] = uniforms[1:] < activation(active[:-1], sigma, neurons, rule)[:, None]
    return after


def frames(counts: np.ndarray) -> np.ndarray:
    """Rearrange (layer, diagonal) to complete frames (time, layer); frame t contains counts[l, t + L - 1 - l].

    Only a part of the first and last L - 1 diagonals is in complete frames. The result is stationary from its first
    frame on.
    """
    layers, diagonals = counts.shape
    time = np.arange(layers - 1, diagonals)
    return counts[np.arange(layers), time[:, None] - np.arange(layers)]


def activity(counts: np.ndarray) -> np.ndarray:
    """Number of active neurons in each time step that all layers have reached, (..., time) int64.

    counts : (..., layer, diagonal) active neurons. A diagonal is the activity that entered layer 0 at one time; it is
    in layer l after l steps.
    """
    layers, diagonals = counts.shape[-2:]
    total = np.zeros((*counts.shape[:-2], max(0, diagonals - layers + 1)), np.int64)
    for layer in range(layers):
        total += counts[..., layer, layers - 1 - layer : diagonals - layer]
    return total
