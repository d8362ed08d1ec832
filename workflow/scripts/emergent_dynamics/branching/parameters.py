"""One experiment on the branching network: its parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np


@dataclass(frozen=True)
class Record:
    """A driven record of the graph for its branching ratio: `steps` under one weak `drive`."""

    drive: float
    steps: int


@dataclass(frozen=True)
class Graph:
    """A sparse recurrent network: `nodes` with `degree` outgoing synapses each, transmitting with probability
    sigma / degree.

    drive : probability per node and step to be activated from outside. refractory : steps of silence after a
    spike. weights : `equal`, or `exponential`: probabilities differ by synapse and stay as they are (quenched), sigma
    being their spectral radius. inhibitory : share of the nodes whose transmissions silence their targets for the step.
    avalanches : runs from one random node each, the next when the last is extinct (separate time scales).
    record : what the branching ratio is estimated from.
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
    record: Record


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


class Members(NamedTuple):
    """Members `first` to `first + n - 1` of a run's ensemble: diagonals, avalanches, trials or steps of the graph.

    A member is a function of seed, run and its number only, whatever else is computed with it.
    """

    seed: int
    run: int
    first: int
    n: int


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

    @classmethod
    def from_config(cls, experiment: Mapping[str, Any]) -> "Parameters":
        """The parameters of a resolved configuration; one `spontaneous` value serves every sigma, `inputs` null
        means 0 to N.
        """
        graph, neurons = experiment["graph"], experiment["neurons"]
        widths = tuple(neurons) if isinstance(neurons, list | tuple) else (neurons,) * experiment["layers"]
        sigma = tuple(map(float, experiment["sigma"]))
        return cls(
            sigma=sigma,
            spontaneous=one_each(experiment["spontaneous"], sigma),
            widths=widths,
            inputs=tuple(experiment["inputs"] or (0, widths[0])),
            train=Train(**experiment["train"]),
            graph=Graph(
                **{
                    **graph,
                    "sigma": tuple(graph["sigma"]),
                    "drive": tuple(graph["drive"]),
                    "record": Record(**graph["record"]),
                }
            ),
            engine="reference" if experiment["engine"] == "reference" else "cpu",
            **{name: experiment[name] for name in ("rule", "steps", "avalanches", "trials", "runs", "seed")},
        )

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


def one_each(values: Any, sigma: tuple[float, ...]) -> tuple[float, ...]:
    """A number for every sigma, or the list as it is."""
    return tuple(map(float, values)) if isinstance(values, list | tuple) else (float(values),) * len(sigma)
