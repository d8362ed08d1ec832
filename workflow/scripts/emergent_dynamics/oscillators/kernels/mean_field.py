"""All-to-all units under Euler's step with normalisation, with a tangent vector; one sample per call."""

import numpy as np

from emergent_dynamics.runtime.compiler import numba

EVERY = 10  # steps between two normalisations of the tangent, which changes by a few per cent in each


@numba.njit(cache=True)
def means(x, y, u):
    """(Zx, Zy, dZx, dZy): mean of z = x + i y, and of i z u, its derivative along the tangent u."""
    a = b = c = d = 0.0
    for i in range(x.size):
        a += x[i]
        b += y[i]
        c -= y[i] * u[i]
        d += x[i] * u[i]
    return a / x.size, b / x.size, c / x.size, d / x.size


@numba.njit(cache=True, error_model="numpy")
def _step(x, y, u, turn, pull, mean):
    # Floor: a division and a root per unit, in vectors: 2 ns. Measured with `means` 2.8 ns per unit and step (N = 800).
    zx, zy, dx, dy = mean
    keep = 1.0 - pull
    for i in range(x.size):
        p, q = -y[i] * u[i], x[i] * u[i]
        fx = keep * x[i] - turn[i] * y[i] + pull * zx
        fy = keep * y[i] + turn[i] * x[i] + pull * zy
        gx = keep * p - turn[i] * q + pull * dx
        gy = keep * q + turn[i] * p + pull * dy
        square = fx * fx + fy * fy
        scale = 1.0 / np.sqrt(square)
        u[i] = (fx * gy - fy * gx) / square
        x[i] = fx * scale
        y[i] = fy * scale


@numba.njit(cache=True, error_model="numpy")
def follow(phases, tangent, turn, pull, settle, steps):
    """Iterate z' = f / |f|, f = z (1 - pull + i turn) + pull Z, and its exact tangent u' = Im(conj f df) / |f|^2.

    phases, tangent, turn : (unit,) rad, rad, rad per step (dt omega); pull : dt K. First come `settle` steps, then
    `steps` that are measured. Returns the mean and variance of |Z| over the latter, and the mean growth of ln |u| per
    step.
    """
    x, y, u = np.cos(phases), np.sin(phases), tangent / np.sqrt((tangent * tangent).sum())
    total = square = growth = 0.0
    mean = means(x, y, u)
    for step in range(settle + steps):
        _step(x, y, u, turn, pull, mean)
        if (step + 1) % EVERY == 0 or step + 1 == settle or step + 1 == settle + steps:
            norm = np.sqrt((u * u).sum())
            u /= norm
            if step >= settle:
                growth += np.log(norm)
        mean = means(x, y, u)
        if step >= settle:
            r = np.sqrt(mean[0] * mean[0] + mean[1] * mean[1])
            total += r
            square += r * r
    return total / steps, square / steps - (total / steps) ** 2, growth / steps


@numba.njit(cache=True, error_model="numpy")
def relax(turn, pull, steps):
    """(steps + 1,) complex: the mean of z from all phases equal, before the first step and after each."""
    x, y, u = np.ones(turn.size), np.zeros(turn.size), np.zeros(turn.size)
    found = np.empty(steps + 1, np.complex128)
    mean = means(x, y, u)
    found[0] = mean[0] + 1j * mean[1]
    for step in range(steps):
        _step(x, y, u, turn, pull, mean)
        mean = means(x, y, u)
        found[step + 1] = mean[0] + 1j * mean[1]
    return found


@numba.njit(cache=True, error_model="numpy")
def respond(phases, tangent, turn, pull, steps):
    """ln of |dZ| after `steps` steps over |dZ| before them, dZ the derivative of the mean along the tangent."""
    x, y, u = np.cos(phases), np.sin(phases), tangent.copy()
    mean = means(x, y, u)
    before = mean[2] * mean[2] + mean[3] * mean[3]
    for _ in range(steps):
        _step(x, y, u, turn, pull, mean)
        mean = means(x, y, u)
    return 0.5 * np.log((mean[2] * mean[2] + mean[3] * mean[3]) / before)
