"""The layered branching network: its parameters, one step of the counts, and one step of the neurons.

Neurons of a layer are exchangeable, so the number active is the whole state of a layer; activity moves one
layer a step, so what enters layer 0 at time d meets nothing that entered earlier or later: a diagonal is a
Markov chain.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from emergent_dynamics.branching import alias

LARGEST_LAYER = 1023  # the alias table of a layer then has 4 MB, and a probability is right to 2^-22


@dataclass(frozen=True)
class Graph:
    """A sparse recurrent network: `nodes` with `degree` outgoing synapses each, transmitting with probability
    sigma / degree.

    drive : probability per node and step to be activated from outside. refractory : steps of silence after a
    spike. weights : `equal`, or `exponential`: probabilities differ by synapse and stay as they are (quenched), sigma
    being their spectral radius. inhibitory : share of the nodes whose transmissions silence their targets for the step.
    avalanches : runs from one random node each, the next when the last is extinct (separate time scales).
    """

    nodes: int
    degree: int
    sigma: tuple[float, ...]
    drive: tuple[float, ...]
    steps: int
    refractory: int
    weights: str
    inhibitory: float
    avalanches: int


@dataclass(frozen=True)
class Train:
    """Every `interval` steps `neurons` of layer 0 are excited, at steps 0, interval, ...; interval 0: never."""

    interval: int
    neurons: int

    def start(self, first: int, n: int) -> np.ndarray:
        """(n,) active neurons that diagonals first to first + n - 1 begin with."""
        if self.interval == 0:
            return np.zeros(n, np.int64)
        return np.where((first + np.arange(n)) % self.interval == 0, self.neurons, 0)


SILENCE = Train(0, 0)


@dataclass(frozen=True)
class Parameters:
    """One experiment.

    sigma : mean number of neurons that one active neuron activates, one member per value.
    spontaneous : probability per neuron and step to fire unprovoked, one per sigma.
    steps, avalanches, trials : diagonals of the driven network, single-root avalanches, guessing-game trials,
    per run.
    widths : neurons of each layer. train : regular input of the driven network.
    inputs : smallest and largest number of neurons the guessing game excites, both included.
    """

    widths: tuple[int, ...]
    sigma: tuple[float, ...]
    rule: str
    spontaneous: tuple[float, ...]
    steps: int
    avalanches: int
    trials: int
    inputs: tuple[int, int]
    train: Train
    graph: Graph
    runs: int
    seed: int
    engine: str

    @property
    def layers(self) -> int:
        """Their number."""
        return len(self.widths)

    @property
    def neurons(self) -> int:
        """Neurons of the widest layer: counts run from 0 to this."""
        return max(self.widths)

    @property
    def cells(self) -> int:
        """All neurons."""
        return sum(self.widths)


def parameters(experiment: Mapping) -> Parameters:
    """`Parameters` of a resolved configuration; one `spontaneous` value serves every sigma, `inputs` null is
    0 to N.
    """
    graph, neurons = experiment["graph"], experiment["neurons"]
    widths = tuple(neurons) if isinstance(neurons, list | tuple) else (neurons,) * experiment["layers"]
    sigma = tuple(map(float, experiment["sigma"]))
    return Parameters(
        sigma=sigma,
        spontaneous=one_each(experiment["spontaneous"], sigma),
        widths=widths,
        inputs=tuple(experiment["inputs"] or (0, widths[0])),
        train=Train(**experiment["train"]),
        graph=Graph(**{**graph, "sigma": tuple(graph["sigma"]), "drive": tuple(graph["drive"])}),
        engine="reference" if experiment["engine"] == "reference" else "cpu",
        **{name: experiment[name] for name in ("rule", "steps", "avalanches", "trials", "runs", "seed")},
    )


def one_each(values: Any, sigma: tuple[float, ...]) -> tuple[float, ...]:
    """A number for every sigma, or the list as it is."""
    return tuple(map(float, values)) if isinstance(values, list | tuple) else (float(values),) * len(sigma)


def activation(active: np.ndarray, sigma: np.ndarray | float, neurons: int, rule: str) -> np.ndarray:
    """Probability that a neuron, one of the N of its layer, fires when `active` of the layer before did; broadcasts.

        linear      min(1, sigma k / N)            what the notebook computes
        noisy_or    1 - (1 - sigma / N)^k          what its text says: N independent synapses

    N is the width of the receiving layer, so that an active neuron activates sigma whatever the widths. Equal to
    first order in k sigma / N; at N = 20 the difference decides every result (docs/branching.md).
    noisy_or needs sigma <= N.
    """
    if rule == "linear":
        return np.minimum(1.0, sigma * active / neurons)
    return 1.0 - (1.0 - sigma / neurons) ** active


def step(counts: np.ndarray, words: np.ndarray, table: alias.Table, layer: int = 0) -> np.ndarray:
    """Every diagonal from `layer` to the next:  k' = k + Bin(N - k, p_spontaneous),  k_next ~ Bin(N, activation(k')).

    counts : (diagonal,) integers from 0 to N; words : (diagonal,) uint32; `table` : alias table of the joint
    transition `exact.links`. Returns (diagonal,) `table.counts`. The law is exact to 2**-24 per entry (see
    `alias`). Source: Walker 1977, ACM TOMS 3:253, for drawing a row of the transition matrix with one word.
    """
    column = words >> np.uint32(32 - table.bits)
    entry = table.entries[min(layer, len(table.entries) - 1), counts, column]
    stay = (words & np.uint32((1 << (32 - table.bits)) - 1)) < entry >> np.uint32(table.bits)
    return np.where(stay, column, entry & np.uint32((1 << table.bits) - 1)).astype(table.counts)


def network_step(
    network: np.ndarray, spikes: np.ndarray, uniforms: np.ndarray, sigma: float, rule: str
) -> np.ndarray:
    """The notebook's synchronous update, neuron by neuron: the law that `step` must have.

    network, spikes : (layer, neuron) bool, the state and the spontaneous spikes; uniforms : (layer, neuron)
    in [0, 1). Returns (layer, neuron) bool. Spikes join the OLD state and are consumed by this update, so
    they are never seen, only their offspring; layer 0 receives nothing and is empty in what is returned.
    """
    neurons = network.shape[1]
    active = (network | spikes).sum(1)
    after = np.zeros_like(network)
    after[1:] = uniforms[1:] < activation(active[:-1], sigma, neurons, rule)[:, None]
    return after


def frames(counts: np.ndarray) -> np.ndarray:
    """(layer, diagonal) to (time, layer): the complete frames, frame t holding counts[l, t + L - 1 - l].

    The first and last L - 1 diagonals are seen in part only; what is returned is stationary from its first
    frame.
    """
    layers, diagonals = counts.shape
    time = np.arange(layers - 1, diagonals)
    return counts[np.arange(layers), time[:, None] - np.arange(layers)]


def activity(counts: np.ndarray) -> np.ndarray:
    """(..., layer, diagonal) to (..., time) int64: neurons active in each complete frame."""
    layers, diagonals = counts.shape[-2:]
    total = np.zeros((*counts.shape[:-2], max(0, diagonals - layers + 1)), np.int64)
    for layer in range(layers):
        total += counts[..., layer, layers - 1 - layer : diagonals - layer]
    return total
