"""The chimera of infinitely many units on a ring with the weights 1 + A cos(distance), by self-consistent equations.

Abrams & Strogatz 2004, PRL 93, 174102: with beta = pi / 2 - lag the local mean field is
R(x) e^{i Theta(x)} = c + a cos x, in the frame that turns with the field (c real, a complex), and

    c = e^{i beta} <h>,   a = A e^{i beta} <h cos x>,   h(x) = (Delta - sqrt(Delta^2 - R^2)) / (c + conj(a) cos x).

Units with R > Delta are locked, and the others drift. h is the time average of e^{i theta} of a unit in that frame,
which rotates at -Delta.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.optimize import root

START = (
    0.6287,
    0.1698,
    -0.1156,
    0.7320,
)  # the solution at A = 0.995, beta = 0.18, from which the search for others starts
NODES, WEIGHTS = np.polynomial.legendre.leggauss(80)


class Chimera(NamedTuple):
    """c (uniform), a (modulated) and Delta (rate, rad per unit time) of the self-consistent field, for coupling 1."""

    uniform: float
    modulated: complex
    rate: float


@cache
def solve(modulation: float, lag: float) -> Chimera | None:
    """The chimera for A and the phase lag (rad), or None if none is found.

    >>> chimera = solve(0.995, np.pi / 2 - 0.18)
    >>> round(chimera.uniform, 4), round(chimera.rate, 4)
    (0.6287, 0.732)
    """
    turned = 1j * np.exp(-1j * lag)

    def unequal(trial: np.ndarray) -> list[float]:
        chimera = Chimera(trial[0], complex(trial[1], trial[2]), trial[3])
        place, weight = _quadrature(chimera)
        mean = weight * local(chimera, place)
        whole = turned * mean.sum() - chimera.uniform
        wave = modulation * turned * (mean * np.cos(place)).sum() - chimera.modulated
        return [whole.real, whole.imag, wave.real, wave.imag]

    solved = root(unequal, START, tol=1e-13)
    chimera = Chimera(float(solved.x[0]), complex(solved.x[1], solved.x[2]), float(solved.x[3]))
    splits = 0 < chimera.uniform < 1 and abs(chimera.modulated) > 1e-3 and edge(chimera) is not None
    return chimera if splits and np.abs(unequal(solved.x)).max() < 1e-10 else None


def local(chimera: Chimera, place: np.ndarray) -> np.ndarray:
    """h, the complex mean of e^{i theta} of the units at `place` (rad from the middle of the coherent part)."""
    field = chimera.uniform + chimera.modulated * np.cos(place)
    root_of = np.sqrt(chimera.rate**2 - np.abs(field) ** 2 + 0j)
    return (chimera.rate - root_of) / np.conj(field)


def edge(chimera: Chimera) -> float | None:
    """Where the coherent part ends, in rad from its middle: R(x) = Delta. None if no unit or every unit is locked."""
    across = np.roots(
        [
            abs(chimera.modulated) ** 2,
            2 * chimera.uniform * chimera.modulated.real,
            chimera.uniform**2 - chimera.rate**2,
        ]
    )
    inside = [y.real for y in across if abs(y.imag) < 1e-12 and abs(y.real) < 1]
    return float(np.arccos(max(inside))) if inside else None


def _quadrature(chimera: Chimera) -> tuple[np.ndarray, np.ndarray]:
    """Places in (0, pi) and their weights in a mean over the ring, dense near the edge, where h has a square root."""
    unit, weight = (NODES + 1) / 2, WEIGHTS / 2
    at = edge(chimera)
    if at is None:
        return np.pi * unit, weight
    places = np.concatenate([at - at * unit**2, at + (np.pi - at) * unit**2])
    widths = np.concatenate([at * 2 * unit * weight, (np.pi - at) * 2 * unit * weight])
    return places, widths / np.pi
