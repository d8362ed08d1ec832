"""A further experiment in which coverage is counted: avalanches of a graph on which tau is known to exceed 1."""

import numpy as np

from emergent_dynamics.branching import recurrent
from emergent_dynamics.branching.findings import graph_avalanches
from emergent_dynamics.branching.parameters import Members, Parameters
from emergent_dynamics.config.schema import read_schemas, resolve
from tests.branching.findings.independent import OF_MEANS

GRAPH = {"nodes": 300, "degree": 4, "sigma": [1.0], "avalanches": 1000}
LONGEST = 64  # generations of the shapes; longer avalanches are left out of the collapse
REPEATS = 200

__all__ = ["OF_MEANS", "REPEATS", "VARIANTS"]


def graph(seed):
    """Headlines of 1,000 avalanches on each of three graphs of 300 nodes, simulated without a store."""
    p = Parameters.from_config(
        resolve(read_schemas()[1]["branching"], {"runs": 3, "graph": GRAPH, "seed": seed})
    )
    size, duration = (np.empty((1, p.runs, p.graph.avalanches), np.int64) for _ in range(2))
    profile = np.zeros((1, p.runs, LONGEST + 1, LONGEST), np.int64)
    for run in range(p.runs):
        members = Members(seed, run, 0, p.graph.avalanches)
        (synapses,) = recurrent.build(p.graph, seed, run)
        size[0, run], duration[0, run] = recurrent.avalanches(synapses, members, profile[0, run])
    return graph_avalanches.summarise(graph_avalanches.find(size, duration, profile, p), p)


VARIANTS = {"graph": graph}
