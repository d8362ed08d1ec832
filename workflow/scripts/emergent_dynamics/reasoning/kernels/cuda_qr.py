"""QR of every example's tangents on CUDA, in the layout of `fused`, with no copy and no fallback that synchronises.

Cholesky QR, twice, with Gram matrices in float64: equal to `exponents.orthonormal` within rounding.
Source: Yamamoto et al. 2015, ETNA 44, 306.
"""

import math
from typing import Any

import numpy as np
from numba import float32, float64, uint64

from emergent_dynamics.device import SIMULATED, cuda, kernel

TILE, THREADS = 128, 256
MOST = 16  # largest number of tangents: there is a thread for each pair of columns
REGISTERS = 80  # per thread: 3.4 ms for 2,048 puzzles and k = 8, against 4.9 ms without a limit
SMALLEST = 1e-300  # lowest value under a root: an annihilated direction has log R = -345, not NaN


def make_qr(k: int, length: int, width: int, threads: int = THREADS, tile: int = TILE) -> Any:
    """A block per example: state (2, 1 + k, length, example, width), flat, in place; log_r (example, k) float64."""
    K, L, W, T, B = k, length, width, threads, tile
    n, groups, room = 2 * length * width, threads // (k * k), k * tile

    @kernel(registers=REGISTERS)
    def qr(state, log_r, examples):
        # Floor: three readings and two writings of the tangents, 0.9 ms at 2,048 puzzles of 6 x 6, k = 8 (H200).
        # Prototype on an H200: 3.4 ms, 12 % of a step. One pass less, through tiles with padded rows, was slower:
        # 4.5 to 6 ms (H100).
        t, example = cuda.threadIdx.x, cuda.blockIdx.x
        held = cuda.shared.array((K, B), float64)
        part = cuda.shared.array(T, float64)
        gram = cuda.shared.array((K, K), float64)
        inverse = cuda.shared.array((K, K), float64)
        own = cuda.local.array(K, float64)
        slab = examples * W
        i, j, group = t % K, t // K % K, t // (K * K)
        for turn in range(2):
            total = 0.0
            for start in range(0, n, B):
                cuda.syncthreads()
                for q in range(t, room, T):
                    row = start + q % B
                    value = 0.0
                    if row < n:
                        half, place = row // (L * W), row // W % L
                        at = ((half * (K + 1) + 1 + q // B) * L + place) * slab + example * W + row % W
                        value = float64(state[uint64(at)])
                    held[q // B, q % B] = value
                cuda.syncthreads()
                if group < groups and i <= j:
                    for row in range(group, B, groups):
                        total += held[i, row] * held[j, row]
            part[t] = total
            cuda.syncthreads()
            if t < K * K and i <= j:
                total = 0.0
                for g in range(groups):
                    total += part[g * K * K + t]
                gram[i, j] = total
            cuda.syncthreads()
            if t == 0:  # gram = R^T R becomes R
                for a in range(K):
                    for b in range(a + 1):
                        value = gram[b, a]
                        for m in range(b):
                            value -= gram[m, b] * gram[m, a]
                        gram[b, a] = math.sqrt(max(value, SMALLEST)) if a == b else value / gram[b, b]
            cuda.syncthreads()
            if t < K:  # column t of R^-1
                for a in range(K - 1, -1, -1):
                    value = 1.0 if a == t else 0.0
                    for m in range(a + 1, K):
                        value -= gram[a, m] * inverse[m, t]
                    inverse[a, t] = value / gram[a, a]
                before = log_r[example, t] if turn == 1 else 0.0  # R = R2 R1: logs of the diagonals add up
                log_r[example, t] = before + math.log(gram[t, t])
            cuda.syncthreads()
            for row in range(t, n, T):
                half, place = row // (L * W), row // W % L
                at = ((half * (K + 1) + 1) * L + place) * slab + example * W + row % W
                for m in range(K):
                    own[m] = float64(state[uint64(at + m * L * slab)])
                for b in range(K):
                    value = 0.0
                    for m in range(b + 1):
                        value += own[m] * inverse[m, b]
                    state[uint64(at + b * L * slab)] = float32(value)
            cuda.syncthreads()

    return qr


class Orthonormalise:
    """`fused.orthonormalise` by the kernel, on torch's current stream, so that it can be part of torch's graph."""

    def __init__(self, k: int, length: int, width: int) -> None:
        if not 0 < k <= MOST:
            raise ValueError(f"exponents = {k}: the kernel supports 1 to {MOST}")
        self.kernel = make_qr(k, length, width)

    def __call__(self, state: Any, log_r: Any) -> None:
        if SIMULATED:
            values, logs = state.numpy().reshape(-1), log_r.numpy()
            self.kernel[len(logs), THREADS](values, logs, np.int64(len(logs)))
            return
        import torch

        stream = cuda.external_stream(torch.cuda.current_stream().cuda_stream)
        views = cuda.as_cuda_array(state.view(-1)), cuda.as_cuda_array(log_r)
        self.kernel[len(log_r), THREADS, stream](*views, len(log_r))
