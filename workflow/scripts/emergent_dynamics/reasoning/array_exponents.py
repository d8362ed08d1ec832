"""Finite-time Lyapunov exponents of maps of NumPy arrays, in float64 and without torch.

Definitions as in `kernels.exponents`, which does the same with torch tensors: nat per application of the map.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from emergent_dynamics import streams

Array = np.ndarray
DIFFERENCE = 1e-6  # step of central differences in the state: the error of a derivative is about 1e-10
FLOOR = -700.0  # nat, for a direction that the step annihilates: log of the smallest normal float64


class ArrayMap(NamedTuple):
    """A map of states (example, n), and a function of its Jacobians (example, n, n). If that is None they are computed
    by central differences.
    """

    step: Callable[[Array], Array]
    derivative: Callable[[Array], Array] | None = None

    def push(self, z: Array, q: Array) -> tuple[Array, Array]:
        """The next states (example, n), and the tangents q (example, n, k) multiplied by the Jacobians."""
        moved = np.asarray(self.step(z), np.float64)
        if self.derivative is not None:
            return moved, np.asarray(self.derivative(z), np.float64) @ q
        h = DIFFERENCE * np.maximum(np.abs(z).max(axis=1, keepdims=True), 1.0)
        columns = [
            (np.asarray(self.step(z + h * v), np.float64) - np.asarray(self.step(z - h * v), np.float64))
            / (2 * h)
            for v in np.moveaxis(q, 2, 0)
        ]
        return moved, np.stack(columns, axis=2)


def tangents(seed: int, examples: int, n: int, k: int) -> Array:
    """(example, n, k) random orthonormal columns; the draws are those of `kernels.exponents.tangents`."""
    drawn = [streams.normal(seed, "reasoning.tangent", i, 0, n * k).reshape(n, k) for i in range(examples)]
    return np.linalg.qr(np.stack(drawn))[0]


def by_qr(dynamics: ArrayMap, z: Array, q: Array, steps: int, warm_up: int) -> Array:
    """(example, k) means of log |R_ii| over `steps` steps, after `warm_up` steps that are not counted."""
    total = np.zeros((len(q), q.shape[2]))
    for t in range(warm_up + steps):
        z, pushed = dynamics.push(z, q)
        q, r = np.linalg.qr(pushed)
        if t >= warm_up:
            total += _log(np.diagonal(r, axis1=1, axis2=2))
    return total / steps


def by_svd(dynamics: ArrayMap, z: Array, q: Array, steps: int) -> Array:
    """(example, n) log singular values of the product of Jacobians over the number of steps, descending.

    q : a full orthonormal basis (example, n, n). The product of the triangular factors is rescaled at every step.
    """
    product, log_scale = (
        np.broadcast_to(np.eye(q.shape[2]), (len(q), q.shape[2], q.shape[2])),
        np.zeros(len(q)),
    )
    for _ in range(steps):
        z, pushed = dynamics.push(z, q)
        q, r = np.linalg.qr(pushed)
        product = r @ product
        size = np.maximum(np.abs(product).max(axis=(1, 2)), np.finfo(float).tiny)
        product, log_scale = product / size[:, None, None], log_scale + np.log(size)
    return (_log(np.linalg.svd(product, compute_uv=False)) + log_scale[:, None]) / steps


def _log(values: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(np.abs(values)), FLOOR)
