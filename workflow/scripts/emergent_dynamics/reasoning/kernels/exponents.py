"""Finite-time Lyapunov exponents of a batch of trajectories of any differentiable map (torch).

    z_t = F(z_{t-1}),  J_t = DF(z_{t-1})
    QR :  J_t Q_{t-1} = Q_t R_t,   lambda_i = (1/T) sum_t log |R_t,ii|      (order of the columns, not sorted)
    SVD:  lambda_i = (1/T) log sigma_i(J_T ... J_1)                          (exact for the window,
    descending)

nat per application of F. With T steps and n dimensions the leading QR exponent is low by about ln(n)/(2T): a
random tangent needs time to align (`theory.qr_bias`). Source: Benettin et al. 1980, Meccanica 15,
9; Eckmann & Ruelle 1985, Rev. Mod. Phys. 57, 617. Tangents must be float32 or wider: bfloat16 carries no
derivative.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch.func import jvp, vmap

from emergent_dynamics import streams

Map = Callable[[torch.Tensor], torch.Tensor]  # (example, n) to (example, n), every example on its own
Push = Callable[[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]  # z, Q to F(z), J Q
TOGETHER = 8  # examples; LAPACK factors one after another, so more are no faster
FLOOR = -700.0  # nat, for a direction that the step annihilates: log of the smallest normal float64


class Dynamics(NamedTuple):
    """A map F and its derivative along tangents: `step` is z -> F(z), `push` is z, Q -> F(z), J Q."""

    step: Map
    push: Push


def by_jvp(step: Map) -> Dynamics:
    """Return the dynamics of a map without a hand-written derivative: it is computed by torch's forward mode."""
    return Dynamics(step, partial(push, step))


def tangents(
    seed: int, examples: np.ndarray, n: int, k: int, dtype: torch.dtype = torch.float64
) -> torch.Tensor:
    """(example, n, k) orthonormal columns, Haar distributed, drawn by the example's identity: the same
    whatever batch it is diagnosed in."""
    drawn = torch.empty(len(examples), n, k, dtype=dtype)
    for a, i in zip(drawn, examples, strict=True):
        a.copy_(torch.from_numpy(streams.normal(seed, "reasoning.tangent", int(i), 0, n * k).reshape(n, k)))
    orthonormalise(drawn)
    return drawn


def orthonormal(a: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Q (example, n, k) and R (example, k, k) of each matrix, Householder. On CUDA in float64: batched QR
    there is slow (pytorch #143281), so Cholesky of the Gram matrix, twice (Yamamoto et al. 2015), where it
    succeeds."""
    if a.shape[2] == 1:  # LAPACK's loop over a batch costs 1 us per matrix
        r = torch.linalg.vector_norm(a, dim=1, keepdim=True)
        return a / r.clamp_min(torch.finfo(a.dtype).tiny), r
    if a.device.type != "cuda":
        q, r = torch.linalg.qr(a)
        return q, r
    first, ok1 = torch.linalg.cholesky_ex(a.mT @ a)
    q = torch.linalg.solve_triangular(first.mT, a, upper=True, left=False)
    second, ok2 = torch.linalg.cholesky_ex(q.mT @ q)
    if (ok1 | ok2).any():
        q, r = torch.linalg.qr(a)
        return q, r
    return torch.linalg.solve_triangular(second.mT, q, upper=True, left=False), second.mT @ first.mT


def orthonormalise(a: torch.Tensor) -> torch.Tensor:
    """`orthonormal` in place, on a CPU of a few examples at a time: a becomes Q, and R is returned."""
    factors = []
    for part in a.split(TOGETHER if a.device.type == "cpu" else len(a)):
        q, r = orthonormal(part)
        part.copy_(q)
        factors.append(r)
    return torch.cat(factors)


def push(step: Map, z: torch.Tensor, q: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """F(z) (example, n) and J Q (example, n, k): one forward pass that carries k tangents of every example.

    vmap over the tangents only: the primal is computed once, and examples are batched in F itself.
    """
    # Measured on TRM 4x4, batch 64, k = 8: half the time of a loop of 8 JVPs; `tangent.pushing` takes 0.28 of that
    # time, and QR 1 % of it (performance/reasoning.py).

    def along(v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return jvp(step, (z,), (v,))

    moved, pushed = vmap(along, in_dims=2, out_dims=(None, 2))(q)
    return moved, pushed


def qr_log_r(
    dynamics: Dynamics, z: torch.Tensor, q: torch.Tensor, steps: int, warm_up: int = 0
) -> tuple[torch.Tensor, torch.Tensor]:
    """log |R_t,ii| (example, step, k) float64 from the start z (example, n), and the final state.

    warm_up : steps that align the tangents first and are not counted.
    """
    rows = []
    for t in range(warm_up + steps):
        z, pushed = dynamics.push(z, q)
        q, r = orthonormal(pushed)
        if t >= warm_up:
            rows.append(log_diagonal(r))
    return torch.stack(rows, dim=1), z


def log_diagonal(r: torch.Tensor) -> torch.Tensor:
    """(example, k) float64 log |R_ii|, at least FLOOR."""
    return torch.diagonal(r, dim1=-2, dim2=-1).double().abs().log().clamp_min(FLOOR)


def svd_exponents(
    dynamics: Dynamics,
    z: torch.Tensor,
    q: torch.Tensor,
    steps: int,
    exponents: int,
    passes: int = 2,
    tolerance: float = 0.0,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The result of `svd_along` for the trajectory of `steps` steps that begins at z (example, n)."""
    states = [z]
    with torch.no_grad():
        for _ in range(steps - 1):
            states.append(dynamics.step(states[-1]))
    return svd_along(dynamics, states, q, exponents, passes, tolerance)


def svd_along(
    dynamics: Dynamics,
    states: list[torch.Tensor],
    q: torch.Tensor,
    exponents: int,
    passes: int = 2,
    tolerance: float = 0.0,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The `exponents` largest (1/T) log sigma_i of J_T ... J_1 by block subspace iteration, and their last
    change; J_t is taken at states[t-1] (example, n).

    q : (example, n, p) start, p >= exponents; four columns more than are wanted make the iteration quick.
    One pass is p JVPs down and p VJPs back; sigma grows monotonically with the passes, 4 digits after the
    second. tolerance : stop earlier when no exponent moved by more; the first pass is always counted from
    its own JVPs. Returns (example, exponents) and (example,), float64. Memory: the T + 1 states of the batch.
    Source: Halko, Martinsson & Tropp 2011, SIAM Rev. 53, 217 (algorithm 4.4, orthonormalised at every step).
    """
    best, change = None, torch.full((len(q),), torch.inf, dtype=torch.float64)
    for done in range(passes + 1):
        q, log_sigma = _down(dynamics.push, states, q)
        now = log_sigma[:, :exponents] / len(states)
        if best is not None:
            change = (now - best).abs().amax(dim=1).cpu()
        best = now
        if done == passes or change.max() <= tolerance:
            break
        q = _back(dynamics.step, states, q)
    assert best is not None
    return best.cpu(), change


def log_singular_values(dynamics: Dynamics, states: list[torch.Tensor], q: torch.Tensor) -> torch.Tensor:
    """Logarithms of the singular values of J_T ... J_1 Q, (example, p), descending.

    J_t is the Jacobian at the state z_{t-1}. With a full basis Q they are those of the product of Jacobians itself."""
    with torch.no_grad():
        return _down(dynamics.push, states, q)[1]


def _down(push: Push, states: list[torch.Tensor], q: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """J_T ... J_1 Q: left singular vectors (example, n, p) and log singular values (example, p), float64.

    The product of the R's is kept with its scale apart, so that it neither over- nor underflows.
    """
    product = torch.eye(q.shape[2], dtype=torch.float64, device=q.device).expand(len(q), -1, -1)
    log_scale = torch.zeros(len(q), dtype=torch.float64, device=q.device)
    for z in states:
        _, pushed = push(z, q)
        q, r = orthonormal(pushed)
        product = r.double() @ product
        size = product.abs().amax(dim=(1, 2)).clamp_min(torch.finfo(torch.float64).tiny)
        product = product / size[:, None, None]
        log_scale = log_scale + size.log()
    u, sigma, _ = torch.linalg.svd(product)
    return q @ u.to(q.dtype), (sigma.log() + log_scale[:, None]).clamp_min(FLOOR * len(states))


def _back(step: Map, states: list[torch.Tensor], q: torch.Tensor) -> torch.Tensor:
    """Orthonormal basis (example, n, p) of (J_T ... J_1)^T Q."""
    # A loop over the columns takes no longer than vmap of vjp (8.6 and 10.3 ms per example on TRM 4x4, p = 12),
    # whose first call imports a compiler for 2 s.
    for z in reversed(states):
        with torch.enable_grad():
            start = z.detach().requires_grad_()
            end = step(start)
        columns = [torch.autograd.grad(end, start, one, retain_graph=True)[0] for one in q.unbind(2)]
        q, _ = orthonormal(torch.stack(columns, dim=2))
    return q


def full_jacobians(step: Map, z: torch.Tensor, steps: int) -> torch.Tensor:
    """(example, step, n, n) Jacobians at every step, for tests on small maps: n^2 T numbers per example."""
    identity = torch.eye(z.shape[1], dtype=z.dtype).expand(len(z), -1, -1)
    jacobians = []
    for _ in range(steps):
        z, jacobian = push(step, z, identity)
        jacobians.append(jacobian)
    return torch.stack(jacobians, dim=1)
