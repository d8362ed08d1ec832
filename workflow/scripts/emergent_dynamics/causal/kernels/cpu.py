"""Fast code for the map, many steps per call, and for the velocity of the flow; chooses the kernel for attention."""

from typing import NamedTuple

import numpy as np

from emergent_dynamics.causal import presets
from emergent_dynamics.causal.kernels import direct, fourier, lanes
from emergent_dynamics.causal.model import TINY
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.runtime.compiler import numba

KNOWN_DIMENSION = 3  # each d up to this one has its own kernel, 1.5 times as fast as the one for any d


class Field(NamedTuple):
    """Everything about an experiment that a kernel reads, with the names that the kernels use."""

    circular: bool  # whether `fourier.attend` is used, else `direct.attend`
    causal: bool
    softmax: bool
    value: np.ndarray  # V times the scale of unnormalised weights, which the kernels omit
    form: np.ndarray  # beta A
    shift: float
    turn: np.ndarray
    harmonics: fourier.Series
    dims: tuple[int, ...]


def prepare(p: Parameters) -> Field:
    """The field of an experiment, with the cheaper of the two kernels."""
    form = p.beta * p.form
    scale, turn = scaled_orthogonal(p.form)
    circular = uses_fourier(p)
    harmonics = fourier.series(p.beta * scale if circular else 0.0)
    # If A = s 1 with s >= 0, a unit vector has its largest score, b, with itself. For unnormalised weights any bound
    # of the scores serves.
    bound = p.beta * presets.norm(p.form)
    own = np.array_equal(p.form, p.form[0, 0] * np.eye(p.dimension)) and p.form[0, 0] >= 0
    return Field(
        circular=circular,
        causal=p.causal,
        softmax=p.softmax,
        value=np.ascontiguousarray(p.value * p.gain),
        form=np.ascontiguousarray(form),
        shift=bound if own or not p.softmax else np.nan,
        turn=np.ascontiguousarray(turn),
        harmonics=harmonics,
        dims=(0,) * p.dimension if p.dimension <= KNOWN_DIMENSION else (),
    )


def scaled_orthogonal(a: np.ndarray) -> tuple[float, np.ndarray]:
    """s >= 0 and R with A = s R, where R is orthogonal; s is NaN if A is not of that form."""
    s = presets.norm(a)
    if s == 0.0:
        return 0.0, np.eye(len(a))
    turn = a / s
    orthogonal = np.allclose(turn.T @ turn, np.eye(len(a)), rtol=0.0, atol=4e-16 * len(a))
    return (s, turn) if orthogonal else (float("nan"), np.eye(len(a)))


def uses_fourier(p: Parameters) -> bool:
    """Whether the Fourier kernel is used: on the circle with A scaled orthogonal, if a row has more pairs than the
    series has harmonics.
    """
    scale, _ = scaled_orthogonal(p.form)
    if p.dimension != 2 or np.isnan(scale):
        return False
    pairs = p.tokens / 2 if p.causal else p.tokens
    return bool(pairs > 0.75 * fourier.series(p.beta * scale).rows.shape[1])


def uses_lanes(p: Parameters) -> bool:
    """Causal attention through the Fourier kernel with A = s 1: tokens can move while the sums go on (`lanes`)."""
    plain = np.array_equal(scaled_orthogonal(p.form)[1], np.eye(p.dimension))
    return uses_fourier(p) and plain and p.causal


def advance(x: np.ndarray, p: Parameters, steps: int) -> None:
    """`model.step`, `steps` times, on x (run, token, coord) float64, in place.

    The bits do not depend on how the steps are divided among calls, nor (from 9 runs on) on the number of runs.
    """
    if uses_lanes(p):
        harmonics = fourier.series(p.beta * scaled_orthogonal(p.form)[0])
        lanes.advance(x, harmonics, p.step_size * p.gain * p.value, p.softmax, steps)
    else:
        _advance(x, prepare(p), p.step_size, steps)


@numba.njit(cache=True)
def attend(x, field, mean):
    """mean[k] = sum_j a_kj x_j of one run, x (token, coord); see `fourier` and `direct`."""
    if field.circular:
        fourier.attend(x, field.turn, field.harmonics, field.causal, field.softmax, mean)
    else:
        direct.attend(x, field.form, field.shift, field.causal, field.softmax, mean, field.dims)


@numba.njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _advance(x, field, step_size, steps):
    runs, n, d = x.shape
    mean = np.empty((n, d))
    drift = np.empty(d)
    for r in range(runs):
        for _ in range(steps):
            attend(x[r], field, mean)
            for k in range(n):
                square = 0.0
                for c in range(d):
                    drift[c] = x[r, k, c]
                    for e in range(d):
                        drift[c] += step_size * field.value[c, e] * mean[k, e]
                    square += drift[c] * drift[c]
                scale = 1.0 / np.sqrt(square)
                for c in range(d):
                    moved = drift[c] * scale
                    x[r, k, c] = moved if abs(moved) >= TINY else 0.0
