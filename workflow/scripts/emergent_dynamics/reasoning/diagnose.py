"""Diagnoses a trained network: the outcome of each example in the ACT window, and its exponents (torch).

One job diagnoses one shard, which is a part of the test puzzles at one checkpoint. Drift, answers and halting are
those of a trajectory in float64: in float32 the drift of settled examples ends at the level of round-off, and a
threshold would separate these examples from the rest. Tangents are float32, at the states of the float64 trajectory.
The drift of a float32 trajectory is measured in addition, for `findings.precision`.
"""

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import torch
import xarray as xr

from emergent_dynamics import device as card
from emergent_dynamics.reasoning import devices, diagnostics, model, plan, surroundings
from emergent_dynamics.reasoning.kernels import exponents, fused, tangent
from emergent_dynamics.reasoning.parameters import Diagnosis, Network, Parameters
from emergent_dynamics.reasoning.tasks import Examples

LAGS = 8
EXTRA = 4  # additional columns of the subspace iteration
# Examples computed together on a CPU. With 64 a push and QR take at most 12 % less time per example, and a job holds
# up to 150 MiB more (docs/performance.md).
BATCH = 16
ON_CARD = 512  # examples computed together on a GPU where the fused path cannot be used
OUTCOMES = 24  # bytes per number and step: a state in float64, in float32 for the tangents, and their copies


def diagnose(
    weights: model.Weights,
    p: Network,
    examples: Examples,
    asked: Diagnosis,
    seed: int,
    batch: int | None = None,
) -> dict[str, np.ndarray]:
    """Return the arrays of `diagnostics.VARIABLES`, (example, ...), for every example; they do not depend on `batch`.

    weights : as stored; their dtype is that of the tangents. All ACT steps of p are run: halting is recorded, not
    applied. batch : None for the default of the device.
    """
    parts = []
    batch = batch or _fitting(weights, p, asked.exponents, asked.estimator)
    for start in range(0, len(examples), batch):
        rows = np.arange(start, min(start + batch, len(examples)))
        parts.append(_batch(weights, p, examples.take(rows), asked, seed))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def dynamics(weights: model.Weights, x: torch.Tensor, p: Network) -> exponents.Dynamics:
    """One ACT step as a map of (example, n) to itself, the input held, with its derivative."""
    shape = (2, p.length, p.width)

    def step(z: torch.Tensor) -> torch.Tensor:
        return model.step(weights, z.unflatten(1, shape), x, p).flatten(1)

    return exponents.Dynamics(step, tangent.pushing(weights, x, p))


def diagnose_shard(
    trajectory: xr.Dataset,
    groups: tuple[xr.Dataset, xr.Dataset],
    p: Parameters,
    wanted: Diagnosis,
    shard: str,
) -> dict[str, xr.Dataset]:
    """Diagnose the examples of one shard; returns {`step_<checkpoint>`: diagnostics}.

    groups : those of the store that hold the averaged weights, and the test set.
    """
    torch.set_num_threads(1)
    weights, test = groups
    checkpoint, rows = plan.rows(shard, p.examples, p.device)
    at = int(np.flatnonzero(trajectory["step"].values == checkpoint)[0])
    tokens, labels = weights["token_embedding"].shape[1], weights["head"].shape[2]
    network = p.network(tokens, labels, test.sizes["position"])
    network = replace(network, act_steps=wanted.roll_out or network.act_steps)
    here = test.isel(example=slice(rows.start, rows.stop))
    chosen = devices.choose(p.device)
    device = chosen.device
    arrays = {str(name): value.isel(checkpoint=at).values for name, value in weights.data_vars.items()}
    measured = diagnose(
        model.to_torch(arrays, torch.float32, device),
        network,
        Examples(**{str(name): array.values for name, array in here.items()}),
        wanted,
        p.seed,
    )
    about = {
        "unit": diagnostics.UNIT,
        "estimator": "+".join(wanted.estimator) if wanted.exponents else "none",
        "series": "training",
        "step": checkpoint,
        "validation_accuracy": float(trajectory["validation_accuracy"].values[at]),
        "floor": float(np.finfo(np.float64).eps * network.scale),
        "dimensions": network.state_size,
        "sub_updates_per_step": network.sub_updates,
        "state_norm": network.scale,
        "dtype": "drift float64, tangents float32",
        "halting_rule": "q_halt > 0",
        "disturbance": wanted.disturbance,
        "device": devices.recorded(chosen),
        "engine": "fused" if device == "cuda" and not unfused(network, wanted.exponents) else "torch",
        "engine_reason": "; ".join(
            filter(None, (chosen.reason, unfused(network, wanted.exponents) if device == "cuda" else ""))
        ),
    }
    return {f"step_{checkpoint}": diagnostics.dataset(measured, about)}


def unfused(p: Network, k: int) -> str:
    """Return why the fused path cannot compute on a GPU, as text for `engine_reason`; empty where it can."""
    lacking = card.missing() or ("" if find_spec("triton") else "triton is not installed")
    return fused.unsupported(p, k) or lacking


def _fitting(weights: model.Weights, p: Network, k: int, estimators: Sequence[str]) -> int:
    """Return the number of examples computed together: on a GPU as many as its memory holds, with the states of all
    steps.
    """
    if weights["head"].device.type != "cuda":
        return BATCH
    if unfused(p, k) or "svd" in estimators:
        return ON_CARD
    free, held = card.memory(), OUTCOMES * p.state_size * (p.act_steps + 1)
    return max(1, int(1 / (1 / fused.batch(p, k, free) + held / free)))


def _batch(
    weights: model.Weights,
    p: Network,
    examples: Examples,
    asked: Diagnosis,
    seed: int,
) -> dict[str, np.ndarray]:
    k = asked.exponents
    device = weights["head"].device
    question = torch.from_numpy(examples.question).to(device)
    exact = {name: value.double() for name, value in weights.items()}
    with torch.no_grad():
        states: Iterable[torch.Tensor] = trajectory(exact, p, question)
        if asked.starts or asked.positions:
            states = list(states)
        along: list[torch.Tensor] = []
        seen = _rounded(states, weights["head"].dtype, along)
        measured = _outcomes(exact, p, seen, torch.from_numpy(examples.answer).to(device))
        moved = [_distances(*pair)[:, 0] for pair in itertools.pairwise(trajectory(weights, p, question))]
        measured["drift_float32"] = torch.stack(moved, dim=1).cpu().numpy()
        if isinstance(states, list):
            measured |= _surroundings((exact, weights), p, examples, states, asked, seed)
        if k:
            q = exponents.tangents(seed, examples.idx, p.state_size, k + EXTRA, weights["head"].dtype)
            q = (q if "svd" in asked.estimator else q[:, :, :k].contiguous()).to(device)
            x = model.embed(weights, question, p)
            measured |= _exponents(weights, p, x, along[:-1], q, k)
    for name in ("idx", "base_puzzle", "givens", "difficulty"):
        measured[name] = getattr(examples, name)
    return measured


def _exponents(
    weights: model.Weights,
    p: Network,
    x: torch.Tensor,
    along: list[torch.Tensor],
    q: torch.Tensor,
    k: int,
) -> dict[str, np.ndarray]:
    """k exponents along the states, from tangents q (example, n, k) for QR, or (example, n, k + EXTRA) for SVD too."""
    act = dynamics(weights, x, p)
    moving = q[:, :, :k].contiguous()
    if q.device.type == "cuda" and not unfused(p, k):
        log_r = fused.along(weights, p, x, moving, along).cpu().numpy()
    else:
        log_r = _along(act, along, moving).cpu().numpy()
    found = {"logR": log_r, "lyap_raw": log_r.mean(axis=1)}
    if q.shape[2] > k:
        found["lyap_svd"] = exponents.svd_along(act, along, q, k)[0].numpy()
    return found


def _rounded(
    states: Iterable[torch.Tensor], dtype: torch.dtype, along: list[torch.Tensor]
) -> Iterator[torch.Tensor]:
    """The states as they come; each is also added to `along`, (example, n), in the dtype of the tangents."""
    for z in states:
        along.append(z.flatten(1).to(dtype))
        yield z


def _surroundings(
    weights: tuple[model.Weights, model.Weights],
    p: Network,
    examples: Examples,
    states: Sequence[torch.Tensor],
    asked: Diagnosis,
    seed: int,
) -> dict[str, np.ndarray]:
    """Measure other starts, disturbances and positions as asked. weights : in float64, and as the tangents."""
    exact, rounded = weights
    question = torch.from_numpy(examples.question).to(rounded["head"].device)
    answer = torch.from_numpy(examples.answer).to(question.device)
    x = model.embed(exact, question, p)
    batch = surroundings.Examined(
        step=lambda z: model.step(exact, z, x, p),
        push=tangent.pushing(rounded, model.embed(rounded, question, p), p),
        right=lambda z: model.observe(exact, z, p)[0].argmax(dim=-1) == answer,
        states=states,
        open_cells=(examples.question == 0) | (examples.givens < 0)[:, None],  # in a maze all cells are open
        idx=examples.idx,
        seed=seed,
    )
    return surroundings.measure(batch, asked, rounded["head"].dtype)


def trajectory(weights: model.Weights, p: Network, question: torch.Tensor) -> Iterator[torch.Tensor]:
    """The states (example, 2, length, width) at t = 0..T, in the dtype of the weights, one at a time."""
    x = model.embed(weights, question, p)
    z = model.initial(p, weights["head"].dtype).to(x.device).expand(len(question), -1, -1, -1)
    yield z
    for _ in range(p.act_steps):
        z = model.step(weights, z, x, p)
        yield z


def _along(act: exponents.Dynamics, states: Sequence[torch.Tensor], moving: torch.Tensor) -> torch.Tensor:
    """log |R_ii| (example, step, k) of tangents (example, n, k) pushed from each of the states (example, n)."""
    log_r = []
    for z in states:
        _, moving = act.push(z, moving)
        log_r.append(exponents.log_diagonal(exponents.orthonormalise(moving)))
    return torch.stack(log_r, dim=1)


def _distances(last: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """(example, 2) distances of z_H and z_L between two states, summed in float64."""
    return (z.double() - last.double()).flatten(2).norm(dim=2)


def _outcomes(
    weights: model.Weights, p: Network, states: Iterable[torch.Tensor], answer: torch.Tensor
) -> dict[str, np.ndarray]:
    """Drift, recurrence, answers and halting from states z(0)..z(T), each (example, 2, length, width); of the last
    ones before z(T), z_H is held.

    halted_at : first step with q_halt > 0, -1 never. q_continue is never trained, so it is undefined.
    """
    exact, halt, moved = [], [], []
    recent: deque[torch.Tensor] = deque(maxlen=LAGS)
    for last, z in itertools.pairwise(states):
        logits, q = model.observe(weights, z, p)
        right = logits.argmax(dim=-1) == answer
        exact.append(right.all(dim=1))
        halt.append(q[:, 0].double())
        moved.append(_distances(last, z))
        recent.append(last[:, 0].clone())
    back = [(z[:, 0] - before).flatten(1).norm(dim=1) for before in reversed(recent)]
    drift = torch.stack(moved, dim=1).cpu().numpy()
    q_halt = torch.stack(halt, dim=1).cpu().numpy()
    exact_t = torch.stack(exact, dim=1).cpu().numpy()
    wants = q_halt > 0
    return {
        "drift_zH": drift[:, :, 0],
        "drift_zL": drift[:, :, 1],
        "recurrence": torch.stack(back, dim=1).double().cpu().numpy(),
        "exact_t": exact_t,
        "exact_correct": exact_t[:, -1],
        "token_acc": right.double().mean(dim=1).cpu().numpy(),
        "q_halt": q_halt,
        "halted_at": np.where(wants.any(axis=1), wants.argmax(axis=1) + 1, -1),
    }
