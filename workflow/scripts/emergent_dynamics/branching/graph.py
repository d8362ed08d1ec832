"""A sparse recurrent network with drive, event by event: activity that can sustain itself, unlike the layered
network's.

Every node has `degree` outgoing synapses to random others, each transmitting with probability sigma / degree;
a node fires if any does, or the drive does, unless it is refractory or an inhibitory node reached it. Kinouchi &
Copelli 2006, Nat Phys 2:348 (directed here, fixed out-degree); spectral radius: Larremore et al. 2011, PRL 106:058101.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from emergent_dynamics import streams
from emergent_dynamics.branching.model import Graph
from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.streams import philox4x32, uniform53

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


def step(
    active: np.ndarray,
    ready: np.ndarray,
    time: int,
    reach: np.ndarray,
    words: np.ndarray,
    driven: np.ndarray,
    probability: np.ndarray,
    inhibiting: int,
    refractory: int,
) -> np.ndarray:
    """The nodes active at `time`, from those `active` (node,) bool one step before; `ready` (node,) int64 is
    updated.

    words (node, synapse) uint32, driven (node,) bool : the step's draws. ready[i] is the first time at which
    i may fire again; the first `inhibiting` nodes put it off by a step.
    """
    transmits = active[:, None] & (words < threshold(probability))
    reached = np.zeros(active.size, bool)
    reached[reach[inhibiting:][transmits[inhibiting:]]] = True
    silenced = reach[:inhibiting][transmits[:inhibiting]]
    ready[silenced] = np.maximum(ready[silenced], time + 1)
    after = (reached | driven) & (ready <= time)
    ready[after] = time + 1 + refractory
    return after


def words(seed: int, run: int, time: int, nodes: int, degree: int) -> np.ndarray:
    """(node, synapse) uint32: the words of one step, as `advance` draws them, for every synapse."""
    quads = -(-degree // 4)
    return streams.bits(seed, SYNAPSE, run, time, 4 * nodes * quads).reshape(nodes, 4 * quads)[:, :degree]


def driven_nodes(seed: int, run: int, time: int, nodes: int, drive: float) -> np.ndarray:
    """(node,) bool: whom the drive reaches in one step, as `advance` draws it."""
    fired = np.empty(nodes, np.int64)
    ready = np.zeros(nodes, np.int64)
    n = _drive(drive, 0, time, *streams.key(seed, DRIVE), np.uint32(run), ready, fired, 0)
    return np.isin(np.arange(nodes), fired[:n])


@numba.njit(cache=True)
def _fire(node, time, refractory, ready, fired, n_fired):
    if ready[node] <= time:
        ready[node] = time + 1 + refractory
        fired[n_fired] = node
        n_fired += 1
    return n_fired


@numba.njit(cache=True)
def _transmit(synapses, time, k0, k1, run, active, n_active, ready, fired, n_fired):
    """Every synapse of every active node: one word each, at the counter (node, synapse // 4; time, run). Inhibitory
    nodes go first.
    """
    inhibiting = synapses[2]
    if inhibiting > 0:
        for a in range(n_active):
            if active[a] < inhibiting:
                _spread(active[a], True, synapses, time, k0, k1, run, ready, fired, 0)
    for a in range(n_active):
        if active[a] >= inhibiting:
            n_fired = _spread(active[a], False, synapses, time, k0, k1, run, ready, fired, n_fired)
    return n_fired


@numba.njit(cache=True)
def _spread(node, inhibits, synapses, time, k0, k1, run, ready, fired, n_fired):
    reach, limit, _, refractory = synapses
    degree = reach.shape[1]
    quads = (degree + 3) // 4
    row = node if len(limit) > 1 else 0
    low, high = np.uint32(time & 0xFFFFFFFF), np.uint32(time >> 32)
    for quad in range(quads):
        w0, w1, w2, w3 = philox4x32(np.uint32(node * quads + quad), low, high, run, k0, k1)
        for lane in range(min(4, degree - 4 * quad)):
            if np.uint64(w0) < limit[row, 4 * quad + lane]:
                target = reach[node, 4 * quad + lane]
                if inhibits:
                    ready[target] = max(ready[target], time + 1)
                else:
                    n_fired = _fire(target, time, refractory, ready, fired, n_fired)
            w0, w1, w2 = w1, w2, w3
    return n_fired


@numba.njit(cache=True)
def _drive(drive, refractory, time, d0, d1, run, ready, fired, n_fired):
    """Nodes that the drive reaches, found by jumps of geometric length, so that a weak drive costs little."""
    if drive <= 0.0:
        return n_fired
    low, high = np.uint32(time & 0xFFFFFFFF), np.uint32(time >> 32)
    node, used = -1, 0
    while True:
        w0, w1, _, _ = philox4x32(np.uint32(used), low, high, run, d0, d1)
        used += 1
        jump = 0.0 if drive >= 1.0 else math.floor(math.log1p(-uniform53(w0, w1)) / math.log1p(-drive))
        if jump >= ready.size - node - 1:
            return n_fired
        node += 1 + int(jump)
        n_fired = _fire(node, time, refractory, ready, fired, n_fired)


@numba.njit(cache=True)
def _advance(synapses, drive, first, run, k0, k1, d0, d1, active, ready, activity):
    """synapses : (reach, threshold, inhibitory nodes, refractory steps).

    activity (step,) int32 filled from time `first` on; active and ready (node,) are updated."""
    # Floor one word a synapse, 0.4 ns vectorised; measured 3 ns a synapse, because active nodes are few and
    # far apart in memory. Dense or compressed matrix products cost 40 to 450 times as much at 20 active nodes
    # of 1,000 to 10,000.
    nodes = ready.size
    now, fired = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    n_now = 0
    for node in range(nodes):
        if active[node]:
            now[n_now] = node
            n_now += 1
    for t in range(activity.size):
        time = first + t
        n_fired = _transmit(synapses, time, k0, k1, run, now, n_now, ready, fired, 0)
        n_fired = _drive(drive, synapses[3], time, d0, d1, run, ready, fired, n_fired)
        now, fired = fired, now
        n_now = n_fired
        activity[t] = n_now
    active[:] = False
    for a in range(n_now):
        active[now[a]] = True


@dataclass(frozen=True)
class Synapses:
    """reach (node, synapse) int32, their probabilities ((node or 1), synapse), inhibitory nodes, refractory steps."""

    reach: np.ndarray
    probability: np.ndarray
    inhibiting: int = 0
    refractory: int = 0

    @functools.cached_property
    def packed(self) -> tuple[np.ndarray, np.ndarray, int, int]:
        """As kernels want them."""
        return self.reach, threshold(self.probability), self.inhibiting, self.refractory


def build(g: Graph, seed: int, run: int = 0) -> list[Synapses]:
    """The graph of a run at each sigma; the same targets and relative weights for all."""
    reach = targets(seed, g.nodes, g.degree, run)
    each = [probabilities(g, sigma, reach, seed, run) for sigma in g.sigma]
    return [Synapses(reach, probability, inhibitors(g), g.refractory) for probability in each]


def advance(
    synapses: Synapses,
    drive: float,
    seed: int,
    run: int,
    first: int,
    steps: int,
    active: np.ndarray,
    ready: np.ndarray,
) -> np.ndarray:
    """(step,) int32 active nodes at times first to first + steps - 1; active (node,) bool and ready (node,)
    int64 go on.

    Draws are addressed by (time, node, synapse) alone: common random numbers over sigma and drive, no trace
    of the cut.
    """
    activity = np.empty(steps, np.int32)
    keys = (*streams.key(seed, SYNAPSE), *streams.key(seed, DRIVE))
    _advance(synapses.packed, drive, first, np.uint32(run), *keys, active, ready, activity)
    return activity


@numba.njit(cache=True)
def _avalanches(synapses, first, run, k0, k1, root, largest, size, duration):
    """size, duration (avalanche,) filled from roots (avalanche,); avalanche a lives at times a 2^32 and after."""
    nodes = len(synapses[0])
    ready = np.zeros(nodes, np.int64)
    now, fired = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    for i in range(root.size):
        time = np.int64(first + i + 1) << 32
        now[0], n_now = root[i], 1
        ready[root[i]] = time + 1 + synapses[3]
        total, generation = 0, 0
        while n_now > 0 and total < largest:
            total += n_now
            generation += 1
            n_now = _transmit(synapses, time + generation, k0, k1, run, now, n_now, ready, fired, 0)
            now, fired = fired, now
        size[i], duration[i] = total, generation


def avalanches(synapses: Synapses, seed: int, run: int, first: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Sizes (avalanche,) int64 in spikes and durations (avalanche,) int32 in steps of avalanches `first` to
    first + n - 1, without drive, each from one random node of a silent network.

    One that reaches as many spikes as there are nodes is stopped there; it is large, perhaps endless. Avalanche i is a
    function of seed, run and i.
    """
    nodes = len(synapses.reach)
    root = (streams.uniform(seed, ROOT, run, 0, first + n)[first:] * nodes).astype(np.int64)
    size, duration = np.empty(n, np.int64), np.empty(n, np.int32)
    keys = streams.key(seed, "branching.graph_avalanche")
    _avalanches(synapses.packed, first, np.uint32(run), *keys, root, nodes, size, duration)
    return size, duration
