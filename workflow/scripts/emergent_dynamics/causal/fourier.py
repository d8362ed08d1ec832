"""Attention on the circle in O(tokens sqrt(beta)): a Fourier series of the weight, prefix sums of harmonics.

With Q^T K = s R, R orthogonal, the score of j at k depends on phi = angle(R^T x_k) - angle(x_j) alone, and

    e^{b (cos phi - 1)} = w_0 + 2 sum_m w_m cos m phi,   w_m = e^{-b} I_m(b),   b = beta s,

so a token needs only the sums over j <= k of e^{i m theta_j}: exact linear attention. Powers come by
multiplication; no trigonometry, no exponential. Jacobi-Anger expansion: Abramowitz & Stegun 9.6.34.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import ive

from emergent_dynamics.compiler import numba

RESIDUES = 16  # harmonics side by side as SIMD lanes
UNROLLED = 4  # steps of 16 harmonics per pass over the accumulators
PASS = RESIDUES * UNROLLED  # the series is padded to a multiple of this
BLOCK = 16  # tokens whose powers are made at once, an even number; 4 KiB
TAIL = 2e-16  # an ulp of a token's own weight: harmonics whose coefficients sum to less are left out
LEAST = 1e-2  # of a row's mean weight; below it the row is summed directly, as cancellation would show


class Series(NamedTuple):
    """Coefficients of one kernel.

    rows (3, m) : of Re(v_m conj S_m) in Z and radial, of Im in tangential, m = 1, 2, ... lanes : the same, and
    some more to fill a pass, in the order in which `attend` reads them. zero (2,) : m = 0 in Z and radial. b : beta s.
    """

    rows: np.ndarray
    lanes: np.ndarray
    zero: np.ndarray
    b: float


def series(b: float) -> Series:
    """Coefficients for e^{b (cos phi - 1)}, times cos phi (radial) and times sin phi (tangential), b >= 0."""
    order = np.arange(int(12 * np.sqrt(b)) + 4 * PASS)
    w = np.asarray(ive(order, b))
    rest = np.cumsum(2.0 * w[::-1])[::-1]
    used = max(1, int(np.count_nonzero(rest > TAIL)) - 1)  # m = 0 apart
    m = np.arange(1, -(-used // PASS) * PASS + 1)
    # b (I_{m-1} - I_{m+1}) = 2 m I_m: the difference cancels for large b, the quotient has no value at b = 0.
    tangential = 2.0 * m * w[m] / b if b > 1.0 else w[m - 1] - w[m + 1]
    rows = np.stack([2.0 * w[m], w[m - 1] + w[m + 1], tangential])
    lanes = rows.reshape(3, -1, UNROLLED, RESIDUES).transpose(1, 2, 0, 3)
    short = rows[:, : -(-used // UNROLLED) * UNROLLED]
    return Series(short, np.ascontiguousarray(lanes).reshape(-1), np.array([w[0], w[1]]), float(b))


@numba.njit(cache=True, fastmath={"contract"}, error_model="numpy")
def attend_causal(x, lanes, zero, softmax, mean):
    """mean[k] = sum_j a_kj x_j over j <= k, a_kj of `model.drift` (unnormalised: times e**-b), for R = 1.

    x (token, 2) unit vectors; lanes, zero : `Series`; mean (token, 2), overwritten.
    """
    # Floor: 13 flops per token and harmonic: 10 us for 256 tokens at beta = 49 (64 harmonics), 256-bit code,
    # 3 GHz. Measured 27 us, 5 of them powers 1..16; the rest waits for L1. Many runs: `lanes.py`.
    n = x.shape[0]
    sums = np.zeros(2 * lanes.size // 3)
    powers = np.zeros(2 * RESIDUES * BLOCK)
    rows = np.empty(3 * RESIDUES * BLOCK)
    for first in range(0, n, BLOCK):
        size = min(BLOCK, n - first)
        _powers(x, first, size, powers)
        for i in range((size + 1) // 2):  # after an odd last token comes one that nobody reads
            _gather_and_read(powers, 4 * RESIDUES * i, sums, lanes, rows, 6 * RESIDUES * i)
        for i in range(size):
            k = first + i
            at = 3 * RESIDUES * i
            z = _total(rows, at) + zero[0] * (k + 1)
            radial = _total(rows, at + RESIDUES) + zero[1] * (k + 1)
            tangential = _total(rows, at + 2 * RESIDUES)
            c, s = x[k, 0], x[k, 1]
            scale = 1.0 / (z if softmax else n)
            mean[k, 0] = (radial * c + tangential * s) * scale
            mean[k, 1] = (radial * s - tangential * c) * scale


@numba.njit(cache=True, fastmath={"contract"}, error_model="numpy")
def attend(x, turn, lanes, zero, b, causal, softmax, mean):
    """`attend_causal` for any R, turn (2, 2) orthogonal, masked or not; 2 to 3 times slower."""
    n = x.shape[0]
    sums = np.zeros(2 * lanes.size // 3)
    powers = np.empty(2 * RESIDUES * BLOCK)
    queries = np.empty(2 * RESIDUES * BLOCK)
    buffer = np.zeros(3 * RESIDUES)
    turned = x @ turn
    if not causal:
        for first in range(0, n, BLOCK):
            size = min(BLOCK, n - first)
            _powers(x, first, size, powers)
            for i in range(size):
                _gather(powers, 2 * RESIDUES * i, sums)
    for first in range(0, n, BLOCK):
        size = min(BLOCK, n - first)
        if causal:
            _powers(x, first, size, powers)
        _powers(turned, first, size, queries)
        for i in range(size):
            k = first + i
            if causal:
                _gather(powers, 2 * RESIDUES * i, sums)
            z, radial, tangential = _read(queries, 2 * RESIDUES * i, sums, lanes, buffer)
            seen = k + 1 if causal else n
            z += zero[0] * seen
            radial += zero[1] * seen
            c, s = turned[k, 0], turned[k, 1]
            if softmax and z < LEAST * seen:
                _sum_directly(x, c, s, b, seen, mean[k])
                continue
            scale = 1.0 / (z if softmax else n)
            mean[k, 0] = (radial * c + tangential * s) * scale
            mean[k, 1] = (radial * s - tangential * c) * scale


@numba.njit(inline="always")
def _powers(x, first, size, powers):
    """powers[32 i + m - 1], [... + 16] = Re, Im of (x_0 + i x_1)^m of token first + i, m = 1..16."""
    for token in range(size):
        c, s = x[first + token, 0], x[first + token, 1]
        o = token * 2 * RESIDUES
        c2, s2 = c * c - s * s, 2 * c * s
        c4, s4 = c2 * c2 - s2 * s2, 2 * c2 * s2
        c8, s8 = c4 * c4 - s4 * s4, 2 * c4 * s4
        powers[o], powers[o + 16] = c, s
        powers[o + 1], powers[o + 17] = c2, s2
        powers[o + 2], powers[o + 18] = c2 * c - s2 * s, c2 * s + s2 * c
        powers[o + 3], powers[o + 19] = c4, s4
        for i in range(3):
            powers[o + 4 + i] = powers[o + i] * c4 - powers[o + 16 + i] * s4
            powers[o + 20 + i] = powers[o + 16 + i] * c4 + powers[o + i] * s4
        powers[o + 7], powers[o + 23] = c8, s8
        for i in range(8):
            powers[o + 8 + i] = powers[o + i] * c8 - powers[o + 16 + i] * s8
            powers[o + 24 + i] = powers[o + 16 + i] * c8 + powers[o + i] * s8


@numba.njit(inline="always")
def _gather_and_read(powers, at, sums, lanes, rows, out):
    """`_gather` two tokens' harmonics, then `_read` each right after its own: sums and coefficients load once for both.

    rows[out...] : Z, radial and tangential part of the first token by residue, then of the second.
    """
    n = RESIDUES
    step_c, step_s = powers[at + n - 1], powers[at + 2 * n - 1]
    step_d, step_t = powers[at + 3 * n - 1], powers[at + 4 * n - 1]
    for i in range(6 * n):
        rows[out + i] = 0.0
    for p in range(lanes.size // (3 * PASS)):
        o = p * 2 * PASS
        f = p * 3 * PASS
        for i in range(n):
            c, s, d, t = powers[at + i], powers[at + n + i], powers[at + 2 * n + i], powers[at + 3 * n + i]
            z, radial, tangential = rows[out + i], rows[out + n + i], rows[out + 2 * n + i]
            next_z, next_radial, next_tangential = (
                rows[out + 3 * n + i],
                rows[out + 4 * n + i],
                rows[out + 5 * n + i],
            )
            for q in range(UNROLLED):
                g = o + q * 2 * n + i
                h = f + q * 3 * n + i
                sum_c, sum_s = sums[g] + c, sums[g + n] + s
                real, imaginary = c * sum_c + s * sum_s, s * sum_c - c * sum_s
                z += lanes[h] * real
                radial += lanes[h + n] * real
                tangential += lanes[h + 2 * n] * imaginary
                c, s = c * step_c - s * step_s, c * step_s + s * step_c
                sum_c, sum_s = sum_c + d, sum_s + t
                sums[g], sums[g + n] = sum_c, sum_s
                real, imaginary = d * sum_c + t * sum_s, t * sum_c - d * sum_s
                next_z += lanes[h] * real
                next_radial += lanes[h + n] * real
                next_tangential += lanes[h + 2 * n] * imaginary
                d, t = d * step_d - t * step_t, d * step_t + t * step_d
            powers[at + i], powers[at + n + i], powers[at + 2 * n + i], powers[at + 3 * n + i] = c, s, d, t
            rows[out + i], rows[out + n + i], rows[out + 2 * n + i] = z, radial, tangential
            rows[out + 3 * n + i], rows[out + 4 * n + i], rows[out + 5 * n + i] = (
                next_z,
                next_radial,
                next_tangential,
            )


@numba.njit(inline="always")
def _gather(powers, at, sums):
    """sums += e^{i m theta} of the token at `at`, whose powers are used up."""
    step_c, step_s = powers[at + RESIDUES - 1], powers[at + 2 * RESIDUES - 1]
    for p in range(sums.size // (2 * PASS)):
        o = p * 2 * PASS
        for i in range(RESIDUES):
            c, s = powers[at + i], powers[at + RESIDUES + i]
            for q in range(UNROLLED):
                g = o + q * 2 * RESIDUES + i
                sums[g] += c
                sums[g + RESIDUES] += s
                c, s = c * step_c - s * step_s, c * step_s + s * step_c
            powers[at + i], powers[at + RESIDUES + i] = c, s


@numba.njit(inline="always")
def _read(powers, at, sums, lanes, buffer):
    """Z, radial and tangential part (without m = 0) of the sums in the direction whose powers are at `at`."""
    step_c, step_s = powers[at + RESIDUES - 1], powers[at + 2 * RESIDUES - 1]
    for i in range(3 * RESIDUES):
        buffer[i] = 0.0
    for p in range(lanes.size // (3 * PASS)):
        o = p * 2 * PASS
        f = p * 3 * PASS
        for i in range(RESIDUES):
            c, s = powers[at + i], powers[at + RESIDUES + i]
            z, radial, tangential = buffer[i], buffer[RESIDUES + i], buffer[2 * RESIDUES + i]
            for q in range(UNROLLED):
                g = o + q * 2 * RESIDUES + i
                h = f + q * 3 * RESIDUES + i
                real = c * sums[g] + s * sums[g + RESIDUES]
                z += lanes[h] * real
                radial += lanes[h + RESIDUES] * real
                tangential += lanes[h + 2 * RESIDUES] * (s * sums[g] - c * sums[g + RESIDUES])
                c, s = c * step_c - s * step_s, c * step_s + s * step_c
            powers[at + i], powers[at + RESIDUES + i] = c, s
            buffer[i], buffer[RESIDUES + i], buffer[2 * RESIDUES + i] = z, radial, tangential
    return _total(buffer, 0), _total(buffer, RESIDUES), _total(buffer, 2 * RESIDUES)


@numba.njit(inline="always")
def _total(b, o):
    """The sum of 16 residues from b[o] on, by halves."""
    return (
        ((b[o] + b[o + 8]) + (b[o + 4] + b[o + 12])) + ((b[o + 2] + b[o + 10]) + (b[o + 6] + b[o + 14]))
    ) + (((b[o + 1] + b[o + 9]) + (b[o + 5] + b[o + 13])) + ((b[o + 3] + b[o + 11]) + (b[o + 7] + b[o + 15])))


@numba.njit(cache=True, error_model="numpy")
def _sum_directly(x, c, s, b, seen, mean):
    """mean = sum_{j < seen} a_j x_j at the direction (c, s), for a row whose weights are all small."""
    largest = -2.0
    for j in range(seen):
        largest = max(largest, c * x[j, 0] + s * x[j, 1])
    z = 0.0
    mean[0] = 0.0
    mean[1] = 0.0
    for j in range(seen):
        weight = np.exp(b * (c * x[j, 0] + s * x[j, 1] - largest))
        z += weight
        mean[0] += weight * x[j, 0]
        mean[1] += weight * x[j, 1]
    mean[0] /= z
    mean[1] /= z
