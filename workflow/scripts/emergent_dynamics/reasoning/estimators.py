"""Finite-time Lyapunov exponents of any map, as plain functions: of a NumPy function, or of a torch module.

    from emergent_dynamics import statistics
    from emergent_dynamics.reasoning import estimators
    start = np.random.default_rng(0).random((100, 2))
    henon = lambda z: np.stack([1 - 1.4 * z[:, 0] ** 2 + z[:, 1], 0.3 * z[:, 0]], axis=1)
    spectrum = estimators.by_qr(henon, 0.1 * start, steps=1000, warm_up=100)
    statistics.kaplan_yorke(spectrum.mean(axis=0))

Definitions and sources are those of `kernels.exponents`; exponents are in nat per application of the map. torch is
needed only where the start is a tensor.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from emergent_dynamics.reasoning import array_exponents
from emergent_dynamics.reasoning.array_exponents import Array, ArrayMap

if TYPE_CHECKING:
    import torch

MOST_DIMENSIONS = 1000  # limit for the SVD of a NumPy map, which needs a full basis of tangents


def by_qr(
    step: Callable[[Any], Any],
    start: Array | torch.Tensor,
    steps: int,
    k: int | None = None,
    warm_up: int = 0,
    derivative: Callable[[Array], Array] | None = None,
    seed: int = 1,
) -> Array:
    """Return (example, k) exponents by QR of k random tangents, (1/T) sum log |R_ii|, in the order of the columns.

    step : the map of states (example, n) to (example, n), which treats every example on its own. Where `start` is a
    tensor it is a torch function, differentiated in forward mode; where it is an array, a NumPy function. k : all n
    where None. warm_up : steps that align the tangents and are not counted; without any, exponents are too low by up
    to about ln(n) / (2 T). derivative : Jacobians (example, n, n) of a NumPy map; central differences in float64
    where None.

    Raises ValueError for a start that is not (example, n), or for k outside 1..n.
    """
    n, wanted = _sizes(start, k)
    if isinstance(start, np.ndarray):
        q = array_exponents.tangents(seed, len(start), n, wanted)
        return array_exponents.by_qr(ArrayMap(step, derivative), np.array(start, float), q, steps, warm_up)
    kernel, z = _kernel(), start.detach()
    q = kernel.tangents(seed, np.arange(len(z)), n, wanted, z.dtype).to(z.device)
    log_r = kernel.qr_log_r(kernel.by_jvp(step), z, q, steps, warm_up)[0].detach()
    return np.asarray(log_r.mean(dim=1).cpu().numpy())


def by_svd(
    step: Callable[[Any], Any],
    start: Array | torch.Tensor,
    steps: int,
    k: int | None = None,
    derivative: Callable[[Array], Array] | None = None,
    seed: int = 1,
) -> Array:
    """Return (example, k) exponents (1/T) log sigma_i of the product of Jacobians, descending: exact for the window.

    A torch map is computed by block subspace iteration with k + 4 columns (4 passes), a NumPy map with a full basis
    of n columns, n at most MOST_DIMENSIONS. Singular values below 1e-16 of the largest are lost to rounding. Other
    parameters and errors are those of `by_qr`.
    """
    n, wanted = _sizes(start, k)
    if isinstance(start, np.ndarray):
        if n > MOST_DIMENSIONS:
            raise ValueError(f"start: {n} dimensions; a NumPy map by SVD has at most {MOST_DIMENSIONS}")
        q = array_exponents.tangents(seed, len(start), n, n)
        return array_exponents.by_svd(ArrayMap(step, derivative), np.array(start, float), q, steps)[
            :, :wanted
        ]
    kernel, z = _kernel(), start.detach()
    q = kernel.tangents(seed, np.arange(len(z)), n, min(wanted + 4, n), z.dtype).to(z.device)
    found, _ = kernel.svd_exponents(kernel.by_jvp(step), z, q, steps, wanted, passes=4)
    return np.asarray(found.detach().cpu().numpy())


def differentiable(
    step: Callable[[torch.Tensor], torch.Tensor], start: torch.Tensor, tangents: torch.Tensor, steps: int
) -> torch.Tensor:
    """Return (example, k) exponents by QR through which gradients reach the parameters that `step` uses.

    start (example, n), tangents (example, n, k) with orthonormal columns. Use: gradient flossing, a penalty on the
    square of leading exponents (Engelken 2023, arXiv:2312.17306). Where the map annihilates a direction the gradient
    is not finite.
    """
    import torch

    kernel = _kernel()
    z, q, total = start, tangents, torch.zeros(())
    for _ in range(steps):
        z, pushed = kernel.push(step, z, q)
        q, r = torch.linalg.qr(pushed)
        total = total + torch.diagonal(r, dim1=-2, dim2=-1).abs().log()
    return total / steps


def _sizes(start: Array | torch.Tensor, k: int | None) -> tuple[int, int]:
    """The number of dimensions of a state, and the number of exponents (all if k is None)."""
    if start.ndim != 2:
        raise ValueError(f"start: shape {tuple(start.shape)}, must be (example, n)")
    n = int(start.shape[1])
    wanted = n if k is None else k
    if not 1 <= wanted <= n:
        raise ValueError(f"k = {k}: must be from 1 to the {n} dimensions of a state")
    return n, wanted


def _kernel() -> Any:
    """The module for torch tensors, imported only if the start is a tensor."""
    return importlib.import_module("emergent_dynamics.reasoning.kernels.exponents")
