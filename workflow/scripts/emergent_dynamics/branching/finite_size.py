"""The recurrent graph at several sizes: avalanches at sigma = 1 that run until they are extinct, and the fluctuations
of its activity with the same number of spikes from outside per step at every size.

Per step near sigma = 1 the activity k of N nodes fluctuates with variance ~ k and is reduced by ~ k^2 / N, since some
nodes are reached twice or are refractory. The two effects balance at k ~ N^(1/2), where activity lasts for ~ N^(1/2)
steps, so that sizes of avalanches are cut off at ~ N and Var(k) / E[k] has a peak ~ N^(1/2). This is the mean-field
theory of systems with an absorbing state, for which Ferreira, Castellano & Pastor-Satorras 2012, PRE 86:041125, use
this quotient.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from emergent_dynamics.branching import recurrent
from emergent_dynamics.branching.parameters import Graph, Members

MOST = 1000  # spikes per node at which an avalanche is stopped; no avalanche at sigma = 1 has been that large


@dataclass(frozen=True)
class Sizes:
    """The settings of the simulations of finite-size scaling.

    nodes : numbers of nodes of the graphs. avalanches : number per run and size. sigma : branching ratios at which
    fluctuations are recorded. drive : spikes from outside per step in the whole graph. steps : length of each record,
    of which the first tenth is left out.
    """

    nodes: tuple[int, ...]
    avalanches: int
    sigma: tuple[float, ...]
    drive: float
    steps: int

    @classmethod
    def from_config(cls, scaling: Mapping[str, Any]) -> "Sizes":
        """Return the settings from the section `scaling` of a complete experiment, with nodes and sigma ascending."""
        ordered = {name: tuple(sorted(scaling[name])) for name in ("nodes", "sigma")}
        return cls(**(dict(scaling) | ordered))


class Sample(NamedTuple):
    """Results of one run at one size: mean S and mean S^2 of avalanches at sigma = 1, and Var(k) / E[k] (sigma,)."""

    size: float
    square: float
    fluctuation: np.ndarray


def sample(graph: Graph, sizes: Sizes, nodes: int, seed: int, run: int) -> Sample:
    """Simulate one run at one size; the random numbers depend only on seed, run and size."""
    critical = replace(graph, nodes=nodes, sigma=(1.0,))
    members = Members(seed, run, 0, sizes.avalanches)
    size, _ = recurrent.avalanches(recurrent.build(critical, seed, run)[0], members, most=MOST * nodes)
    driven = replace(graph, nodes=nodes, sigma=sizes.sigma)
    fluctuations = [_fluctuation(one, sizes, seed, run) for one in recurrent.build(driven, seed, run)]
    return Sample(float(size.mean()), float((size.astype(float) ** 2).mean()), np.array(fluctuations))


def _fluctuation(synapses: recurrent.Synapses, sizes: Sizes, seed: int, run: int) -> float:
    """Return Var(k) / E[k] of a record that starts silent, NaN if nothing was active."""
    nodes = len(synapses.reach)
    active, ready = np.zeros(nodes, bool), np.zeros(nodes, np.int64)
    members = Members(seed, run, 0, sizes.steps)
    activity = recurrent.advance(synapses, min(1.0, sizes.drive / nodes), members, active, ready)
    kept = activity[sizes.steps // 10 :].astype(float)
    return float(kept.var() / kept.mean()) if kept.any() else np.nan
