"""Diagnose a trained network: what each example does in the ACT window, and its exponents (torch)."""

from collections.abc import Sequence

import numpy as np
import torch

from emergent_dynamics.reasoning import exponents, model, tangent
from emergent_dynamics.reasoning.tasks import Examples

LAGS = 8
EXTRA = 4  # columns beyond the wanted ones in the subspace iteration
BATCH = (
    64  # examples pushed together: fewer cost more per example, more gain nothing (performance/reasoning.py)
)


def diagnose(
    weights: model.Weights,
    p: model.Parameters,
    examples: Examples,
    k: int,
    estimators: Sequence[str],
    seed: int,
    batch: int = BATCH,
) -> dict[str, np.ndarray]:
    """Arrays of `diagnostics.VARIABLES`, (example, ...), for every example; independent of `batch`.

    k : exponents; 0 none. estimators : "qr" always, "svd" besides. Evaluation runs all ACT steps: halting is
    recorded, not applied.
    """
    parts = []
    for start in range(0, len(examples), batch):
        rows = np.arange(start, min(start + batch, len(examples)))
        parts.append(_batch(weights, p, examples.take(rows), k, estimators, seed))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def flat_map(weights: model.Weights, x: torch.Tensor, p: model.Parameters) -> exponents.Map:
    """One ACT step as a map of (example, n) to itself, the input held."""
    shape = (2, p.length, p.width)
    return lambda z: model.step(weights, z.unflatten(1, shape), x, p).flatten(1)


def _batch(
    weights: model.Weights,
    p: model.Parameters,
    examples: Examples,
    k: int,
    estimators: Sequence[str],
    seed: int,
) -> dict[str, np.ndarray]:
    dtype, device = weights["head"].dtype, weights["head"].device
    question = torch.from_numpy(examples.question).to(device)
    answer = torch.from_numpy(examples.answer).to(device)
    with torch.no_grad():
        x = model.embed(weights, question, p)
    step, push = flat_map(weights, x, p), tangent.pushing(weights, x, p)
    start = model.initial(p, dtype).to(device).flatten().repeat(len(examples), 1)
    q = exponents.tangents(seed, examples.idx, p.state_size, k + EXTRA, dtype).to(device)
    states, log_r = [start], []
    with torch.no_grad():
        moving = q[:, :, :k].contiguous()
        for _ in range(p.act_steps):
            z, pushed = push(states[-1], moving)
            moving, r = exponents.orthonormal(pushed)
            states.append(z)
            log_r.append(exponents.log_diagonal(r))
        found = _outcomes(weights, p, torch.stack(states, dim=1), answer)
        found["logR"] = torch.stack(log_r, dim=1).cpu().numpy()
        found["lyap_raw"] = found["logR"].mean(axis=1)
        if "svd" in estimators:
            found["lyap_svd"] = exponents.svd_exponents(step, start, q, p.act_steps, k, pushing=push)[
                0
            ].numpy()
    for name in ("idx", "base_puzzle", "givens", "difficulty"):
        found[name] = getattr(examples, name)
    return found


def _outcomes(
    weights: model.Weights, p: model.Parameters, states: torch.Tensor, answer: torch.Tensor
) -> dict[str, np.ndarray]:
    """Drift, recurrence, answers and halting from states (example, step + 1, n).

    halted_at : first step with q_halt > 0, -1 never. q_continue is never trained, so it is undefined.
    """
    z = states.unflatten(2, (2, -1)).double()
    drift = (z[:, 1:] - z[:, :-1]).norm(dim=3)
    lags = min(LAGS, p.act_steps)
    back = torch.stack([(z[:, -1, 0] - z[:, -1 - lag, 0]).norm(dim=1) for lag in range(1, lags + 1)], dim=1)
    exact, token, halt = [], [], []
    for t in range(1, p.act_steps + 1):
        logits, q = model.observe(weights, states[:, t].unflatten(1, (2, p.length, p.width)), p)
        right = logits.argmax(dim=-1) == answer
        exact.append(right.all(dim=1))
        token.append(right.double().mean(dim=1))
        halt.append(q[:, 0].double())
    q_halt = torch.stack(halt, dim=1).cpu().numpy()
    exact_t = torch.stack(exact, dim=1).cpu().numpy()
    wants = q_halt > 0
    return {
        "drift_zH": drift[:, :, 0].cpu().numpy(),
        "drift_zL": drift[:, :, 1].cpu().numpy(),
        "recurrence": back.cpu().numpy(),
        "exact_t": exact_t,
        "exact_correct": exact_t[:, -1],
        "token_acc": token[-1].cpu().numpy(),
        "q_halt": q_halt,
        "halted_at": np.where(wants.any(axis=1), wants.argmax(axis=1) + 1, -1),
    }
