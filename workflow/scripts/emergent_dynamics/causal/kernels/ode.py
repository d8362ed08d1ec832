"""The projected flow in continuous time: Runge-Kutta-Chebyshev of order 2, adaptive, run by run.

Tokens that follow a cluster relax at rate 1 while clusters creep for exp(sqrt(beta)): mildly stiff, and the
spectral radius is known, so s stages of an explicit method reach a stable step of about s^2 / (1.54 rho).
Scheme, coefficients and error estimate: Sommeijer, Shampine & Verwer 1997, "RKC: an explicit solver for
parabolic PDEs", J. Comput. Appl. Math. 88, 315.
"""

import math
from typing import NamedTuple

import numpy as np

from emergent_dynamics.causal import presets
from emergent_dynamics.causal.kernels.cpu import attend, prepare
from emergent_dynamics.causal.model import TINY
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.runtime.compiler import numba

FIRST_STEP = 1e-3  # ODE time; the error estimate corrects it at once
MOST_STAGES = 250
DAMPING = 2.0 / 13.0
STABLE = 1.54  # s stages are stable up to (s^2 - 1) / 1.54 on the negative axis
SAFETY, LEAST_FACTOR, MOST_FACTOR = 0.8, 0.1, 10.0


class Control(NamedTuple):
    """Parameters of the step control: tolerance (radian), and the results of `known_radius` and `general_radius`."""

    tolerance: float
    known: float
    general: tuple[float, float]


def flow(
    x: np.ndarray, step_size: np.ndarray, evaluations: np.ndarray, p: Parameters, start: float, stop: float
) -> None:
    """Carry every run of x (run, token, coord) from time `start` to `stop` along `model.velocity`, in place.

    step_size (run,) : the step each run tries next, ODE time, updated; 0 at the very start.
    evaluations (run,) int64 : velocity evaluations so far, added to.
    A run chooses its own steps, so its bits do not depend on the others. A step is accepted when the root
    mean square over tokens of its estimated error is below `tolerance` (radian, as tokens are unit vectors).
    """
    control = Control(p.tolerance, known_radius(p), general_radius(p))
    _flow(x, step_size, evaluations, prepare(p), control, start, stop)


def known_radius(p: Parameters) -> float:
    """The most negative eigenvalue of the flow's Jacobian, as a positive number, where it is known; else NaN.

    Causal softmax with V = v 1, A = s 1, v, s >= 0: the Jacobian is block triangular, and its blocks are
    v (beta s P Cov P - sum_{j<k} a_kj <x_k, x_j>) >= -v.
    """
    v, s = p.value[0, 0], p.form[0, 0]
    unit = np.eye(p.dimension)
    scaled = np.array_equal(p.value, v * unit) and np.array_equal(p.form, s * unit)
    return float(v) if p.causal and p.softmax and scaled and v > 0.0 and s >= 0.0 else float("nan")


def general_radius(p: Parameters) -> tuple[float, float]:
    """(a, b): no eigenvalue of the Jacobian exceeds a + b spread, spread = max over k of r + sqrt r.

    r = 1 - |m_k|^2, m_k the mean that token k sees. With g = gain |V|_2 the projection adds at most 2 g, the
    values g, scores g beta |A|_2 r as a query and g beta |A|_2 sqrt r as a key. Unnormalised weights have no
    mean: spread = 2.
    """
    g = p.gain * presets.norm(p.value)
    b = g * p.beta * presets.norm(p.form)
    return (3.0 * g, b) if p.softmax else (3.0 * g + 2.0 * b, 0.0)


@numba.njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _flow(x, step_size, evaluations, field, control, start, stop):
    tolerance, known, general = control
    runs, n, d = x.shape
    work = np.empty((6, n, d))
    for r in range(runs):
        now = start
        h = step_size[r] if step_size[r] > 0.0 else FIRST_STEP
        before, after = work[0], work[1]
        spread = _velocity(x[r], field, work[4], work[5], before)
        evaluations[r] += 1
        while now < stop:
            radius = known if known == known else general[0] + general[1] * spread
            h, tried = next_step(h, stop - now, radius)
            stages = n_stages(tried, radius)
            _chebyshev(x[r], before, tried, stages, field, work)
            spread_after = _velocity(work[2], field, work[4], work[5], after)
            evaluations[r] += stages
            error = _error(x[r], work[2], before, after, tried) / tolerance
            h = proposal(h, tried, error)
            if error > 1.0:
                continue
            now = stop if tried == stop - now else now + tried
            x[r] = work[2]
            before, after = after, before
            spread = spread_after
        step_size[r] = h


@numba.njit(cache=True)
def next_step(h, left, radius):
    """(h, tried): the step h, limited to what the stages can stabilise, and the part of it to be tried with `left` to
    go.

    The last two steps before a save point are made equal, so that none is tiny.
    """
    if radius > 0.0:
        h = min(h, (MOST_STAGES * MOST_STAGES - 1.0) / (STABLE * radius))
    return h, left if h >= left else min(h, 0.5 * left)


@numba.njit(cache=True)
def n_stages(h, radius):
    """Stages that a step h needs to be stable."""
    return max(2, 1 + int(math.sqrt(1.0 + STABLE * h * radius)))


@numba.njit(cache=True)
def proposal(h, tried, error):
    """The next h, after a step `tried` with an error of `error` tolerances; the local error is O(h^3).

    A successful step that was shortened to end at a save point does not make h smaller.
    """
    factor = min(MOST_FACTOR, max(LEAST_FACTOR, SAFETY / max(error, 1e-30) ** (1.0 / 3.0)))
    return max(h, tried * factor) if tried < h and error <= 1.0 else tried * factor


@numba.njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _velocity(x, field, unit, mean, out):
    """out = `model.velocity` of one run at x / |x|; returns the spread that `general_radius` needs."""
    n, d = x.shape
    for k in range(n):
        square = 0.0
        for c in range(d):
            square += x[k, c] * x[k, c]
        scale = 1.0 / np.sqrt(square)
        for c in range(d):
            unit[k, c] = x[k, c] * scale
    attend(unit, field, mean)
    spread = 0.0
    for k in range(n):
        along, square = 0.0, 0.0
        for c in range(d):
            out[k, c] = 0.0
            for e in range(d):
                out[k, c] += field.value[c, e] * mean[k, e]
            along += out[k, c] * unit[k, c]
            square += mean[k, c] * mean[k, c]
        for c in range(d):
            out[k, c] -= along * unit[k, c]
        rest = max(0.0, 1.0 - square)
        spread = max(spread, rest + np.sqrt(rest))
    return spread


@numba.njit(cache=True, error_model="numpy")
def coefficients(stages):
    """(stages, 4): mu, nu, mu~, gamma~ of every stage after Y_0; the first has mu~ alone.

    Y_1 = x + mu~ h F_0;  Y_j = (1 - mu - nu) x + mu Y_{j-1} + nu Y_{j-2} + mu~ h F_{j-1} + gamma~ h F_0.
    """
    found = np.zeros((stages, 4))
    w0 = 1.0 + DAMPING / (stages * stages)
    root = np.sqrt(w0 * w0 - 1.0)
    angle = stages * np.log(w0 + root)
    w1 = np.sinh(angle) * root * root / (np.cosh(angle) * stages * root - w0 * np.sinh(angle))
    # Chebyshev polynomials T, T', T'' at w0, of the last two degrees.
    t2, t1, p2, p1, q2, q1 = 1.0, w0, 0.0, 1.0, 0.0, 0.0
    b2 = b1 = 1.0 / (4.0 * w0 * w0)
    found[0, 2] = b1 * w1
    for j in range(1, stages):
        a1 = 1.0 - b1 * t1
        t = 2.0 * w0 * t1 - t2
        p = 2.0 * t1 + 2.0 * w0 * p1 - p2
        q = 4.0 * p1 + 2.0 * w0 * q1 - q2
        b = q / (p * p)
        found[j, 0] = 2.0 * b * w0 / b1
        found[j, 1] = -b / b2
        found[j, 2] = 2.0 * b * w1 / b1
        found[j, 3] = -a1 * found[j, 2]
        t2, t1, p2, p1, q2, q1, b2, b1 = t1, t, p1, p, q1, q, b1, b
    return found


@numba.njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _chebyshev(x, velocity, h, stages, field, work):
    """work[2] = x after a step h of `stages` stages, back on the sphere; velocity is that of x."""
    n, d = x.shape
    stage = coefficients(stages)
    older, old, new, slope = work[3], work[2], np.empty((n, d)), np.empty((n, d))
    for k in range(n):
        for c in range(d):
            older[k, c] = x[k, c]
            old[k, c] = x[k, c] + stage[0, 2] * h * velocity[k, c]
    for j in range(1, stages):
        mu, nu, mu_h, gamma_h = stage[j, 0], stage[j, 1], stage[j, 2] * h, stage[j, 3] * h
        _velocity(old, field, work[4], work[5], slope)
        for k in range(n):
            for c in range(d):
                new[k, c] = (
                    (1.0 - mu - nu) * x[k, c]
                    + mu * old[k, c]
                    + nu * older[k, c]
                    + mu_h * slope[k, c]
                    + gamma_h * velocity[k, c]
                )
        older, old, new = old, new, older
    for k in range(n):
        square = 0.0
        for c in range(d):
            square += old[k, c] * old[k, c]
        scale = 1.0 / np.sqrt(square)
        for c in range(d):
            moved = old[k, c] * scale
            work[2, k, c] = moved if abs(moved) >= TINY else 0.0


@numba.njit(cache=True, error_model="numpy")
def _error(x, y, before, after, h):
    """Root mean square over tokens of the local error's estimate 0.8 (x - y) + 0.4 h (f(x) + f(y))."""
    total = 0.0
    for k in range(x.shape[0]):
        for c in range(x.shape[1]):
            total += (0.8 * (x[k, c] - y[k, c]) + 0.4 * h * (before[k, c] + after[k, c])) ** 2
    return np.sqrt(total / x.shape[0])
