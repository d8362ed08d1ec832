"""The Euler step of `model.step` on CUDA for large fields, float32, one thread per site; and a frame of a field.

Equal to `kernels.advance` within rounding. `cuda_stages` has the other integrators and the sum over all units.
A field is flat, (run, 2, channel, y, x): real and imaginary plane, no halo.
"""

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import float32, float64, uint64

from emergent_dynamics.device import cuda, kernel
from emergent_dynamics.oscillators.model import INPUT_RATE, degree, rotation, share
from emergent_dynamics.oscillators.parameters import Parameters

THREADS = 128
GATHERERS = 16  # threads that add up the sums of all blocks for one quantity
MOST_CHANNELS = 16
SMALL = float32(1e-30)


class Shape(NamedTuple):
    """Compile-time constants: the compiler puts small arrays into registers and offsets into instructions."""

    channels: int
    height: int
    width: int
    wraps_c: bool
    wraps_y: bool
    wraps_x: bool
    evolves: bool  # the input follows the field
    varies: bool  # coupling or rotation differ from site to site
    coded: bool  # phases as uint16 codes, else float32 in rad
    everyone: bool = False  # all units are coupled to all


class Constants(NamedTuple):
    """`Parameters` in the form of the kernels, multiplied by the time step."""

    mix: (
        np.ndarray
    )  # (channel, channel): Omega, the own term, and the channel neighbours if all sites are equal
    coupling: np.float32
    bias: np.float32
    follow: np.float32
    level: np.float32  # sine of the spike threshold
    weight: np.ndarray  # (channel y x,) dt k / degree, or one zero if all sites are equal
    turn: np.ndarray  # (run or 1, channel y x) dt rate of rotation, or one zero
    pull: np.ndarray  # (channel y x,) weight of the input's term in the energy: the degree, or one 1


def unsupported(p: Parameters) -> str:
    """Why these kernels cannot compute an experiment, as text for `engine_reason`; "" if they can."""
    if p.network is not None or p.topology == "ring" or p.noise > 0:
        return "the CUDA kernels have no network, no ring and no noise"
    if p.lag:
        return "the CUDA kernels have no phase lag"
    if p.channels > MOST_CHANNELS:
        return f"the CUDA kernels take at most {MOST_CHANNELS} channels"
    return ""


def fold(p: Parameters) -> Constants:
    """Return the constants of an experiment in the form of these kernels, as `cpu.constants` does for the CPU."""
    dt, n = p.step_size, p.channels
    varies = p.normalise == "mean" or bool(rotation(p).any())
    mix = dt * p.frequency * p.omega if p.omega_mode == "componentwise" else np.zeros((n, n))
    mix = mix + np.eye(n) * (1 - dt * (p.coupling + p.bias))
    for d in range(n if not varies and p.topology == "lattice" else 0):
        for e in (d - 1, d + 1):
            if p.periodic[0] or 0 <= e < n:
                mix[d, e % n] += dt * p.coupling
    one, zero = np.ones(1, np.float32), np.zeros((1, 1), np.float32)
    rates = rotation(p)
    return Constants(
        np.ascontiguousarray(mix, np.float32),
        np.float32(dt * p.coupling),
        np.float32(dt * p.bias),
        np.float32(dt * INPUT_RATE),
        np.float32(np.sin(min(p.spike_threshold, np.pi / 2))),
        (dt * share(p)).astype(np.float32).reshape(-1) if varies else zero[0],
        (dt * rates).astype(np.float32).reshape(len(rates), -1) if varies else zero,
        degree(p).astype(np.float32).reshape(-1) if p.normalise == "mean" else one,
    )


@cuda.jit(device=True, inline="always")
def reciprocal_norm(r, i):
    """1 / |r + i| in float64 of a float32 number of modulus 1 + 1e-7: one step of Newton leaves 1e-14."""
    return 1.5 - 0.5 * (float64(r) * float64(r) + float64(i) * float64(i))


@cuda.jit(device=True, inline="always")
def cosine(r, i, o, w):
    """Cosine in float64 of the angle between two float32 unit vectors."""
    dot = float64(r) * float64(o) + float64(i) * float64(w)
    return dot * reciprocal_norm(r, i) * reciprocal_norm(o, w)


@cuda.jit(device=True, inline="always")
def coded(r, i):
    """Phase code in [0, 65536) of a unit vector, as `planes.encode`."""
    code = math.atan2(i, r) * float32(65536 / (2 * math.pi)) + float32(32768.5)
    return int(code) & 0xFFFF  # truncation is the floor, since the code is not negative


def make_force(s: Shape) -> Any:
    """Make the device function of z + dt (all that acts on it) for channel d of a site, before it is normalised.

    at : index of its real part in z. shifts, has : to the left, right, upper and lower neighbour, and 1 or 0 for each.
    m : `mix` in registers where there are few channels. total : (run, 2) sum of z, where all are coupled to all.
    """
    C, plane = s.channels, s.height * s.width
    wraps_c, varies, everyone, few = s.wraps_c, s.varies, s.everyone, s.channels <= 4

    @cuda.jit(device=True, inline="always")
    def force(z, in_r, in_i, own, m, mix, rates, weight, turn, total, run, d, at, site, shifts, has):
        r, i = at, at + C * plane
        if everyone:
            near_r, near_i = total[run, 0], total[run, 1]
        else:
            near_r = has[2] * z[uint64(r + shifts[2])] + has[3] * z[uint64(r + shifts[3])]
            near_i = has[2] * z[uint64(i + shifts[2])] + has[3] * z[uint64(i + shifts[3])]
            near_r += has[0] * z[uint64(r + shifts[0])] + has[1] * z[uint64(r + shifts[1])]
            near_i += has[0] * z[uint64(i + shifts[0])] + has[1] * z[uint64(i + shifts[1])]
        f_r, f_i = rates[1] * in_r, rates[1] * in_i
        if varies:
            if not everyone and (wraps_c or d > 0):
                near_r += own[(d + C - 1) % C]
                near_i += own[C + (d + C - 1) % C]
            if not everyone and (wraps_c or d < C - 1):
                near_r += own[(d + 1) % C]
                near_i += own[C + (d + 1) % C]
            w = weight[uint64(d * plane + site)]
            t = turn[run if turn.shape[0] > 1 else 0, uint64(d * plane + site)]
            f_r += w * near_r - t * own[C + d]
            f_i += w * near_i + t * own[d]
        else:
            f_r += rates[0] * near_r
            f_i += rates[0] * near_i
        for e in range(C):
            mixed = m[d, e] if few else mix[d, e]
            f_r += mixed * own[e]
            f_i += mixed * own[C + e]
        return f_r, f_i

    return force


def make_place(s: Shape) -> Any:
    """Make the device function of the shifts to a site's neighbours in its plane, and whether there are any."""
    H, W, wraps_y, wraps_x = s.height, s.width, s.wraps_y, s.wraps_x

    @cuda.jit(device=True, inline="always")
    def place(y, x):
        left, right = (x - 1 if x > 0 else W - 1) - x, (x + 1 if x < W - 1 else 0) - x
        above, below = ((y - 1 if y > 0 else H - 1) - y) * W, ((y + 1 if y < H - 1 else 0) - y) * W
        has_left = float32(1) if wraps_x or x > 0 else float32(0)
        has_right = float32(1) if wraps_x or x < W - 1 else float32(0)
        has_above = float32(1) if wraps_y or y > 0 else float32(0)
        has_below = float32(1) if wraps_y or y < H - 1 else float32(0)
        return (left, right, above, below), (has_left, has_right, has_above, has_below)

    return place


@cache  # a compilation is 0.7 to 1.3 s
def make_step(s: Shape) -> Any:
    """Make the kernel of one step of Euler, which writes the new field beside the old one and moves c in place.

    Its grid is (x, y, run), with one thread for each site.
    """
    C, N, H, W = s.channels, 2 * s.channels, s.height, s.width
    plane, evolves, few = H * W, s.evolves, s.channels <= 4
    force, place = make_force(s), make_place(s)

    @kernel(fastmath=True)
    def step(z, new, c, mix, coupling, bias, follow, weight, turn, total):
        # Floor: 24 B per unit, 32 with an evolving input, at the bandwidth of a copy; 0.136 ms for 2048 x 2048 x 4
        # on an H100, measured 0.155 (0.181 and 0.206); on an H200 0.099, measured 0.129. Every z is read once from
        # memory, its shifted copies from cache. Strips of 2, 4 and 8 sites per thread save reads and were slower:
        # fewer loads in flight.
        x = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
        y = cuda.blockIdx.y * cuda.blockDim.y + cuda.threadIdx.y
        run = cuda.blockIdx.z
        if x >= W or y >= H:
            return
        site = y * W + x
        here = run * (N * plane) + site
        shifts, has = place(y, x)
        own = cuda.local.array(N, float32)
        m = cuda.local.array((C, C), float32)
        for q in range(N):
            own[q] = z[uint64(here + q * plane)]
        if few:
            for d in range(C):
                for e in range(C):
                    m[d, e] = mix[d, e]
        for d in range(C):
            r, i = here + d * plane, here + (C + d) * plane
            in_r, in_i = c[uint64(r)], c[uint64(i)]
            f_r, f_i = force(
                z,
                in_r,
                in_i,
                own,
                m,
                mix,
                (coupling, bias),
                weight,
                turn,
                total,
                run,
                d,
                r,
                site,
                shifts,
                has,
            )
            q = float32(1) / math.sqrt(f_r * f_r + f_i * f_i + SMALL)
            f_r *= q
            f_i *= q
            new[uint64(r)] = f_r
            new[uint64(i)] = f_i
            if evolves:
                g_r, g_i = in_r + follow * (f_r - in_r), in_i + follow * (f_i - in_i)
                q = float32(1) / math.sqrt(g_r * g_r + g_i * g_i + SMALL)
                c[uint64(r)] = g_r * q
                c[uint64(i)] = g_i * q

    return step


@cache  # a compilation is 0.7 to 1.3 s
def make_observe(s: Shape) -> tuple[Any, Any]:
    """Return the kernels `observe` and `gather`, which together write one frame of a field.

    `observe` writes phase and spike per unit and the partial sums of every block; `gather` adds these to sums (frame,
    run, 2 channel + 2) in float64: the mean of Re z per channel, of Im z per channel, the energy in rad per unit time,
    and the mean squared turn of the last step in rad^2. Where all are coupled to all, the energy lacks the pairs, which
    follow from the means. before : the field one step earlier. tick[0] is the frame to write; `gather` increases it.
    clock[0] is its copy, so that no launch reads what it writes.
    """
    C, N, H, W = s.channels, 2 * s.channels, s.height, s.width
    plane, Q, T, pairwise = H * W, 2 * s.channels + 2, THREADS, not s.everyone
    wraps_c, wraps_y, wraps_x, keeps_codes = s.wraps_c, s.wraps_y, s.wraps_x, s.coded

    @kernel()
    def observe(before, z, c, level, coupling, bias, pull, clock, tick, phase, spike, partial):
        # Floor: 27 B per unit (z, c, z before, 3 B written). It runs once per frame, and its time has never
        # mattered in measurements.
        t, block, run, blocks = cuda.threadIdx.x, cuda.blockIdx.x, cuda.blockIdx.y, cuda.gridDim.x
        frame = tick[0]
        if t == 0 and block == 0 and run == 0:
            clock[0] = frame
        tree = cuda.shared.array((Q, T), float64)
        for q in range(Q):
            tree[q, t] = 0.0
        for site in range(block * T + t, plane, blocks * T):
            y, x = site // W, site % W
            right = site + 1 if x < W - 1 else (site - x if wraps_x else -1)
            below = site + W if y < H - 1 else (x if wraps_y else -1)
            for d in range(C):
                i, j = run * (N * plane) + d * plane, run * (N * plane) + (C + d) * plane
                r, v = z[uint64(i + site)], z[uint64(j + site)]
                a, b = before[uint64(i + site)], before[uint64(j + site)]
                across, along = v * a - r * b, r * a + v * b
                turned = float64(math.atan2(across, along))
                at = uint64((run * C + d) * plane + site)
                spike[frame, at] = abs(across) > level
                if keeps_codes:
                    phase[frame, at] = np.uint16(coded(r, v))
                else:
                    phase[frame, at] = math.atan2(v, r)
                scale = reciprocal_norm(r, v)
                pairs = 0.0
                if pairwise and right >= 0:
                    pairs += cosine(r, v, z[uint64(i + right)], z[uint64(j + right)])
                if pairwise and below >= 0:
                    pairs += cosine(r, v, z[uint64(i + below)], z[uint64(j + below)])
                if pairwise and (d < C - 1 or wraps_c):
                    other = run * (N * plane) + (d + 1) % C * plane + site
                    pairs += cosine(r, v, z[uint64(other)], z[uint64(other + C * plane)])
                pulls = cosine(r, v, c[uint64(i + site)], c[uint64(j + site)])
                counted = float64(pull[uint64(d * plane + site)]) if pull.size > 1 else 1.0
                tree[d, t] += float64(r) * scale
                tree[C + d, t] += float64(v) * scale
                tree[N, t] -= coupling * pairs + bias * counted * pulls
                tree[N + 1, t] += turned * turned
        cuda.syncthreads()
        half = T // 2
        while half > 0:
            if t < half:
                for q in range(Q):
                    tree[q, t] += tree[q, t + half]
            cuda.syncthreads()
            half //= 2
        if t < Q:
            partial[run, block, t] = tree[t, 0]

    @kernel()
    def gather(partial, sums, clock, tick):
        """Add the sums of all blocks in a fixed order, with GATHERERS threads per quantity."""
        q, lane, run = cuda.threadIdx.x % Q, cuda.threadIdx.x // Q, cuda.blockIdx.x
        part = cuda.shared.array((GATHERERS, Q), float64)
        total = 0.0
        for block in range(lane, partial.shape[1], GATHERERS):
            total += partial[run, block, q]
        part[lane, q] = total
        cuda.syncthreads()
        if lane == 0:
            total = 0.0
            for i in range(GATHERERS):
                total += part[i, q]
            if q < N:
                total /= plane
            elif q == N + 1:
                total /= C * plane
            sums[clock[0], run, q] = total
            if run == 0 and q == 0:
                tick[0] = clock[0] + 1

    return observe, gather
