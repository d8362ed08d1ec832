"""The map on the circle for many runs at once: `fourier.attend` with a run in every SIMD lane.

For causal attention with Q^T K = s 1, s >= 0. A run's bits do not depend on the lane or on its neighbours.
"""

import numpy as np

from emergent_dynamics.compiler import numba

LANES = 32  # runs of a group; 64 no longer fit into L1 with their 64 harmonics, 16 do not hide latency
UNROLLED = 4  # harmonics per pass over the accumulators; 2, 6 and 8 were slower


def advance(
    x: np.ndarray, rows: np.ndarray, zero: np.ndarray, drive: np.ndarray, softmax: bool, steps: int
) -> None:
    """`model.step` on x (run, token, 2), `steps` times, in place; the last group is padded.

    rows, zero : `fourier.Series`. drive (2, 2) : dt V, with the scale of unnormalised weights.
    """
    coefficients = np.ascontiguousarray(rows.T).reshape(-1)
    for first in range(0, len(x), LANES):
        group = x[first : first + LANES]
        packed = np.repeat(group[:1], LANES, axis=0)
        packed[: len(group)] = group
        packed = np.ascontiguousarray(packed.transpose(1, 2, 0)).reshape(-1)
        _advance(packed, coefficients, zero, drive, softmax, steps)
        group[:] = packed.reshape(x.shape[1], 2, LANES).transpose(2, 0, 1)[: len(group)]


@numba.njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _advance(x, coefficients, zero, drive, softmax, steps):
    """x (token, coord, lane) flat, so that the distances between its rows are constants to the compiler."""
    # Floor: 13 flops per token, harmonic and run: 10 us per run and step (256 tokens, 64 harmonics, 256-bit,
    # 3 GHz). Measured 12.7 us. A run alone in `fourier.attend_causal` takes 33 us.
    n = x.size // (2 * LANES)
    sums = np.empty(coefficients.size // 3 * 2 * LANES)
    power = np.empty(2 * LANES)
    found = np.empty(3 * LANES)
    for _ in range(steps):
        sums[:] = 0.0
        for k in range(n):
            o = k * 2 * LANES
            for i in range(2 * LANES):
                power[i] = x[o + i]
            for i in range(3 * LANES):
                found[i] = 0.0
            _harmonics(x, o, coefficients, sums, power, found)
            # Token k's own sums are done, so it can move now: later tokens read only the sums.
            _move(x, o, found, zero, k + 1, softmax, n, drive)


@numba.njit(inline="always")
def _harmonics(x, o, coefficients, sums, power, found):
    """Add the powers of the token at `o` to the sums, and read Z, radial and tangential part there."""
    for p in range(coefficients.size // (3 * UNROLLED)):
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
                z += coefficients[f + 3 * q] * real
                radial += coefficients[f + 3 * q + 1] * real
                tangential += coefficients[f + 3 * q + 2] * imaginary
                c, s = c * x[o + i] - s * x[o + LANES + i], c * x[o + LANES + i] + s * x[o + i]
            power[i], power[LANES + i] = c, s
            found[i], found[LANES + i], found[2 * LANES + i] = z, radial, tangential


@numba.njit(inline="always")
def _move(x, o, found, zero, seen, softmax, n, drive):
    """The token at `o` takes its step and returns to the circle."""
    for i in range(LANES):
        c, s = x[o + i], x[o + LANES + i]
        scale = 1.0 / (found[i] + zero[0] * seen if softmax else n)
        radial = (found[LANES + i] + zero[1] * seen) * scale
        tangential = found[2 * LANES + i] * scale
        mean_c = radial * c + tangential * s
        mean_s = radial * s - tangential * c
        c += drive[0, 0] * mean_c + drive[0, 1] * mean_s
        s += drive[1, 0] * mean_c + drive[1, 1] * mean_s
        scale = 1.0 / np.sqrt(c * c + s * s)
        c *= scale
        s *= scale
        x[o + i] = c if abs(c) >= 1e-150 else 0.0
        x[o + LANES + i] = s if abs(s) >= 1e-150 else 0.0
