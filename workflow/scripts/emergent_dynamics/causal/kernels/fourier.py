"""Attention on the circle in O(tokens sqrt(beta)): a Fourier series of the weight, prefix sums of harmonics.

With Q^T K = s R, R orthogonal, the score of j at k depends on phi = angle(R^T x_k) - angle(x_j) alone, and

    e^{b (cos phi - 1)} = w_0 + 2 sum_m w_m cos m phi,   w_m = e^{-b} I_m(b),   b = beta s,

so a token needs only the sums over j <= k of e^{i m theta_j}: exact linear attention. Powers come by
multiplication; no trigonometry, no exponential. Jacobi-Anger expansion: Abramowitz & Stegun 9.6.34.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import ive

from emergent_dynamics.runtime.compiler import numba

LANES = 16  # segments of a run, or runs (`lanes.py`), side by side: two 512-bit vectors; 8 and 32 were slower
UNROLLED = (
    4  # harmonics per pass over the accumulators; the series is padded to a multiple; 2, 5, 6 were slower
)
TAIL = 2e-16  # an ulp of a token's own weight: harmonics whose coefficients sum to less are left out
LEAST = 1e-2  # of a row's mean weight; below it the row is summed directly, as cancellation would show


class Series(NamedTuple):
    """Coefficients of one kernel.

    rows (3, m) : of Re(v_m conj S_m) in Z and radial, of Im in tangential, m = 1, 2, ...
    flat (3 m,) : the same, harmonic after harmonic. zero (2,) : m = 0 in Z and radial. b : beta s.
    """

    rows: np.ndarray
    flat: np.ndarray
    zero: np.ndarray
    b: float


def series(b: float) -> Series:
    """Coefficients for e^{b (cos phi - 1)}, times cos phi (radial) and times sin phi (tangential), b >= 0."""
    order = np.arange(int(12 * np.sqrt(b)) + 256)
    w = np.asarray(ive(order, b))
    rest = np.cumsum(2.0 * w[::-1])[::-1]
    used = max(1, int(np.count_nonzero(rest > TAIL)) - 1)  # without m = 0
    m = np.arange(1, -(-used // UNROLLED) * UNROLLED + 1)
    # b (I_{m-1} - I_{m+1}) = 2 m I_m: the difference cancels for large b, the quotient has no value at b = 0.
    tangential = 2.0 * m * w[m] / b if b > 1.0 else w[m - 1] - w[m + 1]
    rows = np.stack([2.0 * w[m], w[m - 1] + w[m + 1], tangential])
    return Series(rows, np.ascontiguousarray(rows.T).reshape(-1), np.array([w[0], w[1]]), float(b))


@numba.njit(cache=True, fastmath={"contract"}, error_model="numpy")
def attend(x, turn, harmonics, causal, softmax, mean):
    """mean[k] = sum_j a_kj x_j, a_kj of `model.drift` (unnormalised: times e**-b), for Q^T K = s R, masked or not.

    x (token, 2) unit vectors; turn (2, 2) is R; harmonics : `Series`; mean (token, 2), overwritten.
    """
    # A run is divided into as many segments as there are lanes, and each lane passes through its own segment
    # twice: first for the sums of the segments, from which follows the sum at the start of each, then for the
    # results. Floor: 19 operations per token and harmonic: 37 ns per token at beta = 49 (60 harmonics, two
    # 512-bit units, 2 GHz under such load). Measured 72 ns, a third of it for the first walk; 16 harmonics as
    # lanes took 100 to 140.
    n = x.shape[0]
    flat, zero = harmonics.flat, harmonics.zero
    size = -(-n // LANES)
    plain = turn[0, 0] == 1.0 and turn[1, 1] == 1.0 and turn[0, 1] == 0.0 and turn[1, 0] == 0.0
    towards = x if plain else x @ turn
    keys = _segments(x, size)
    queries = keys if plain else _segments(towards, size)
    least = LEAST if softmax and not (causal and plain) else 0.0
    sums, power, found = aligned(flat.size // 3 * 2 * LANES), aligned(2 * LANES), aligned(3 * LANES)
    for i in range(size):
        gather(keys, 2 * LANES * i, sums, power)
    share(sums, causal)
    for i in range(size):
        if causal and plain:
            gather_and_read(keys, 2 * LANES * i, flat, sums, power, found)
        else:
            if causal:
                gather(keys, 2 * LANES * i, sums, power)
            _read(queries, 2 * LANES * i, flat, sums, power, found)
        for lane in range(LANES):
            k = lane * size + i
            if k < n:
                seen = k + 1 if causal else n
                z = found[lane] + zero[0] * seen
                scale = 1.0 / (z if softmax else n)
                radial = (found[LANES + lane] + zero[1] * seen) * scale
                tangential = found[2 * LANES + lane] * scale
                c, s = towards[k, 0], towards[k, 1]
                mean[k, 0] = radial * c + tangential * s
                mean[k, 1] = radial * s - tangential * c
                if z < least * seen:
                    _sum_directly(x, c, s, harmonics.b, seen, mean[k])


@numba.njit(cache=True)
def aligned(n):
    """(n,) zeros that begin at a cache line, since 512-bit vectors that span two lines take a third more time."""
    room = np.zeros(n + 7)
    first = -room.ctypes.data // 8 % 8
    return room[first : first + n]


@numba.njit(inline="always")
def _segments(x, size):
    """(size, coord, lane) flat: token lane * size + i of x at i; 0, which adds nothing, after the last token."""
    packed = aligned(size * 2 * LANES)
    for lane in range(LANES):
        for i in range(min(size, len(x) - lane * size)):
            packed[2 * LANES * i + lane] = x[lane * size + i, 0]
            packed[2 * LANES * i + LANES + lane] = x[lane * size + i, 1]
    return packed


@numba.njit(inline="always")
def share(sums, causal):
    """Replace every segment's sums by the sums over all segments before it or, without a mask, over all segments."""
    for row in range(0, sums.size, LANES):
        total = 0.0
        for lane in range(row, row + LANES):
            own = sums[lane]
            sums[lane] = total
            total += own
        if not causal:
            sums[row : row + LANES] = total


@numba.njit(inline="always")
def gather(x, o, sums, power):
    """Add to `sums` the powers (x_0 + i x_1)^m of the tokens at `o`, one token per lane."""
    for i in range(2 * LANES):
        power[i] = x[o + i]
    for p in range(sums.size // (2 * LANES * UNROLLED)):
        at = p * 2 * LANES * UNROLLED
        for i in range(LANES):
            c, s = power[i], power[LANES + i]
            for q in range(UNROLLED):
                g = at + q * 2 * LANES + i
                sums[g] += c
                sums[g + LANES] += s
                c, s = c * x[o + i] - s * x[o + LANES + i], c * x[o + LANES + i] + s * x[o + i]
            power[i], power[LANES + i] = c, s


@numba.njit(inline="always")
def _read(x, o, flat, sums, power, found):
    """Fill found (part, lane), flat: Z, radial and tangential part (without m = 0) of the sums in the directions at
    `o`.
    """
    for i in range(2 * LANES):
        power[i] = x[o + i]
    found[:] = 0.0
    for p in range(flat.size // (3 * UNROLLED)):
        at = p * 2 * LANES * UNROLLED
        f = p * 3 * UNROLLED
        for i in range(LANES):
            c, s = power[i], power[LANES + i]
            z, radial, tangential = found[i], found[LANES + i], found[2 * LANES + i]
            for q in range(UNROLLED):
                g = at + q * 2 * LANES + i
                real = c * sums[g] + s * sums[g + LANES]
                z += flat[f + 3 * q] * real
                radial += flat[f + 3 * q + 1] * real
                tangential += flat[f + 3 * q + 2] * (s * sums[g] - c * sums[g + LANES])
                c, s = c * x[o + i] - s * x[o + LANES + i], c * x[o + LANES + i] + s * x[o + i]
            power[i], power[LANES + i] = c, s
            found[i], found[LANES + i], found[2 * LANES + i] = z, radial, tangential


@numba.njit(inline="always")
def gather_and_read(x, o, flat, sums, power, found):
    """Apply `gather`, then `_read` in the directions of the tokens themselves; the powers are computed only once."""
    for i in range(2 * LANES):
        power[i] = x[o + i]
    found[:] = 0.0
    for p in range(flat.size // (3 * UNROLLED)):
        at = p * 2 * LANES * UNROLLED
        f = p * 3 * UNROLLED
        for i in range(LANES):
            c, s = power[i], power[LANES + i]
            z, radial, tangential = found[i], found[LANES + i], found[2 * LANES + i]
            for q in range(UNROLLED):
                g = at + q * 2 * LANES + i
                sum_c, sum_s = sums[g] + c, sums[g + LANES] + s
                sums[g], sums[g + LANES] = sum_c, sum_s
                real, imaginary = c * sum_c + s * sum_s, s * sum_c - c * sum_s
                z += flat[f + 3 * q] * real
                radial += flat[f + 3 * q + 1] * real
                tangential += flat[f + 3 * q + 2] * imaginary
                c, s = c * x[o + i] - s * x[o + LANES + i], c * x[o + LANES + i] + s * x[o + i]
            power[i], power[LANES + i] = c, s
            found[i], found[LANES + i], found[2 * LANES + i] = z, radial, tangential


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
