"""The parameters of one experiment on the branching network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np


@dataclass(frozen=True)
class Record:
    """A record of the driven graph from which its branching ratio is estimated: `steps` under one weak `drive`."""

    drive: float
    steps: int


@dataclass(frozen=True)
class Graph:
    """A sparse recurrent network: `nodes` with `degree` outgoing synapses each, which transmit with probability sigma
    / degree.

    drive : probability per node and step to be activated from outside. refractory : steps of silence after a spike.
    weights : `equal`, or `exponential`, where probabilities differ by synapse and stay as they are (quenched) and
    sigma is their spectral radius. inhibitory : share of the nodes whose transmissions silence their targets for the
    step. avalanches : number per run; each starts from one random node when the last one is extinct (separation of
    time scales). record : the record from which the branching ratio is estimated.
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
    """The regular input: `neurons` of layer 0 are excited at steps 0, interval, 2 interval, ...; never if the
    interval is 0.
    """

    interval: int
    neurons: int

    def start(self, first: int, n: int) -> np.ndarray:
        """Return (n,) the active neurons in layer 0 with which diagonals first to first + n - 1 begin."""
        if self.interval == 0:
            return np.zeros(n, np.int64)
        return np.where((first + np.arange(n)) % self.interval == 0, self.neurons, 0)


SILENCE = Train(0, 0)


class Members(NamedTuple):
    """Members `first` to `first + n - 1` of the ensemble of a run: diagonals, avalanches, trials or steps of the
    graph.

    A member is a function of seed, run and its number only, whatever else is computed with it.
    """

    seed: int
    run: int
    first: int
    n: int


@dataclass(frozen=True)
class Parameters:
    """The parameters of one experiment.

    sigma : mean number of neurons that one active neuron activates, one member of the sweep per value. spontaneous :
    probability per neuron and step to fire spontaneously, one per sigma. steps, avalanches, trials : diagonals of the
    driven network, single-root avalanches, and trials of the guessing game, per run. widths : neurons of each layer.
    train : regular input of the driven network. inputs : smallest and largest number of neurons that the guessing
    game excites, both included.
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
        """The parameters of a resolved configuration. One `spontaneous` value holds for every sigma; `inputs` null
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
        """The number of layers."""
        return len(self.widths)

    @property
    def neurons(self) -> int:
        """The number of neurons of the widest layer; counts run from 0 to this number."""
        return max(self.widths)

    @property
    def cells(self) -> int:
        """The number of all neurons."""
        return sum(self.widths)


def one_each(values: Any, sigma: tuple[float, ...]) -> tuple[float, ...]:
    """Return one number for every sigma: a single number is repeated, a list is unchanged."""
    return tuple(map(float, values)) if isinstance(values, list | tuple) else (float(values),) * len(sigma)
