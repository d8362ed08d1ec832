"""The map on the circle by the Fourier kernel, all steps in one call: a run, or a segment of one, in every SIMD lane.

For causal attention with Q^T K = s 1, s >= 0. The bits of a run do not depend on its lane or its neighbours, only on
whether it is divided into segments, which the number of runs decides.
"""

from typing import NamedTuple

import numpy as np

from emergent_dynamics.causal.kernels.fourier import LANES, Series, aligned, gather, gather_and_read, share
from emergent_dynamics.runtime.compiler import numba

FEW_RUNS = 8  # up to this number one run at a time is as fast as a padded group of runs


class Move(NamedTuple):
    """How tokens move: drive (2, 2) is dt V with the scale of unnormalised weights; n : tokens of a run.

    cut : the lanes are the segments of one run, in order, else they are runs. zero (2,) : as in `Series`.
    """

    drive: np.ndarray
    zero: np.ndarray
    softmax: bool
    n: int
    cut: bool


def advance(x: np.ndarray, harmonics: Series, drive: np.ndarray, softmax: bool, steps: int) -> None:
    """`model.step` on x (run, token, 2), `steps` times, in place.

    drive (2, 2) : dt V, with the scale of unnormalised weights.
    """
    runs, n = x.shape[:2]
    cut = runs <= FEW_RUNS
    width = 1 if cut else LANES
    size = -(-n // LANES) if cut else n
    tokens = aligned(size * 2 * LANES)
    lanes = tokens.reshape(size, 2, LANES)
    move = Move(drive, harmonics.zero, softmax, n, cut)
    for first in range(0, runs, width):
        group = x[first : first + width].reshape(-1, 2)
        # The padding of the lanes comes after every token, or is in separate runs, so it is never read.
        filled = np.concatenate([group, np.tile(group[-n:], (-(-(LANES * size - len(group)) // n), 1))])
        lanes[:] = filled[: LANES * size].reshape(LANES, size, 2).transpose(1, 2, 0)
        _advance(tokens, harmonics.flat, move, steps)
        group[:] = lanes.transpose(2, 0, 1).reshape(-1, 2)[: len(group)]
        x[first : first + width] = group.reshape(-1, n, 2)


@numba.njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _advance(x, flat, move, steps):
    """The loop of `advance`; x (token, coord, lane) is flat, so that the compiler knows its row distances."""
    # Floor: 13 operations per token and harmonic, 6 more for the first pass through a divided run. Measured
    # at beta = 49 (60 harmonics): 12 us per run and step of 256 tokens, divided 18 us.
    size = x.size // (2 * LANES)
    sums, power, found = aligned(flat.size // 3 * 2 * LANES), aligned(2 * LANES), aligned(3 * LANES)
    for _ in range(steps):
        sums[:] = 0.0
        if move.cut:
            for i in range(size):
                gather(x, 2 * LANES * i, sums, power)
            share(sums, True)
        for i in range(size):
            gather_and_read(x, 2 * LANES * i, flat, sums, power, found)
            # The sums already contain these tokens, so they can move now: later tokens read only the sums.
            _move(x, 2 * LANES * i, found, i + 1, size if move.cut else 0, move)


@numba.njit(inline="always")
def _move(x, o, found, seen, more, move):
    """The tokens at `o` take their step and return to the circle; lane i has seen `seen + i more` tokens."""
    drive, zero = move.drive, move.zero
    for i in range(LANES):
        c, s = x[o + i], x[o + LANES + i]
        tokens = seen + i * more
        scale = 1.0 / (found[i] + zero[0] * tokens if move.softmax else move.n)
        radial = (found[LANES + i] + zero[1] * tokens) * scale
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
