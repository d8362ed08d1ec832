"""Compiled kernels of the recurrent graph, which visit only the synapses of active nodes.

The results equal those of `recurrent.step` on the words `recurrent.words`, one per synapse, at the counter (node,
synapse // 4; time, run). `synapses` is `recurrent.Packed`. A moment is (time, run, k0, k1), where k is the key of the
stream.
"""

import math

import numpy as np

from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.streams import philox4x32, uniform53


@numba.njit(cache=True)
def _fire(node, time, refractory, ready, fired, n_fired):
    if ready[node] <= time:
        ready[node] = time + 1 + refractory
        fired[n_fired] = node
        n_fired += 1
    return n_fired


@numba.njit(cache=True)
def _transmit(synapses, moment, active, ready, fired, n_fired):
    """Visit every synapse of every active node, with one random word each; inhibitory nodes come first. Returns the
    number of nodes that have fired.
    """
    inhibiting = synapses[2]
    if inhibiting > 0:
        for node in active:
            if node < inhibiting:
                _spread(node, True, synapses, moment, ready, fired, 0)
    for node in active:
        if node >= inhibiting:
            n_fired = _spread(node, False, synapses, moment, ready, fired, n_fired)
    return n_fired


@numba.njit(cache=True)
def _spread(node, inhibits, synapses, moment, ready, fired, n_fired):
    reach, limit, _, refractory = synapses
    time, run, k0, k1 = moment
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
def drive_nodes(drive, refractory, moment, ready, fired, n_fired):
    """Make the nodes that the drive reaches fire. The gaps between them are drawn from a geometric distribution, so a
    weak drive costs little.
    """
    if drive <= 0.0:
        return n_fired
    time, run, k0, k1 = moment
    low, high = np.uint32(time & 0xFFFFFFFF), np.uint32(time >> 32)
    node, used = -1, 0
    while True:
        w0, w1, _, _ = philox4x32(np.uint32(used), low, high, run, k0, k1)
        used += 1
        jump = 0.0 if drive >= 1.0 else math.floor(math.log1p(-uniform53(w0, w1)) / math.log1p(-drive))
        if jump >= ready.size - node - 1:
            return n_fired
        node += 1 + int(jump)
        n_fired = _fire(node, time, refractory, ready, fired, n_fired)


@numba.njit(cache=True)
def advance(synapses, drive, first, streams, active, ready, activity):
    """Fill activity (step,) int32 from time `first` on, and update active and ready (node,).

    streams : (run, k0, k1) of the draws of the synapses, and of those of the drive.
    """
    # Floor: one word per synapse, 0.4 ns vectorised; measured 3 ns per synapse, because active nodes are few and
    # far apart in memory. Dense or compressed matrix products cost 40 to 450 times as much at 20 active nodes
    # of 1,000 to 10,000.
    (run, k0, k1), (_, d0, d1) = streams
    nodes = ready.size
    now, fired = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    n_now = 0
    for node in range(nodes):
        if active[node]:
            now[n_now] = node
            n_now += 1
    for t in range(activity.size):
        time = first + t
        n_fired = _transmit(synapses, (time, run, k0, k1), now[:n_now], ready, fired, 0)
        n_fired = drive_nodes(drive, synapses[3], (time, run, d0, d1), ready, fired, n_fired)
        now, fired = fired, now
        n_now = n_fired
        activity[t] = n_now
    active[:] = False
    for a in range(n_now):
        active[now[a]] = True


@numba.njit(cache=True)
def avalanches(synapses, first, stream, root, largest, out):
    """Fill out = (size, duration, profile) for one avalanche per root (avalanche,).

    size, duration : (avalanche,). profile : (life, generation), to which the active nodes are added of avalanches
    that end before they have `largest` spikes and that are no longer than it has generations. Avalanche a takes place
    at times from (a + 1) 2^32 on.
    """
    size, duration, profile = out
    nodes = len(synapses[0])
    run, k0, k1 = stream
    ready = np.zeros(nodes, np.int64)
    now, fired = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    trace = np.zeros(profile.shape[1], np.int64)
    for i in range(root.size):
        time = np.int64(first + i + 1) << 32
        now[0], n_now = root[i], 1
        ready[root[i]] = time + 1 + synapses[3]
        total, generation = 0, 0
        while n_now > 0 and total < largest:
            if generation < trace.size:
                trace[generation] = n_now
            total += n_now
            generation += 1
            moment = (time + generation, run, k0, k1)
            n_now = _transmit(synapses, moment, now[:n_now], ready, fired, 0)
            now, fired = fired, now
        size[i], duration[i] = total, generation
        if total < largest and generation <= trace.size:
            for g in range(generation):
                profile[generation, g] += trace[g]
