"""The map with several heads, other normalisations or noise: many steps of `model.vary` per call."""

from typing import NamedTuple

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.causal.kernels.cpu import attend, prepare
from emergent_dynamics.causal.model import NOISE, TINY
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.streams import philox4x32, uniform53


class Rule(NamedTuple):
    """How a token moves: dt, kick = sqrt(2 D dt), unit_output and residual as in `Parameters`, key of the noise."""

    step_size: float
    kick: float
    unit_output: bool
    residual: bool
    key: tuple[np.uint32, np.uint32]


def advance(x: np.ndarray, length: np.ndarray, p: Parameters, start: int, stop: int) -> None:
    """Move x (run, token, coord) and length (run, token) from step `start` up to `stop`, in place.

    The bits do not depend on how the steps are divided among calls, nor on which runs are computed together.
    """
    rule = Rule(
        p.step_size,
        float(np.sqrt(2.0 * p.noise * p.step_size)),
        p.unit_output,
        p.residual,
        streams.key(p.seed, NOISE),
    )
    if not p.layered:
        _advance(x, length, _fields(p), rule, start, stop)
        return
    for step in range(start, stop):
        _advance(x, length, _fields(p.layer(step)), rule, step, step + 1)


def _fields(p: Parameters) -> tuple:
    return tuple(prepare(p.head(h)) for h in range(p.heads))


@numba.njit(cache=True, error_model="numpy")
def normal(out, key, run, step):
    """Fill out (n,) with the numbers of `streams.normal` at this address."""
    low, high = np.uint32(step & 0xFFFFFFFF), np.uint32(step >> 32)
    for block in range((out.size + 1) // 2):
        a, b, c, d = philox4x32(np.uint32(block), low, high, np.uint32(run), key[0], key[1])
        radius = np.sqrt(-2.0 * np.log1p(-uniform53(a, b)))
        angle = 2.0 * np.pi * uniform53(c, d)
        out[2 * block] = radius * np.cos(angle)
        if 2 * block + 1 < out.size:
            out[2 * block + 1] = radius * np.sin(angle)


@numba.njit(cache=True, error_model="numpy")
def _advance(x, length, fields, rule, start, stop):
    # Floor: that of the attention per head (`direct`, `fourier`), and with noise one normal draw per coordinate.
    # Measured: 31 us for 256 tokens on the circle with noise, on a busy core.
    runs, n, d = x.shape
    mean, drift, draws = np.empty((n, d)), np.empty((n, d)), np.zeros(n * d)
    for r in range(runs):
        for step in range(start, stop):
            drift[:] = 0.0
            for field in fields:
                attend(x[r], field, mean)
                for k in range(n):
                    for c in range(d):
                        for e in range(d):
                            drift[k, c] += field.value[c, e] * mean[k, e]
            if rule.kick > 0.0:
                normal(draws, rule.key, r, step)
            for k in range(n):
                _move(x[r, k], length[r], k, drift[k], draws[k * d : (k + 1) * d], rule)


@numba.njit(inline="always")
def _move(x, length, k, drift, draws, rule):
    """Move token k, x (coord,), by one step, in place; drift (coord,) is overwritten."""
    d = x.size
    square = 0.0
    for c in range(d):
        square += drift[c] * drift[c]
    scale = rule.step_size / np.sqrt(square) if rule.unit_output else rule.step_size
    along = 0.0
    for c in range(d):
        drift[c] = scale * drift[c] + rule.kick * draws[c]
        along += x[c] * drift[c]
    if rule.kick == 0.0:
        along = 0.0
    square = 0.0
    for c in range(d):
        drift[c] += (length[k] - along) * x[c]
        square += drift[c] * drift[c]
    size = np.sqrt(square)
    for c in range(d):
        moved = drift[c] / size
        x[c] = moved if abs(moved) >= TINY else 0.0
    if rule.residual:
        length[k] = size
