"""Finite-time Lyapunov exponents of any map, as plain functions: a torch module or a NumPy function (torch).

    from emergent_dynamics.reasoning import estimators
    start = np.random.default_rng(0).random((100, 2))
    henon = lambda z: np.stack([1 - 1.4 * z[:, 0] ** 2 + z[:, 1], 0.3 * z[:, 0]], axis=1)
    spectrum = estimators.by_qr(henon, 0.1 * start, steps=1000, warm_up=100)
    estimators.kaplan_yorke(spectrum.mean(axis=0))

Definitions and sources as in `kernels.exponents`, whose functions these call: nat per application of the map.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from emergent_dynamics.reasoning.kernels import exponents as kernel

Array = np.ndarray
DIFFERENCE = 1e-6  # of the state, in central differences: an error of about 1e-10 of the derivative
MOST_DIMENSIONS = 1000  # of a NumPy map by SVD, which carries a full basis


def by_qr(
    step: Callable[[Any], Any],
    start: Array | torch.Tensor,
    steps: int,
    k: int | None = None,
    warm_up: int = 0,
    derivative: Callable[[Array], Array] | None = None,
    seed: int = 1,
) -> Array:
    """(example, k) exponents by QR of k random tangents, in the order of the columns, (1/T) sum log |R_ii|.

    step : the map of states (example, n) to (example, n), every example on its own; torch where `start` is a tensor
        (its derivative is forward mode), NumPy where it is an array. k : all n where None.
    warm_up : steps that align the tangents and are not counted; without any, exponents are low by up to
        about ln(n) / (2 T).
    derivative : Jacobians (example, n, n) of a NumPy map; central differences in float64 where None.

    Raises ValueError for a start that is not (example, n), or k that is not 1..n.
    """
    dynamics, z, n = _prepared(step, start, derivative)
    q = _tangents(z, n if k is None else k, n, seed)
    with torch.no_grad():
        log_r, _ = kernel.qr_log_r(dynamics, z, q, steps, warm_up)
    return np.asarray(log_r.mean(dim=1).cpu().numpy())


def by_svd(
    step: Callable[[Any], Any],
    start: Array | torch.Tensor,
    steps: int,
    k: int | None = None,
    derivative: Callable[[Array], Array] | None = None,
    seed: int = 1,
) -> Array:
    """(example, k) exponents (1/T) log sigma_i of the product of Jacobians, descending: exact for the window.

    A torch map takes block subspace iteration with k + 4 columns (4 passes), a NumPy map a full basis of n columns,
    n at most MOST_DIMENSIONS. Singular values below 1e-16 of the largest are lost in rounding.
    Other parameters and errors as in `by_qr`.
    """
    dynamics, z, n = _prepared(step, start, derivative)
    wanted = n if k is None else k
    if isinstance(start, torch.Tensor):
        q = _tangents(z, min(wanted + 4, n), n, seed)
        found, _ = kernel.svd_exponents(dynamics, z, q, steps, wanted, passes=4)
        return np.asarray(found.detach().cpu().numpy())
    if n > MOST_DIMENSIONS:
        raise ValueError(f"start: {n} dimensions; a NumPy map by SVD has at most {MOST_DIMENSIONS}")
    states = [z]
    for _ in range(steps - 1):
        states.append(dynamics.step(states[-1]))
    log_sigma = kernel.log_singular_values(dynamics, states, _tangents(z, n, n, seed))
    return np.asarray(log_sigma[:, :wanted].numpy()) / steps


def differentiable(
    step: Callable[[torch.Tensor], torch.Tensor], start: torch.Tensor, tangents: torch.Tensor, steps: int
) -> torch.Tensor:
    """(example, k) exponents by QR that carry gradients to whatever parameters `step` closes over.

    start (example, n), tangents (example, n, k) with orthonormal columns. For gradient flossing, a penalty on
    the square of leading exponents (Engelken 2023, arXiv:2312.17306). Where the map annihilates a direction the
    gradient is not finite.
    """
    z, q, total = start, tangents, torch.zeros(())
    for _ in range(steps):
        z, pushed = kernel.push(step, z, q)
        q, r = torch.linalg.qr(pushed)
        total = total + torch.diagonal(r, dim1=-2, dim2=-1).abs().log()
    return total / steps


def kaplan_yorke(spectrum: Array) -> float:
    """Kaplan and Yorke's dimension of all n exponents of an attractor: j + (l_1 + ... + l_j) / |l_{j+1}|, with j the
    largest number whose sum is not negative (1979, Lecture Notes in Mathematics 730, 204).

    0 where the largest is negative (a fixed point); NaN where no partial sum of the given exponents is negative: then
    some are missing, or the volume does not shrink.
    """
    ordered = -np.sort(-np.asarray(spectrum, float))
    sums = np.cumsum(ordered)
    if not len(ordered) or not np.isfinite(sums).all() or sums[-1] >= 0.0:
        return float("nan")
    j = int(np.flatnonzero(sums >= 0.0).max()) + 1 if (sums >= 0.0).any() else 0
    return float(j + (sums[j - 1] / abs(ordered[j]) if j else 0.0))


def _prepared(
    step: Callable[[Any], Any], start: Array | torch.Tensor, derivative: Callable[[Array], Array] | None
) -> tuple[kernel.Dynamics, torch.Tensor, int]:
    if start.ndim != 2:
        raise ValueError(f"start: shape {tuple(start.shape)}, must be (example, n)")
    if isinstance(start, torch.Tensor):
        return kernel.by_jvp(step), start.detach(), start.shape[1]

    def moved(z: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(np.asarray(step(z.numpy()), np.float64))

    def along(z: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
        if derivative is not None:
            return torch.from_numpy(np.asarray(derivative(z.numpy()), np.float64)) @ q
        h = DIFFERENCE * torch.clamp(z.abs().amax(dim=1, keepdim=True), min=1.0)
        columns = [(moved(z + h * v) - moved(z - h * v)) / (2.0 * h) for v in q.unbind(2)]
        return torch.stack(columns, dim=2)

    dynamics = kernel.Dynamics(moved, lambda z, q: (moved(z), along(z, q)))
    return dynamics, torch.from_numpy(np.array(start, np.float64)), start.shape[1]


def _tangents(z: torch.Tensor, k: int, n: int, seed: int) -> torch.Tensor:
    if not 1 <= k <= n:
        raise ValueError(f"k = {k}: must be from 1 to the {n} dimensions of a state")
    return kernel.tangents(seed, np.arange(len(z)), n, k, z.dtype).to(z.device)
