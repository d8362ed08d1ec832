"""The largest exponent of a field on a periodic lattice whose units all have the same input.

In the end every unit has the phase of the input, and the exponent is that of a uniform disturbance, which has a closed
form. With an image as input there is no closed form.
"""

from typing import NamedTuple

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.oscillators.model import neighbour_sum

PERIODIC = (True, True, True)
EVERY = 10  # steps between two normalisations of the tangent
SOURCE = "linear response of equal phases: ln(1 - dt k_b / (1 + 5 dt k)) / dt, coupling to the sum of six neighbours"


class Lattice(NamedTuple):
    """shape (channel, y, x), coupling k to the sum of the neighbours, bias k_b to the input, step size dt."""

    shape: tuple[int, int, int]
    coupling: float
    bias: float
    step_size: float


def expected(field: Lattice) -> float:
    """ln(1 - dt k_b / (1 + 5 dt k)) / dt, nat per unit time.

    At equal phases f = 1 + 5 dt k with the sum of six neighbours and the input, and a uniform turn of the units
    changes all of f but the term dt k_b of the input.

    >>> round(expected(Lattice((4, 8, 8), 0.5, 0.3, 0.05)), 12)
    -0.268460406643
    """
    dt = field.step_size
    return float(np.log1p(-dt * field.bias / (1 + 5 * dt * field.coupling)) / dt)


def exponents(field: Lattice, seed: int, runs: int, end_time: float) -> np.ndarray:
    """(run,) mean growth of ln |u| per unit time in the second half, for a tangent u that begins with random entries.

    The tangent is exact for the step. Runs are computed one by one, with two fields in memory.
    """
    units, steps = int(np.prod(field.shape)), round(end_time / field.step_size)
    found = np.empty(runs)
    for run in range(runs):
        theta = 2 * np.pi * streams.uniform(seed, "oscillators.atlas.lattice", run, 0, units)
        tangent = streams.normal(seed, "oscillators.atlas.lattice", run, 1, units)
        z, u = np.exp(1j * theta).reshape(field.shape), tangent.reshape(field.shape)
        growth = 0.0
        for step in range(steps):
            z, u = _step(field, z, u)
            if (step + 1) % EVERY == 0 or step + 1 in (steps // 2, steps):
                norm = float(np.linalg.norm(u))
                u /= norm
                growth += np.log(norm) if step >= steps // 2 else 0.0
        found[run] = growth / (steps - steps // 2) / field.step_size
    return found


def _step(field: Lattice, z: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Euler's step with an input of phase 0, and the tangent u' = Im(conj f df) / |f|^2 beside it."""
    dt = field.step_size
    keep = 1 - dt * (field.coupling + field.bias)
    moved = 1j * z * u
    f = keep * z + dt * (field.coupling * neighbour_sum(z, PERIODIC) + field.bias)
    df = keep * moved + dt * field.coupling * neighbour_sum(moved, PERIODIC)
    return f / np.abs(f), (f.conj() * df).imag / np.abs(f) ** 2
