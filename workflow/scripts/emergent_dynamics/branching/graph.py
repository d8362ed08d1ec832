"""A sparse recurrent network with drive, event by event: activity that can sustain itself, unlike the layered
network's.

Every node has `degree` outgoing synapses to random others, each transmitting with probability sigma / degree;
a node fires if any does, or the drive does, unless it is refractory. Kinouchi & Copelli 2006, Nat Phys 2:348
(directed here, fixed out-degree).
"""

import math

import numpy as np
import pandas as pd

from emergent_dynamics import streams
from emergent_dynamics.branching import ratio, response
from emergent_dynamics.branching.headlines import headline, highest
from emergent_dynamics.branching.model import Graph
from emergent_dynamics.compiler import numba
from emergent_dynamics.store import Headline
from emergent_dynamics.streams import philox4x32, uniform53

SYNAPSE, DRIVE = "branching.synapse", "branching.drive"


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


def probability_word(p: float) -> np.uint64:
    """p as the number of uint32 words, of 2**32, that mean yes."""
    return np.uint64(round(p * 2.0**32))


def step(
    active: np.ndarray,
    ready: np.ndarray,
    time: int,
    reach: np.ndarray,
    words: np.ndarray,
    driven: np.ndarray,
    sigma: float,
    refractory: int,
) -> np.ndarray:
    """The nodes active at `time`, from those `active` (node,) bool one step before; `ready` (node,) int64 is
    updated.

    words (node, synapse) uint32, driven (node,) bool : the step's draws. ready[i] is the first time at which
    i may fire again.
    """
    transmits = words < probability_word(min(1.0, sigma / reach.shape[1]))
    reached = np.zeros(active.size, bool)
    reached[reach[active[:, None] & transmits]] = True
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
def _transmit(reach, threshold, refractory, time, k0, k1, run, active, n_active, ready, fired, n_fired):
    """Every synapse of every active node: one word each, at the counter (node, synapse // 4; time, run)."""
    degree = reach.shape[1]
    quads = (degree + 3) // 4
    low, high = np.uint32(time & 0xFFFFFFFF), np.uint32(time >> 32)
    for a in range(n_active):
        node = active[a]
        for quad in range(quads):
            w0, w1, w2, w3 = philox4x32(np.uint32(node * quads + quad), low, high, run, k0, k1)
            for lane in range(min(4, degree - 4 * quad)):
                if np.uint64(w0) < threshold:
                    n_fired = _fire(reach[node, 4 * quad + lane], time, refractory, ready, fired, n_fired)
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
def _advance(reach, threshold, drive, refractory, first, run, k0, k1, d0, d1, active, ready, activity):
    """activity (step,) int32 filled from time `first` on; active and ready (node,) are updated."""
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
        n_fired = _transmit(reach, threshold, refractory, time, k0, k1, run, now, n_now, ready, fired, 0)
        n_fired = _drive(drive, refractory, time, d0, d1, run, ready, fired, n_fired)
        now, fired = fired, now
        n_now = n_fired
        activity[t] = n_now
    active[:] = False
    for a in range(n_now):
        active[now[a]] = True


def advance(
    reach: np.ndarray,
    sigma: float,
    drive: float,
    refractory: int,
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
    threshold = probability_word(min(1.0, sigma / reach.shape[1]))
    _advance(reach, threshold, drive, refractory, first, np.uint32(run), *keys, active, ready, activity)
    return activity


def tabulate(activity: np.ndarray, graph: Graph) -> pd.DataFrame:
    """One row per sigma: dynamic range of the mean activity over `drive`, and branching ratios at the weakest
    drive.

    activity : (sigma, drive, run, step); the first tenth of the steps is left out as transient.
    `silent` : mean activity, as a share of the nodes, at the weakest drive, an upper bound for self-sustained
    activity.
    """
    rows = []
    kept = activity[..., activity.shape[-1] // 10 :]
    drives = np.array(graph.drive)
    order = np.argsort(drives)
    for sigma, seen in zip(graph.sigma, kept[:, order], strict=True):
        mean = seen.mean((-1, -2)) / graph.nodes
        lags = min(100, seen.shape[-1] // 20)
        table = ratio.pooled([ratio.lagged(run, lags) for run in seen[0]]) if seen[0].var() > 0 else None
        undefined = ratio.Estimate(np.nan, np.nan, np.nan, "activity never changes")
        slope = ratio.one_step(table) if table else undefined
        decay = ratio.multistep(table) if table else undefined
        rows.append(
            {
                "sigma": sigma,
                "dynamic_range": response.dynamic_range(drives[order], mean, silent=mean[0]),
                "weakest_drive": drives[order][0],
                "silent": mean[0],
                "one_step": slope.value,
                "mr": decay.value,
                "mr_lo": decay.lo,
                "mr_hi": decay.hi,
                "n": seen.shape[-1] * seen.shape[-2],
                "reason": decay.reason,
            }
        )
    return pd.DataFrame(rows)


def mean_activity(activity: np.ndarray, graph: Graph) -> pd.DataFrame:
    """sigma, drive, active: mean share of active nodes, transient left out."""
    kept = activity[..., activity.shape[-1] // 10 :].mean((-1, -2)) / graph.nodes
    rows = [
        {"sigma": s, "drive": d, "active": kept[i, j]}
        for i, s in enumerate(graph.sigma)
        for j, d in enumerate(graph.drive)
    ]
    return pd.DataFrame(rows)


def summarise(found: pd.DataFrame, graph: Graph) -> dict[str, Headline]:
    """Where the dynamic range is largest; Kinouchi & Copelli find it at the critical point."""
    best = highest(found, "dynamic_range")
    note = f"on a grid of {len(graph.sigma)} sigmas; refractoriness and finite drive steps move it"
    return {
        "graph_dynamic_range_max": headline(best["dynamic_range"], None, best["n"], "dB"),
        "graph_dynamic_range_argmax": headline(best["sigma"], None, best["n"], "1", note=note),
    }
