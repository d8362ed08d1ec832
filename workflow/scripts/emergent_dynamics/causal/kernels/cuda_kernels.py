"""Attention by direct sums on CUDA, float64: equal to `direct.attend` and the step of `model.step`, up to 8 dimensions.

`resident`: a block holds one run for any number of steps. `streaming`: (tile of rows, chunk of keys) per block, partial
sums that are added in order. No n x n array, no atomics.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import float64, int64

from emergent_dynamics.causal.model import TINY
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.device import cuda, kernel, most_registers

TABLE, COPIES = 64, 16  # 16 copies of each power, one per pair of banks: lookups of a half-warp never collide
SIZE = TABLE * COPIES
UNIT = TABLE / math.log(2.0)  # scores are kept in units of ln 2 / 64
MAGIC = 1.5 * 2.0**52  # adding it rounds to an integer, which is then in the low bits
C1, C2, C3, C4, C5 = (1 / (UNIT**n * math.factorial(n)) for n in range(1, 6))
LOWEST = -700.0 * UNIT  # at lower scores e^s would be subnormal
SHARED = 48 << 10  # bytes of shared memory per block
TILE, CHUNK, STAGE, ROWS = 128, 512, 128, 2
MOST_DIMENSIONS = 8


class Shape(NamedTuple):
    """Compile-time constants."""

    tokens: int  # 0 for streaming, which takes any number
    dimension: int
    causal: bool
    softmax: bool
    searches: bool  # whether the largest score of a row is unknown and searched first
    clamps: bool  # whether scores may be more than 700 below the largest


def powers() -> np.ndarray:
    """(TABLE,) bits of 2^(i / 64), minus i << 46: adding k << 46 with k = i mod 64 gives the bits of 2^(k / 64)."""
    value = 2.0 ** (np.arange(TABLE) / TABLE)
    return value.view(np.int64) - (np.arange(TABLE, dtype=np.int64) << 46)


@cuda.jit(device=True, inline="always")
def exponential(s, table, copy):
    """e^(s / UNIT) for LOWEST <= s <= 0, relative error 3e-16: 2^(k / 64) from the table, times a polynomial."""
    shifted = s + MAGIC
    f = s - (shifted - MAGIC)
    k = float64(shifted).view(np.int64)
    p = ((((C5 * f + C4) * f + C3) * f + C2) * f + C1) * f + 1.0
    return int64(table[(k & 63) * COPIES + copy] + (k << 46)).view(np.float64) * p


def shape_of(p: Parameters, tokens: int, known: bool) -> Shape:
    """The constants of an experiment. known : whether the largest score of a row is known beforehand."""
    deepest = 2.0 * p.beta * float(np.linalg.norm(p.form, 2))  # scores lie in [-b, b], b = |beta A|
    return Shape(tokens, p.dimension, p.causal, p.softmax, not known, deepest > -LOWEST / UNIT)


def resident_lanes(tokens: int, dimension: int, runs: int, processors: int, spare: int = 0) -> int:
    """Threads that share a pair of rows, or 0 where a run does not fit a block beside `spare` bytes of shared memory.

    Four where every run has a multiprocessor of its own, else two: measured 9.2 us per step of 64 runs of 256 tokens
    with 4, 67 us of 1,056 with 2 (H100).
    """
    pairs = (tokens + 1) // 2
    for lanes in (4, 2, 1) if runs <= processors else (2, 1):
        held = 8 * (SIZE + tokens * dimension + 2 * pairs * lanes * (dimension + 1))
        if held + spare <= SHARED and pairs * lanes <= 512:
            return lanes
    return 0


def make_sums(s: Shape, lanes: int) -> Any:
    """Make the device function that adds up a run's attention: part (2 pairs lanes, coord + 1).

    here (token, coord) : keys in shared memory. Thread t takes every `lanes`-th key of rows k and n - 1 - k, so that
    threads have equal work under the causal mask. query, total : its scratch.
    """
    n, D, E, L = s.tokens, s.dimension, s.dimension + 1, lanes
    causal, searches, clamps, pairs = s.causal, s.searches, s.clamps, (s.tokens + 1) // 2

    @cuda.jit(device=True, inline="always")
    def sums(here, part, table, form, shift, t, query, total):
        pair, lane, copy = t // L, t % L, t % COPIES
        if pair < pairs:
            for side in range(2):
                k = pair if side == 0 else n - 1 - pair
                last = k if causal else n - 1
                for e in range(D):
                    query[e] = 0.0
                    total[e] = 0.0
                    for f in range(D):
                        query[e] += here[k, f] * form[f, e]
                total[D] = 0.0
                largest = shift
                if searches:
                    largest = -math.inf
                    for j in range(last + 1):
                        score = 0.0
                        for e in range(D):
                            score += query[e] * here[j, e]
                        largest = max(largest, score)
                j = lane
                while j + L <= last:  # two keys at a time hide each other's latency
                    a, b = -largest, -largest
                    for e in range(D):
                        a += query[e] * here[j, e]
                        b += query[e] * here[j + L, e]
                    if clamps:
                        a, b = max(a, LOWEST), max(b, LOWEST)
                    v, w = exponential(a, table, copy), exponential(b, table, copy)
                    for e in range(D):
                        total[e] += v * here[j, e] + w * here[j + L, e]
                    total[D] += v + w
                    j += 2 * L
                if j <= last:
                    a = -largest
                    for e in range(D):
                        a += query[e] * here[j, e]
                    if clamps:
                        a = max(a, LOWEST)
                    v = exponential(a, table, copy)
                    for e in range(D):
                        total[e] += v * here[j, e]
                    total[D] += v
                for e in range(E):
                    part[(side * pairs + pair) * L + lane, e] = total[e]

    return sums


def make_resident(s: Shape, lanes: int) -> tuple[Any, int]:
    """Make the kernel of any number of steps of all runs, with a block per run, and return its number of threads too.

    Every `every` steps x is also written to frames (frame, run, token, coord); 0: never.
    """
    n, D, E, L = s.tokens, s.dimension, s.dimension + 1, lanes
    softmax, pairs, sums = s.softmax, (n + 1) // 2, make_sums(s, lanes)
    parts, threads = 2 * pairs * L, -(-pairs * L // 32) * 32

    # With two blocks per multiprocessor, 128 registers instead of 131: 1,056 runs take 67 instead of 80 us (H100).
    @kernel(registers=most_registers(threads, blocks=2 if threads <= 256 else 1))
    def resident(x, bits, form, shift, step_size, value, steps, every, frames):
        # Floor: 16 double instructions per pair (9 the exponential) on one multiprocessor, 5.1 us per step of 256
        # tokens; measured 9.2 us on an H100. The rest is the latency of one block: 16 warps do not hide it all.
        t, run = cuda.threadIdx.x, cuda.blockIdx.x
        table = cuda.shared.array(SIZE, int64)
        here = cuda.shared.array((n, D), float64)
        part = cuda.shared.array((parts, E), float64)
        query = cuda.local.array(D, float64)
        total = cuda.local.array(E, float64)
        for i in range(t, SIZE, threads):
            table[i] = bits[i // COPIES]
        for i in range(t, n * D, threads):
            here[i // D, i % D] = x[run, i // D, i % D]
        cuda.syncthreads()
        for step in range(1, steps + 1):
            sums(here, part, table, form, shift, t, query, total)
            cuda.syncthreads()
            for k in range(t, n, threads):
                row = k if k < pairs else pairs + n - 1 - k
                for e in range(E):
                    total[e] = 0.0
                    for i in range(L):
                        total[e] += part[row * L + i, e]
                scale = step_size / (total[D] if softmax else n)
                square = 0.0
                for e in range(D):
                    moved = 0.0
                    for f in range(D):
                        moved += value[e, f] * total[f]
                    query[e] = here[k, e] + scale * moved
                    square += query[e] * query[e]
                root = 1.0 / math.sqrt(square)
                for e in range(D):
                    moved = query[e] * root
                    here[k, e] = moved if abs(moved) >= TINY else 0.0
            cuda.syncthreads()
            if every > 0 and step % every == 0:
                for i in range(t, n * D, threads):
                    frames[step // every - 1, run, i // D, i % D] = here[i // D, i % D]
        for i in range(t, n * D, threads):
            x[run, i // D, i % D] = here[i // D, i % D]

    return resident, threads


def make_streaming(s: Shape, chunk: int = CHUNK, tile: int = TILE) -> tuple[Any, Any, Any]:
    """Make the kernels largest, attend and move: the largest scores if they are needed, partial sums, and the step.

    partial (run, chunk, coord + 1, token); shifts (run, token), or one number for all. Grids: (tiles, runs),
    (tiles, chunks, runs) of `tile` threads with ROWS rows each, (tokens / tile, runs).
    """
    D, E, T, K, R = s.dimension, s.dimension + 1, tile, chunk, ROWS
    stage = min(STAGE, chunk)
    causal, softmax, searches, clamps = s[2:]

    @kernel()
    def largest(x, form, shifts):
        """Search the largest score of every row, which takes little time compared with the exponentials."""
        t, run = cuda.threadIdx.x, cuda.blockIdx.y
        n, first = x.shape[1], cuda.blockIdx.x * T
        keys = cuda.shared.array((D, T), float64)
        query = cuda.local.array(D, float64)
        k = min(first + t, n - 1)
        for e in range(D):
            query[e] = 0.0
            for f in range(D):
                query[e] += x[run, k, f] * form[f, e]
        found = -math.inf
        stop = min(first + T, n) if causal else n
        for start in range(0, stop, T):
            cuda.syncthreads()
            for e in range(D):
                keys[e, t] = x[run, min(start + t, n - 1), e]
            cuda.syncthreads()
            for j in range(min(T, (k + 1 if causal else n) - start)):
                score = 0.0
                for e in range(D):
                    score += query[e] * keys[e, j]
                found = max(found, score)
        if first + t < n:
            shifts[run, k] = found

    @kernel()
    def attend(x, bits, form, shifts, partial):
        # Floor: 16 double instructions per pair (9 the exponential) at 11.4e12 per second: 16,384 tokens, d = 3,
        # 0.19 ms. Measured 0.27 ms on an H100 and an H200; with one row per thread 0.31, four 0.30, libdevice's exp
        # 0.38 (H200).
        t, run = cuda.threadIdx.x, cuda.blockIdx.z
        first, start = cuda.blockIdx.x * T * R, cuda.blockIdx.y * K
        n = x.shape[1]
        seen = min(first + T * R, n) if causal else n
        if start >= seen:
            return
        table = cuda.shared.array(SIZE, int64)
        keys = cuda.shared.array((D, stage), float64)
        query = cuda.local.array((R, D), float64)
        total = cuda.local.array((R, E), float64)
        top = cuda.local.array(R, float64)
        for i in range(t, SIZE, T):
            table[i] = bits[i // COPIES]
        for r in range(R):
            k = min(first + r * T + t, n - 1)
            top[r] = shifts[run, k] if searches else shifts[0, 0]
            for e in range(D):
                total[r, e] = 0.0
                query[r, e] = 0.0
                for f in range(D):
                    query[r, e] += x[run, k, f] * form[f, e]
            total[r, D] = 0.0
        copy = t % COPIES
        stop = min(start + K, seen)
        for begin in range(start, stop, stage):
            cuda.syncthreads()
            for i in range(t, stage * D, T):
                keys[i % D, i // D] = x[run, min(begin + i // D, n - 1), i % D]
            cuda.syncthreads()
            count = min(stage, stop - begin)
            if not causal or begin + count - 1 <= first:  # every row sees every key
                for j in range(count):
                    for r in range(R):
                        a = -top[r]
                        for e in range(D):
                            a += query[r, e] * keys[e, j]
                        if clamps:
                            a = max(a, LOWEST)
                        w = exponential(a, table, copy)
                        for e in range(D):
                            total[r, e] += w * keys[e, j]
                        total[r, D] += w
            else:
                for j in range(count):
                    for r in range(R):
                        a = -top[r]
                        for e in range(D):
                            a += query[r, e] * keys[e, j]
                        if clamps or searches:  # a key that the row does not see may score above its largest
                            a = min(max(a, LOWEST), 0.0)
                        w = exponential(a, table, copy)
                        w = w if begin + j <= first + r * T + t else 0.0
                        for e in range(D):
                            total[r, e] += w * keys[e, j]
                        total[r, D] += w
        for r in range(R):
            k = first + r * T + t
            if k < n:
                for e in range(E):
                    partial[run, cuda.blockIdx.y, e, k] = total[r, e]

    @kernel()
    def move(x, partial, step_size, value):
        k, run = cuda.grid(1), cuda.blockIdx.y
        n = x.shape[1]
        if k >= n:
            return
        mean = cuda.local.array(E, float64)
        new = cuda.local.array(D, float64)
        seen = min((k // (T * R) + 1) * T * R, n) if causal else n
        for e in range(E):
            mean[e] = 0.0
            for i in range((seen + K - 1) // K):
                mean[e] += partial[run, i, e, k]
        scale = step_size / (mean[D] if softmax else n)
        square = 0.0
        for e in range(D):
            moved = 0.0
            for f in range(D):
                moved += value[e, f] * mean[f]
            new[e] = x[run, k, e] + scale * moved
            square += new[e] * new[e]
        root = 1.0 / math.sqrt(square)
        for e in range(D):
            moved = new[e] * root
            x[run, k, e] = moved if abs(moved) >= TINY else 0.0

    return largest, attend, move
