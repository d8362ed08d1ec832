"""Direct attention: every pair of tokens, rows in blocks as SIMD lanes, O(tokens) memory, any d, Q, K and V.

Equal to the weights of `model.drift`; no n x n array exists. The largest score of a row is found first
(scores are cheap, exponentials are not), so nothing overflows for any Q and K.
"""

import numpy as np

from emergent_dynamics.causal.kernels.fourier import aligned
from emergent_dynamics.runtime.compiler import numba

LANES = 64  # rows of a block: enough to hide latency, few enough for the L1 cache; 32 and 16 were slower

LOG2_E = 1.4426950408889634
LN2_HIGH = 6.93147180369123816490e-01  # fdlibm's split of ln 2: k * LN2_HIGH is exact for |k| < 2**20
LN2_LOW = 1.90821492927058770002e-10
ROUND = 6755399441055744.0  # 1.5 * 2**52: adding it leaves the nearest integer in the low bits
LOWEST = -708.0  # e**LOWEST is the last normal float64


@numba.njit(inline="always")
def exp_negative(x):
    """e**x for x <= 0 with a relative error below 4e-16; e**-708 (3e-308) below -708, so never subnormal.

    It has no branch, so that the loop around it vectorises (NumPy's exp in Numba is a call per element).
    """
    x = max(x, LOWEST)
    shifted = x * LOG2_E + ROUND
    k = shifted - ROUND
    r = (x - k * LN2_HIGH) - k * LN2_LOW  # |r| <= ln 2 / 2, so the Taylor sum to r**13 leaves 4e-18
    r2 = r * r
    r4 = r2 * r2
    low = (1.0 + r) + r2 * (0.5 + r * (1 / 6))
    middle = (1 / 24 + r * (1 / 120)) + r2 * (1 / 720 + r * (1 / 5040))
    high = (1 / 40320 + r * (1 / 362880)) + r2 * (1 / 3628800 + r * (1 / 39916800))
    highest = 1 / 479001600 + r * (1 / 6227020800)
    power = np.int64((np.float64(shifted).view(np.int64) + 1023) << 52).view(np.float64)
    return (low + r4 * (middle + r4 * (high + r4 * highest))) * power


@numba.njit(cache=True, fastmath={"contract"}, error_model="numpy")
def attend(x, form, shift, causal, softmax, mean, dims):
    """mean[k] = sum_j a_kj x_j, with a_kj of `model.drift` (unnormalised: times e**-shift).

    x (token, coord); form (coord, coord), beta A; mean (token, coord), overwritten. shift : with softmax NaN,
    or the largest score of every row when it is known; else what is subtracted from every score.
    dims : a tuple as long as a token has coordinates, so that the compiler knows it; () for many coordinates.
    """
    # Floor: n^2 / 2 exponentials, 1.7 Gexp/s on one AVX-512 core: 19 us for 256 tokens. Measured 80 us (d = 2
    # and 3, 2 GHz, 256-bit code as LLVM prefers it): accumulators pass through L1 once per pair. Registers
    # written by hand in C would be 2 to 3 times as fast: not worth a second language.
    n = x.shape[0]
    d = x.shape[1] if len(dims) == 0 else len(dims)
    largest, weight, total = aligned(LANES), aligned(LANES), aligned(LANES)
    query, summed = aligned(d * LANES).reshape(d, LANES), aligned(d * LANES).reshape(d, LANES)
    for first in range(0, n, LANES):
        rows = min(LANES, n - first)
        last = first + rows if causal else n
        query[:] = 0.0
        for i in range(rows):
            for c in range(d):
                score = 0.0
                for e in range(d):
                    score += x[first + i, e] * form[e, c]
                query[c, i] = score
        largest[:] = shift
        if np.isnan(shift):
            _largest(x, query, (first, last), causal, largest, weight, d)
        total[:] = 0.0
        summed[:] = 0.0
        for j in range(last):
            for i in range(LANES):
                weight[i] = -largest[i]
            for c in range(d):
                coordinate = x[j, c]
                for i in range(LANES):
                    weight[i] += query[c, i] * coordinate
            if causal and j > first:
                for i in range(LANES):
                    weight[i] = exp_negative(weight[i]) if first + i >= j else 0.0
            else:
                for i in range(LANES):
                    weight[i] = exp_negative(weight[i])
            for i in range(LANES):
                total[i] += weight[i]
            for c in range(d):
                coordinate = x[j, c]
                for i in range(LANES):
                    summed[c, i] += weight[i] * coordinate
        for i in range(rows):
            scale = 1.0 / (total[i] if softmax else n)
            for c in range(d):
                mean[first + i, c] = summed[c, i] * scale


@numba.njit(cache=True, inline="always")
def _largest(x, query, span, causal, largest, score, d):
    """largest[i] = the largest score of row span[0] + i with the tokens before span[1]; score is working memory."""
    first, last = span
    largest[:] = -np.inf
    for j in range(last):
        score[:] = 0.0
        for c in range(d):
            coordinate = x[j, c]
            for i in range(LANES):
                score[i] += query[c, i] * coordinate
        for i in range(LANES):
            seen = score[i] > largest[i] and (not causal or first + i >= j)
            largest[i] = score[i] if seen else largest[i]
