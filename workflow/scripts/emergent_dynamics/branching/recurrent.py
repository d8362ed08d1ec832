"""A sparse recurrent network with drive, whose activity can sustain itself, unlike that of the layered network.

Every node has `degree` outgoing synapses to random other nodes, each of which transmits with probability sigma /
degree. A node fires if any synapse or the drive reaches it, unless it is refractory or an inhibitory node reached it.
Sources: Kinouchi & Copelli 2006, Nat Phys 2:348 (here with directed synapses and a fixed out-degree); spectral
radius: Larremore et al. 2011, PRL 106:058101.
"""

import functools
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from emergent_dynamics import streams
from emergent_dynamics.branching.kernels import recurrent as kernels
from emergent_dynamics.branching.parameters import Graph, Members

SYNAPSE, DRIVE, ROOT = "branching.synapse", "branching.drive", "branching.root"


def targets(seed: int, nodes: int, degree: int, run: int = 0) -> np.ndarray:
    """Return (node, synapse) int32: the target of each synapse, uniform over the other nodes; two synapses of a node
    may have the same target.
    """
    ahead = streams.integers(seed, "branching.graph", run, 0, nodes * degree, nodes - 1).reshape(
        nodes, degree
    )
    return ((np.arange(nodes)[:, None] + 1 + ahead) % nodes).astype(np.int32)


def start(seed: int, nodes: int, run: int = 0) -> np.ndarray:
    """Return (node,) bool: the initially active nodes, a random tenth, so that activity that can sustain itself
    exists from the start.
    """
    return streams.uniform(seed, "branching.graph", run, 1, nodes) < 0.1


def probabilities(g: Graph, sigma: float, reach: np.ndarray, seed: int, run: int = 0) -> np.ndarray:
    """Return the probabilities of transmission, at most 1: (node, synapse), or (1, synapse) if the weights are equal.

    reach : (node, synapse), the target of each synapse. The matrix has the spectral radius sigma before probabilities
    are cut at 1; exponential weights are drawn by `seed` and `run`.
    """
    if g.weights == "equal":
        return np.full((1, g.degree), min(1.0, sigma / g.degree))
    weight = -np.log1p(-streams.uniform(seed, "branching.weight", run, 0, reach.size)).reshape(reach.shape)
    return np.minimum(1.0, sigma / spectral_radius(reach, weight) * weight)


def spectral_radius(reach: np.ndarray, weight: np.ndarray) -> float:
    """Return the largest eigenvalue of the matrix of weights (node, synapse) to the targets, by power iteration of I
    + W.
    """
    source = np.repeat(np.arange(len(reach)), reach.shape[1])
    matrix = sparse.csr_array((weight.ravel(), (source, reach.ravel())), shape=(len(reach),) * 2)
    vector, radius = np.ones(len(reach)), 0.0
    for _ in range(10_000):
        after = vector + matrix @ vector
        size = float(after.sum() / vector.sum())
        vector = after / after.sum()
        if abs(size - radius) <= 1e-13 * size:
            break
        radius = size
    return size - 1.0


def threshold(probability: np.ndarray) -> np.ndarray:
    """Return uint64: the number of the 2**32 possible words for which a synapse transmits."""
    return np.rint(probability * 2.0**32).astype(np.uint64)


def inhibitors(g: Graph) -> int:
    """Return the number of inhibitory nodes, which are the first ones; the targets of a node do not depend on its
    number.
    """
    return round(g.inhibitory * g.nodes)


@dataclass(frozen=True)
class Synapses:
    """The synapses of a graph: targets reach (node, synapse) int32, probabilities ((node or 1), synapse), the number
    of inhibitory nodes, and the refractory steps.
    """

    reach: np.ndarray
    probability: np.ndarray
    inhibiting: int = 0
    refractory: int = 0

    @functools.cached_property
    def packed(self) -> tuple[np.ndarray, np.ndarray, int, int]:
        """The graph in the form that kernels take: targets, thresholds, number of inhibitory nodes, refractory
        steps.
        """
        return self.reach, threshold(self.probability), self.inhibiting, self.refractory


def build(g: Graph, seed: int, run: int = 0) -> list[Synapses]:
    """Return the graph of a run for each sigma; all have the same targets and relative weights."""
    reach = targets(seed, g.nodes, g.degree, run)
    each = [probabilities(g, sigma, reach, seed, run) for sigma in g.sigma]
    return [Synapses(reach, probability, inhibitors(g), g.refractory) for probability in each]


def step(
    synapses: Synapses,
    active: np.ndarray,
    ready: np.ndarray,
    time: int,
    words: np.ndarray,
    driven: np.ndarray,
) -> np.ndarray:
    """Return the nodes active at `time`, given `active` (node,) bool one step before; `ready` (node,) int64 is
    updated.

    words (node, synapse) uint32, driven (node,) bool : the random draws of the step. ready[i] is the first time at
    which node i may fire again; transmissions of the first `inhibiting` nodes delay it by one step.
    """
    reach, inhibiting = synapses.reach, synapses.inhibiting
    transmits = active[:, None] & (words < threshold(synapses.probability))
    reached = np.zeros(active.size, bool)
    reached[reach[inhibiting:][transmits[inhibiting:]]] = True
    silenced = reach[:inhibiting][transmits[:inhibiting]]
    ready[silenced] = np.maximum(ready[silenced], time + 1)
    after = (reached | driven) & (ready <= time)
    ready[after] = time + 1 + synapses.refractory
    return after


def random_words(seed: int, run: int, time: int, nodes: int, degree: int) -> np.ndarray:
    """(node, synapse) uint32: the words of one step, as `advance` draws them, for every synapse."""
    quads = -(-degree // 4)
    return streams.bits(seed, SYNAPSE, run, time, 4 * nodes * quads).reshape(nodes, 4 * quads)[:, :degree]


def driven_nodes(seed: int, run: int, time: int, nodes: int, drive: float) -> np.ndarray:
    """Return (node,) bool: the nodes that the drive reaches in one step, as `advance` draws them."""
    fired = np.empty(nodes, np.int64)
    moment = (time, np.uint32(run), *streams.key(seed, DRIVE))
    n = kernels.drive_nodes(drive, 0, moment, np.zeros(nodes, np.int64), fired, 0)
    return np.isin(np.arange(nodes), fired[:n])


def advance(
    synapses: Synapses, drive: float, members: Members, active: np.ndarray, ready: np.ndarray
) -> np.ndarray:
    """Return (step,) int32 active nodes at times first to first + n - 1 of `members`, and update active (node,) bool
    and ready (node,) int64.

    Draws are addressed by (time, node, synapse) alone: random numbers are common to all sigmas and drives, and
    results do not depend on how the steps are divided among calls.
    """
    activity = np.empty(members.n, np.int32)
    run = np.uint32(members.run)
    keys = [(run, *streams.key(members.seed, name)) for name in (SYNAPSE, DRIVE)]
    kernels.advance(synapses.packed, drive, members.first, tuple(keys), active, ready, activity)
    return activity


def avalanches(
    synapses: Synapses, members: Members, profile: np.ndarray | None = None, most: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return sizes (avalanche,) int64 in spikes and durations (avalanche,) int32 in steps of these avalanches.

    profile (life, generation) int64, where given, is increased by the active nodes in each generation of the
    avalanches of each duration; avalanches that are stopped, or live longer than it has generations, are left out.

    Each avalanche starts without drive from one random node of a silent network. An avalanche that reaches `most`
    spikes (default: the number of nodes) is stopped there; it might never have ended. Avalanche i is a function of
    seed, run and i.
    """
    seed, run, first, n = members
    nodes = len(synapses.reach)
    root = (streams.uniform(seed, ROOT, run, 0, first + n)[first:] * nodes).astype(np.int64)
    size, duration = np.empty(n, np.int64), np.empty(n, np.int32)
    stream = (np.uint32(run), *streams.key(seed, "branching.graph_avalanche"))
    shape = np.zeros((1, 0), np.int64) if profile is None else profile
    kernels.avalanches(synapses.packed, first, stream, root, most or nodes, (size, duration, shape))
    return size, duration
