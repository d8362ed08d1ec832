"""Rényi and strong Rényi centres: tokens that are far from every earlier centre, or from every earlier token.

With a separation delta (geodesic, radian): token i is a strong Rényi centre when it is farther than delta from
every earlier token, a Rényi centre when it is farther than delta from every earlier centre. Strong centres are
centres; token 0 is both. Karagodin, Polyanskiy & Rigollet 2024, arXiv:2411.04990.
"""

import numpy as np

from emergent_dynamics.runtime.compiler import numba

KINDS = ("strong", "renyi")


def separation(x: np.ndarray) -> np.ndarray:
    """Geodesic distance of every token to its nearest earlier token, radian.

    x : (..., token, coord) unit vectors. Returns (..., token) float64; inf for token 0, the first.
    """
    flat = np.ascontiguousarray(x, dtype=np.float64).reshape(-1, *x.shape[-2:])
    square = np.empty(flat.shape[:2])
    _nearest_earlier(flat, square)
    with np.errstate(invalid="ignore"):  # the separation of token 0 is and remains inf
        angle = 2.0 * np.arcsin(np.minimum(0.5 * np.sqrt(square), 1.0))
    return np.where(np.isinf(square), np.inf, angle).reshape(x.shape[:-1])


def strong(separations: np.ndarray, delta: float) -> np.ndarray:
    """(..., token) bool: strong Rényi centres, from `separation`."""
    return separations > delta


def renyi(x: np.ndarray, delta: float) -> np.ndarray:
    """(..., token) bool: Rényi centres of x (..., token, coord), chosen greedily in token order."""
    flat = np.ascontiguousarray(x, dtype=np.float64).reshape(-1, *x.shape[-2:])
    chosen = np.zeros(flat.shape[:2], np.bool_)
    # No token can be farther than pi, but beyond delta = pi the chord would decrease again.
    _choose(flat, (2.0 * np.sin(0.5 * min(delta, np.pi))) ** 2, delta >= np.pi, chosen)
    return chosen.reshape(x.shape[:-1])


def centres(x: np.ndarray, delta: float) -> dict[str, np.ndarray]:
    """Strong and Rényi centres of x (..., token, coord): {kind: (..., token) bool}."""
    return {"strong": strong(separation(x), delta), "renyi": renyi(x, delta)}


@numba.njit(cache=True)
def _nearest_earlier(x, square):
    """Fill square (batch, token): squared chord to the nearest earlier token; inf for token 0."""
    batch, n, dim = x.shape
    for b in range(batch):
        for i in range(n):
            best = np.inf
            for j in range(i):
                distance = 0.0
                for c in range(dim):
                    distance += (x[b, i, c] - x[b, j, c]) ** 2
                best = min(best, distance)
            square[b, i] = best


@numba.njit(cache=True)
def _choose(x, limit, only_first, chosen):
    """Fill chosen (batch, token): whether the squared chord to every earlier centre is above `limit`."""
    batch, n, dim = x.shape
    centre = np.empty(n, np.int64)
    for b in range(batch):
        chosen[b] = False
        count = 0
        for i in range(n):
            free = count == 0 or not only_first
            for k in range(count):
                distance = 0.0
                for c in range(dim):
                    distance += (x[b, i, c] - x[b, centre[k], c]) ** 2
                if distance <= limit:
                    free = False
                    break
            if free:
                chosen[b, i] = True
                centre[count] = i
                count += 1
