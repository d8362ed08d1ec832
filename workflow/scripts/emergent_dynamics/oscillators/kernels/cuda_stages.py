"""Heun and RK4 of `model.step` on CUDA, float32, a launch per stage; and the sum of a field, for all-to-all coupling.

A field is flat, (run, 2, channel, y, x): real and imaginary plane, as in `cuda_kernels`.
"""

import math
from functools import cache
from typing import Any

from numba import float32, float64, uint64

from emergent_dynamics.device import cuda, kernel
from emergent_dynamics.oscillators.kernels.cuda_kernels import THREADS, Shape, make_force, make_place

# (part of the step at which the next stage evaluates the slope, weight of this stage's slope)
STAGES = {
    "heun": ((1.0, 1 / 2), (0.0, 1 / 2)),
    "rk4": ((1 / 2, 1 / 6), (1 / 2, 1 / 3), (1.0, 1 / 3), (0.0, 1 / 6)),
}
ADDERS = 16  # threads that add up the sums of all blocks


@cache  # a compilation is 0.7 to 1.3 s
def make_stage(s: Shape) -> Any:
    """Make the kernel of one stage: slopes d theta, d phi of (z, c), which turn the start (z0, c0) to (new, newc).

    grown (2, run channel y x) : the weighted slopes of z and c so far. The last stage turns by these, any other by
    `ahead` times its own slope. c0, c and newc may be one array, since no unit reads the input of another.
    """
    C, N, H, W = s.channels, 2 * s.channels, s.height, s.width
    plane, evolves, few = H * W, s.evolves, s.channels <= 4
    force, place = make_force(s), make_place(s)

    @cuda.jit(device=True, inline="always")
    def turned(r, i, angle):
        """e^(i angle) (r + i i), of modulus 1."""
        a, b = math.cos(angle), math.sin(angle)
        u, v = r * a - i * b, r * b + i * a
        q = float32(1) / math.sqrt(u * u + v * v)
        return u * q, v * q

    @kernel()  # the fast sine errs by 4e-7 rad, more than a step of RK4
    def stage(z0, c0, z, c, new, newc, grown, mix, rates, weight, turn, total, weighs, ahead, first, last):
        # Floor: 48 B per unit and stage, 72 with an evolving input, at the bandwidth of a copy: 11.8 us for a step of
        # RK4 of 256 x 256 x 4 on an H200, measured 16.1.
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
            r, i, unit = here + d * plane, here + (C + d) * plane, (run * C + d) * plane + site
            in_r, in_i = c[uint64(r)], c[uint64(i)]
            f_r, f_i = force(
                z, in_r, in_i, own, m, mix, rates, weight, turn, total, run, d, r, site, shifts, has
            )
            slope = own[d] * f_i - own[C + d] * f_r  # the radial part of the force cancels
            sum_z = weighs * slope if first else grown[0, unit] + weighs * slope
            grown[0, unit] = sum_z
            new[uint64(r)], new[uint64(i)] = turned(
                z0[uint64(r)], z0[uint64(i)], sum_z if last else ahead * slope
            )
            if evolves:
                slope = rates[2] * (own[C + d] * in_r - own[d] * in_i)
                sum_c = weighs * slope if first else grown[1, unit] + weighs * slope
                grown[1, unit] = sum_c
                newc[uint64(r)], newc[uint64(i)] = turned(
                    c0[uint64(r)], c0[uint64(i)], sum_c if last else ahead * slope
                )

    return stage


@cache  # a compilation is 0.7 to 1.3 s
def make_total(s: Shape) -> tuple[Any, Any]:
    """Sum z over all units of a run: partial (run, block, 2) float64 by a tree, then total (run, 2), in fixed order."""
    N, T, units = 2 * s.channels * s.height * s.width, THREADS, s.channels * s.height * s.width

    @kernel()
    def add(z, partial):
        # Floor: 8 B per unit at the bandwidth of a copy. A step of Euler of 256 x 256 x 4 takes 10.4 us with the sum,
        # 3.1 without it, on an H200: two more launches.
        t, block, run, blocks = cuda.threadIdx.x, cuda.blockIdx.x, cuda.blockIdx.y, cuda.gridDim.x
        tree = cuda.shared.array((2, T), float64)
        re, im = 0.0, 0.0
        for unit in range(block * T + t, units, blocks * T):
            re += float64(z[uint64(run * N + unit)])
            im += float64(z[uint64(run * N + units + unit)])
        tree[0, t] = re
        tree[1, t] = im
        cuda.syncthreads()
        half = T // 2
        while half > 0:
            if t < half:
                tree[0, t] += tree[0, t + half]
                tree[1, t] += tree[1, t + half]
            cuda.syncthreads()
            half //= 2
        if t < 2:
            partial[run, block, t] = tree[t, 0]

    @kernel()
    def gather(partial, total):
        q, lane, run = cuda.threadIdx.x % 2, cuda.threadIdx.x // 2, cuda.blockIdx.x
        part = cuda.shared.array((ADDERS, 2), float64)
        found = 0.0
        for block in range(lane, partial.shape[1], ADDERS):
            found += partial[run, block, q]
        part[lane, q] = found
        cuda.syncthreads()
        if lane == 0:
            found = 0.0
            for i in range(ADDERS):
                found += part[i, q]
            total[run, q] = found

    return add, gather
