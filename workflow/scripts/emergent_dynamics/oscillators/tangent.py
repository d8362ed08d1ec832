"""The exact tangent of `model.step`, which moves small disturbances of the phases, and their Lyapunov exponents.

A disturbance u of theta (and v of phi if the input evolves) changes z by dz = i z u and c by dc = i c v; the force on a
unit is linear in both. Fields are (run, channel, y, x), disturbances (vector, run, channel, y, x), rad.
"""

from typing import NamedTuple

import numpy as np

from emergent_dynamics.oscillators import model
from emergent_dynamics.oscillators.model import INPUT_RATE, Field
from emergent_dynamics.oscillators.parameters import Parameters


class Disturbances(NamedTuple):
    """u of theta and v of phi, rad; v stays 0 where the input is fixed."""

    u: np.ndarray
    v: np.ndarray


def step(field: Field, moved: Disturbances, p: Parameters, number: int = 0) -> tuple[Field, Disturbances]:
    """Apply `model.step` to the field and its exact tangent to the disturbances.

    euler:     u' = Im(conj f df) / |f|^2, df = dz (1 - dt (k + k_b)) + dt (k e^{-i lag} S dz + ... + k_b dc);
               v' likewise; the noise rotates a unit by an angle that does not depend on its phase
    heun, rk4: the same scheme, applied to the equation of the phases together with its linearisation
    """
    # Floor: the work of one step per disturbance, and of the step itself. Measured times are in docs/oscillators.md.
    if p.integrator == "euler":
        return _euler(field, moved, p, number)
    theta, phi = np.angle(field.z), np.angle(field.c)
    turn, follow, du, dv = model.increments(
        lambda a, b, u, v: _variation(a, b, u, v, p), (theta, phi, *moved), p.step_size, p.integrator
    )
    z, c = np.exp(1j * (theta + turn)), np.exp(1j * (phi + follow))
    return Field(z, c, field.spike), Disturbances(moved.u + du, moved.v + dv)


def _euler(field: Field, moved: Disturbances, p: Parameters, number: int) -> tuple[Field, Disturbances]:
    dt, keep = p.step_size, 1 - p.step_size * (p.coupling + p.bias)
    dz, dc = 1j * field.z * moved.u, 1j * field.c * moved.v
    f = keep * field.z + dt * model.force(field.z, field.c, p)
    df = keep * dz + dt * model.force(dz, dc, p)
    u = (np.conj(f) * df).imag / np.abs(f) ** 2
    after = model.step(field, p, number)
    if not p.evolve_input:
        return after, Disturbances(u, moved.v)
    g = field.c + dt * INPUT_RATE * (after.z - field.c)
    dg = dc + dt * INPUT_RATE * (1j * after.z * u - dc)
    return after, Disturbances(u, (np.conj(g) * dg).imag / np.abs(g) ** 2)


def _variation(
    theta: np.ndarray, phi: np.ndarray, u: np.ndarray, v: np.ndarray, p: Parameters
) -> tuple[np.ndarray, ...]:
    """`model.slopes`, and the time derivative of each disturbance: Im(conj z dF) - u Re(conj z F)."""
    z, c = np.exp(1j * theta), np.exp(1j * phi)
    own = np.conj(z) * model.force(z, c, p)
    du = (np.conj(z) * model.force(1j * z * u, 1j * c * v, p)).imag - u * own.real
    if not p.evolve_input:
        return own.imag, np.zeros_like(phi), du, np.zeros_like(v)
    gap = theta - phi
    return own.imag, INPUT_RATE * np.sin(gap), du, INPUT_RATE * np.cos(gap) * (u - v)


def exponents(
    field: Field, p: Parameters, start: np.ndarray, steps: int, every: int = 10, first: int = 0
) -> np.ndarray:
    """(run, quarter, vector) exponents in nat per unit time in the third and fourth quarter of `steps`, largest first.

    start : (vector, run, part, channel, y, x) initial disturbances, with two parts (theta, phi) if the input evolves,
    else one; they align in the first half of `steps`. first : number of the first step, which addresses the noise.
    Method: a QR factorisation every `every` steps; the diagonal of R is the growth since the last one (Benettin et al.
    1980, Meccanica 15, 9). Memory: eight complex copies of `start`.
    """
    vectors, runs, parts = start.shape[:3]
    flat = np.moveaxis(start, 0, -1).reshape(runs, -1, vectors)
    quarters = [steps * part // 4 for part in range(5)]
    grown = np.zeros((4, runs, vectors))
    flat, _ = np.linalg.qr(flat)
    for quarter in range(4):
        done = quarters[quarter]
        while done < quarters[quarter + 1]:
            now = min(every, quarters[quarter + 1] - done)
            shaped = np.moveaxis(flat, -1, 0).reshape(start.shape)
            moved = Disturbances(shaped[:, :, 0], shaped[:, :, 1] if parts == 2 else np.zeros(1))
            for number in range(first + done, first + done + now):
                field, moved = step(field, moved, p, number)
            both = np.stack(moved, 2) if parts == 2 else moved.u[:, :, None]
            flat, triangle = np.linalg.qr(np.moveaxis(both, 0, -1).reshape(runs, -1, vectors))
            grown[quarter] += np.log(np.abs(np.diagonal(triangle, axis1=-2, axis2=-1)))
            done += now
    lengths = p.step_size * np.diff(quarters)[2:, None, None]
    return np.moveaxis(grown[2:] / lengths, 0, 1)
