"""A sparse recurrent network with drive, event by event: activity that can sustain itself, unlike the layered
network's.

Every node has `degree` outgoing synapses to random others, each transmitting with probability sigma / degree;
a node fires if any does, or the drive does, unless it is refractory or an inhibitory node reached it. Kinouchi &
Copelli 2006, Nat Phys 2:348 (directed here, fixed out-degree); spectral radius: Larremore et al. 2011, PRL 106:058101.
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
    """(node, synapse) int32: whom each synapse reaches, uniform over the other nodes; two may reach the same
    one.
    """
    ahead = streams.integers(seed, "branching.graph", run, 0, nodes * degree, nodes - 1).reshape(
        nodes, degree
    )
    return ((np.arange(nodes)[:, None] + 1 + ahead) % nodes).astype(np.int32)


def start(seed: int, nodes: int, run: int = 0) -> np.ndarray:
    """(node,) bool: a random tenth is active at first, so that activity that can sustain itself is there from the
    start.
    """
    return streams.uniform(seed, "branching.graph", run, 1, nodes) < 0.1


def probabilities(g: Graph, sigma: float, reach: np.ndarray, seed: int, run: int = 0) -> np.ndarray:
    """(node, synapse), or (1, synapse) if all are equal: P(transmit), at most 1, of spectral radius sigma."""
    if g.weights == "equal":
        return np.full((1, g.degree), min(1.0, sigma / g.degree))
    weight = -np.log1p(-streams.uniform(seed, "branching.weight", run, 0, reach.size)).reshape(reach.shape)
    return np.minimum(1.0, sigma / spectral_radius(reach, weight) * weight)


def spectral_radius(reach: np.ndarray, weight: np.ndarray) -> float:
    """Largest eigenvalue of the matrix of weights (node, synapse) to the nodes reached, by iteration of I + W."""
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
    """uint64: how many of the 2**32 words mean yes."""
    return np.rint(probability * 2.0**32).astype(np.uint64)


def inhibitors(g: Graph) -> int:
    """The first so many nodes inhibit; whom a node reaches does not depend on its number."""
    return round(g.inhibitory * g.nodes)


@dataclass(frozen=True)
class Synapses:
    """reach (node, synapse) int32, their probabilities ((node or 1), synapse), inhibitory nodes, refractory steps."""

    reach: np.ndarray
    probability: np.ndarray
    inhibiting: int = 0
    refractory: int = 0

    @functools.cached_property
    def packed(self) -> tuple[np.ndarray, np.ndarray, int, int]:
        """As kernels read them: reach, threshold, inhibitory nodes, refractory steps."""
        return self.reach, threshold(self.probability), self.inhibiting, self.refractory


def build(g: Graph, seed: int, run: int = 0) -> list[Synapses]:
    """The graph of a run at each sigma; the same targets and relative weights for all."""
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
    """The nodes active at `time`, from those `active` (node,) bool one step before; `ready` (node,) int64 is
    updated.

    words (node, synapse) uint32, driven (node,) bool : the step's draws. ready[i] is the first time at which
    i may fire again; the first `inhibiting` nodes put it off by a step.
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
    """(node,) bool: whom the drive reaches in one step, as `advance` draws it."""
    fired = np.empty(nodes, np.int64)
    moment = (time, np.uint32(run), *streams.key(seed, DRIVE))
    n = kernels.drive_nodes(drive, 0, moment, np.zeros(nodes, np.int64), fired, 0)
    return np.isin(np.arange(nodes), fired[:n])


def advance(
    synapses: Synapses, drive: float, members: Members, active: np.ndarray, ready: np.ndarray
) -> np.ndarray:
    """(step,) int32 active nodes at times first to first + n - 1 of `members`; active (node,) bool and ready
    (node,) int64 go on.

    Draws are addressed by (time, node, synapse) alone: common random numbers over sigma and drive, no trace
    of the cut.
    """
    activity = np.empty(members.n, np.int32)
    run = np.uint32(members.run)
    keys = [(run, *streams.key(members.seed, name)) for name in (SYNAPSE, DRIVE)]
    kernels.advance(synapses.packed, drive, members.first, tuple(keys), active, ready, activity)
    return activity


def avalanches(
    synapses: Synapses, members: Members, profile: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Sizes (avalanche,) int64 in spikes and durations (avalanche,) int32 in steps of these avalanches.

    profile (life, generation) int64, where there is one, grows by the active nodes in each generation of the avalanches
    of each duration; those that are stopped or live longer than it has generations are left out.

    Each starts without drive from one random node of a silent network. One that reaches as many spikes as there are
    nodes is stopped there; it is large, perhaps endless. Avalanche i is a function of seed, run and i.
    """
    seed, run, first, n = members
    nodes = len(synapses.reach)
    root = (streams.uniform(seed, ROOT, run, 0, first + n)[first:] * nodes).astype(np.int64)
    size, duration = np.empty(n, np.int64), np.empty(n, np.int32)
    stream = (np.uint32(run), *streams.key(seed, "branching.graph_avalanche"))
    shape = np.zeros((1, 0), np.int64) if profile is None else profile
    kernels.avalanches(synapses.packed, first, stream, root, nodes, (size, duration, shape))
    return size, duration
