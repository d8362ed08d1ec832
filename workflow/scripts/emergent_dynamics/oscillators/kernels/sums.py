"""Mean field, energy and speed of packed planes, computed in float64; equal to `model.observe`."""

from typing import NamedTuple

import numpy as np

from emergent_dynamics.runtime.compiler import numba


class Lattice(NamedTuple):
    """Where the field lies in a plane of cells, and which axes are periodic."""

    start: int
    pitch: int
    height: int
    width: int
    wraps_c: bool
    wraps_y: bool
    wraps_x: bool


@numba.njit(cache=True)
def observe(packed, inputs, weight, lattice, couplings, mean, energy):
    """`model.observe`'s sums of a lattice, in float64: mean (run, channel) complex and energy (run,), overwritten.

    weight (channel, y, x): weight of the term of the input, 1 or the degree. couplings: k, k_b.
    z and c are normalised in float64 first: their float32 moduli have errors of 1e-7, larger than the last
    decreases of the energy.
    """
    start, pitch, height, width, wraps_c, wraps_y, wraps_x = lattice
    coupling, bias = couplings
    channels = packed.shape[2]
    for run in range(packed.shape[0]):
        pairs, pulls = 0.0, 0.0
        for d in range(channels):
            sum_r, sum_i = 0.0, 0.0
            above = (d + 1) % channels if wraps_c or d + 1 < channels else -1
            for y in range(height):
                row = start + y * pitch
                below = row + pitch if y + 1 < height else (start if wraps_y else -1)
                for x in range(width):
                    i = row + x
                    r, v = packed[run, 0, d, i], packed[run, 1, d, i]
                    length = 1 / np.sqrt(np.float64(r) * r + np.float64(v) * v)
                    r, v = r * length, v * length
                    sum_r += r
                    sum_i += v
                    right = i + 1 if x + 1 < width else (row if wraps_x else -1)
                    if right >= 0:
                        pairs += _cosine(packed, run, d, right, r, v)
                    if below >= 0:
                        pairs += _cosine(packed, run, d, below + x, r, v)
                    if above >= 0:
                        pairs += _cosine(packed, run, above, i, r, v)
                    pulls += weight[d, y, x] * _cosine(inputs, run, d, i, r, v)
            mean[run, d] = complex(sum_r, sum_i) / (height * width)
        energy[run] = -coupling * pairs - bias * pulls


@numba.njit(cache=True, inline="always")
def _cosine(packed, run, d, i, r, v):
    """Cosine of the angle between a unit vector (r, v) and cell i."""
    other_r, other_v = np.float64(packed[run, 0, d, i]), np.float64(packed[run, 1, d, i])
    return (r * other_r + v * other_v) / np.sqrt(other_r * other_r + other_v * other_v)


@numba.njit(cache=True)
def turned(before, after, start, pitch, height, width):
    """(run,) root mean square of the angle in rad between two packed fields."""
    out = np.zeros(before.shape[0])
    for run in range(before.shape[0]):
        for d in range(before.shape[2]):
            for y in range(height):
                for i in range(start + y * pitch, start + y * pitch + width):
                    r, v = before[run, 0, d, i], before[run, 1, d, i]
                    s, w = after[run, 0, d, i], after[run, 1, d, i]
                    turn = np.arctan2(r * w - v * s, r * s + v * w)
                    out[run] += turn * turn
        out[run] = np.sqrt(out[run] / (before.shape[2] * height * width))
    return out
