"""The Euler step of `model.step` on CUDA for many small fields, float32: a block holds an image through all steps.

Equal to `kernels.advance` within rounding; only saved frames leave the chip. Arrays as in `cuda_kernels`.
"""

import math
from functools import cache
from typing import Any

import numpy as np
from numba import float32, float64, uint64

from emergent_dynamics.device import cuda, kernel, most_registers
from emergent_dynamics.oscillators.kernels.cuda_kernels import SMALL, Shape, coded, cosine

SHARED = 48 << 10  # bytes of shared memory per block
LANES = 32  # partial sums of each quantity, added in order


def resident_shape(s: Shape) -> tuple[int, int]:
    """(rows per thread, threads per block) of the resident kernel, or (0, 0) where an image does not fit a block."""
    rows = 2 if s.channels <= 4 and s.height > 1 else 1
    threads = -(-s.height // rows) * s.width
    sums = (2 * s.channels + 2) * LANES
    held = 8 * s.channels * s.height * s.width + 8 * (2 * threads + sums)
    alike = not s.varies and not s.everyone and threads <= 640 and s.channels <= 8
    return (rows, threads) if alike and held <= SHARED else (0, 0)


@cache  # a compilation is 0.7 to 1.3 s
def make_resident(s: Shape, saves: bool) -> Any:
    """Any number of steps in one launch: block r owns run r, thread t `rows` sites of column t % width.

    With `saves`, a frame is written every `every` steps to phase and spike (frame, run channel y x), and sums as in
    `make_observe`. There is a separate build without frames, since frames need registers.
    """
    C, N, H, W = s.channels, 2 * s.channels, s.height, s.width
    R, threads = resident_shape(s)
    plane, Q = H * W, 2 * s.channels + 2
    wraps_c, wraps_y, wraps_x, evolves, keeps_codes = s.wraps_c, s.wraps_y, s.wraps_x, s.evolves, s.coded
    registers = most_registers(threads, blocks=1 if saves else 2)  # frames need more registers
    frames = Q * LANES if saves else 1
    parts = 2 * threads if saves else 1

    @kernel(fastmath=True, registers=registers)
    def resident(z, c, mix, coupling, bias, follow, level, rate, pulled, steps, every, phase, spike, sums):
        # Floor: 43 operations per unit and step at the float32 rate: 28 x 28 x 4, 512 steps, 5,000 images 13
        # ms. Measured 23.6 ms on an H100 with 72 registers; 80, one block less per multiprocessor, were 25 %
        # slower (H200). Launching the kernel without frames once per frame was not faster, since a launch
        # takes as long as eight steps. rate, pulled : coupling and bias of the energy, in rad per unit time.
        t, run = cuda.threadIdx.x, cuda.blockIdx.x
        x, first = t % W, t // W * R
        field = cuda.shared.array((N, H, W), float32)
        part = cuda.shared.array(parts, float64)
        low = cuda.shared.array(frames, float64)
        m = cuda.local.array((C, C), float32)
        own = cuda.local.array((R, N), float32)
        drive = cuda.local.array((R, N), float32)
        new = cuda.local.array((R, N), float32)
        left, right = x - 1 if x > 0 else W - 1, x + 1 if x < W - 1 else 0
        has_left = float32(1) if wraps_x or x > 0 else float32(0)
        has_right = float32(1) if wraps_x or x < W - 1 else float32(0)
        above, below = first - 1 if first > 0 else H - 1, first + R if first + R < H else 0
        has_above = float32(1) if wraps_y or first > 0 else float32(0)
        has_below = float32(1) if wraps_y or first + R < H else float32(0)
        for d in range(C):
            for e in range(C):
                m[d, e] = mix[d, e]
        begin = run * N * plane + first * W + x
        for i in range(R):
            for q in range(N):
                own[i, q] = float32(0)
                drive[i, q] = float32(0)
                if first + i < H:
                    own[i, q] = z[uint64(begin + q * plane + i * W)]
                    drive[i, q] = c[uint64(begin + q * plane + i * W)]
                    field[q, first + i, x] = own[i, q]
        cuda.syncthreads()
        frame = 0
        for step in range(1, steps + 1):
            for i in range(R):
                y = min(first + i, H - 1)
                last = first + i == H - 1
                for d in range(C):
                    n_r = has_left * field[d, y, left] + has_right * field[d, y, right]
                    n_i = has_left * field[C + d, y, left] + has_right * field[C + d, y, right]
                    if i == 0:
                        n_r += has_above * field[d, above, x]
                        n_i += has_above * field[C + d, above, x]
                    else:
                        n_r += own[i - 1, d]
                        n_i += own[i - 1, C + d]
                    if i == R - 1:
                        n_r += has_below * field[d, below, x]
                        n_i += has_below * field[C + d, below, x]
                    elif last and wraps_y:  # the last row, if the height is odd
                        n_r += field[d, 0, x]
                        n_i += field[C + d, 0, x]
                    else:
                        n_r += own[i + 1, d]
                        n_i += own[i + 1, C + d]
                    f_r = bias * drive[i, d] + coupling * n_r
                    f_i = bias * drive[i, C + d] + coupling * n_i
                    for e in range(C):
                        f_r += m[d, e] * own[i, e]
                        f_i += m[d, e] * own[i, C + e]
                    q = float32(1) / math.sqrt(f_r * f_r + f_i * f_i + SMALL)
                    new[i, d] = f_r * q
                    new[i, C + d] = f_i * q
            cuda.syncthreads()  # all threads have read the old field
            due = saves and step % every == 0
            turns = 0.0
            for i in range(R):
                y = first + i
                if y < H:
                    for d in range(C):
                        n_r, n_i = new[i, d], new[i, C + d]
                        if due:
                            across, along = (
                                n_i * own[i, d] - n_r * own[i, C + d],
                                n_r * own[i, d] + n_i * own[i, C + d],
                            )
                            turn = float64(math.atan2(across, along))
                            turns += turn * turn
                            spike[frame, uint64((run * C + d) * plane + y * W + x)] = abs(across) > level
                        field[d, y, x] = n_r
                        field[C + d, y, x] = n_i
                        own[i, d] = n_r
                        own[i, C + d] = n_i
                        if evolves:
                            g_r = drive[i, d] + follow * (n_r - drive[i, d])
                            g_i = drive[i, C + d] + follow * (n_i - drive[i, C + d])
                            q = float32(1) / math.sqrt(g_r * g_r + g_i * g_i + SMALL)
                            drive[i, d] = g_r * q
                            drive[i, C + d] = g_i * q
            cuda.syncthreads()
            if due:
                pairs, pulls = 0.0, 0.0
                for i in range(R):
                    if first + i < H:
                        for d in range(C):
                            pulls += cosine(own[i, d], own[i, C + d], drive[i, d], drive[i, C + d])
                for unit in range(
                    t, C * plane, threads
                ):  # read from shared memory, since unrolling would need registers
                    d, site = unit // plane, unit % plane
                    y, column = site // W, site % W
                    r, v = field[d, y, column], field[C + d, y, column]
                    if keeps_codes:
                        phase[frame, uint64(run * C * plane + unit)] = np.uint16(coded(r, v))
                    else:
                        phase[frame, uint64(run * C * plane + unit)] = math.atan2(v, r)
                    if column < W - 1 or wraps_x:
                        other = column + 1 if column < W - 1 else 0
                        pairs += cosine(r, v, field[d, y, other], field[C + d, y, other])
                    if y < H - 1 or wraps_y:
                        other = y + 1 if y < H - 1 else 0
                        pairs += cosine(r, v, field[d, other, column], field[C + d, other, column])
                    if d < C - 1 or wraps_c:
                        other = d + 1 if d < C - 1 else 0
                        pairs += cosine(r, v, field[other, y, column], field[C + other, y, column])
                part[t] = -rate * pairs - pulled * pulls
                part[threads + t] = turns
                cuda.syncthreads()
                for job in range(
                    t, Q * LANES, threads
                ):  # LANES partial sums of each quantity, then their sum
                    q, lane, total = job // LANES, job % LANES, 0.0
                    if q < N:
                        for i in range(lane, plane, LANES):
                            total += float64(field[q, i // W, i % W])
                    else:
                        for i in range(lane, threads, LANES):
                            total += part[(q - N) * threads + i]
                    low[job] = total
                cuda.syncthreads()
                for q in range(t, Q, threads):
                    total = 0.0
                    for lane in range(LANES):
                        total += low[q * LANES + lane]
                    if q < N:
                        total /= plane
                    elif q == N + 1:
                        total /= C * plane
                    sums[frame, run, q] = total
                frame += 1
        for i in range(R):
            if first + i < H:
                for q in range(N):
                    z[uint64(begin + q * plane + i * W)] = own[i, q]
                    c[uint64(begin + q * plane + i * W)] = drive[i, q]

    return resident
