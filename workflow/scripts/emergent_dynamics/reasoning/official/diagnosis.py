"""Diagnoses an official model: the trajectory, drift, answers and exponents of its examples (torch).

Drift, cells and answers are those of a float64 trajectory, whatever the dtype of the tangents: in float32 the
relative drift ends at 10^-6.6, in float64 below 10^-15. Tangents are taken at the states of that trajectory.
"""

import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from emergent_dynamics import engines
from emergent_dynamics.reasoning import devices, diagnostics, surroundings
from emergent_dynamics.reasoning.kernels import exponents, official_tangent
from emergent_dynamics.reasoning.official import cost, network
from emergent_dynamics.reasoning.official.architecture import Architecture
from emergent_dynamics.reasoning.official.network import Network
from emergent_dynamics.reasoning.parameters import Diagnosis

LAGS = 8
SUDOKU = {(16, 6), (36, 8), (81, 11)}  # (cells, vocabulary of padding, blank and digits) of Sudoku data
CUDA_SHARE = 0.5  # share of the free memory of a device that one batch may fill
FLOAT64_MATRIX_UNITS = ((8, 0), (9, 0))  # compute capabilities on which float64 is as fast as float32


class Question(NamedTuple):
    """The input of a batch of examples.

    tokens, answer : (example, S), where answer is -1 in cells that do not count. puzzle : embeddings (example,
    numbers) or None. idx : identities, which seed the tangents.
    """

    tokens: np.ndarray
    answer: np.ndarray
    puzzle: np.ndarray | None
    idx: np.ndarray

    def take(self, rows: slice) -> "Question":
        """Some of the examples."""
        puzzle = None if self.puzzle is None else self.puzzle[rows]
        return Question(self.tokens[rows], self.answer[rows], puzzle, self.idx[rows])


def diagnose_shard(
    trajectory: xr.Dataset,
    groups: tuple[xr.Dataset, xr.Dataset],
    device: str,
    wanted: Diagnosis,
    shard: tuple[int, int],
    seed: int,
) -> dict[str, xr.Dataset]:
    """{`step_<checkpoint>`: diagnostics} of the examples of a shard (training step, number).

    groups : `weights` and `test`, as `reading.Checkpoints` stores them. device : cpu, cuda or auto.
    """
    torch.set_num_threads(1)
    stored, test = groups
    sizes = Architecture.from_dict(json.loads(trajectory.attrs["architecture"]))
    chosen = devices.choose(device)
    device = chosen.device
    planned = cost.planned(vars(wanted), sizes.act_steps)
    work = replace(planned, dtype=precision(wanted.dtype, device))
    steps = trajectory["step"].values
    at = int(np.flatnonzero(steps == shard[0])[0])
    size = cost.shard(sizes, planned, test.sizes["example"])
    rows = slice(shard[1] * size, min((shard[1] + 1) * size, test.sizes["example"]))
    weights = {str(name): array.isel(checkpoint=at) for name, array in stored.data_vars.items()}
    puzzle = weights.pop("puzzle").isel(example=rows).values if sizes.puzzle_width else None
    here = {str(name): array.isel(example=rows).values for name, array in test.data_vars.items()}
    question = Question(here["question"], here["answer"], puzzle, here["idx"])
    held = batch_size(sizes, work, device)
    examples = len(question.idx)
    print(
        f"step {shard[0]}, {examples} examples in batches of {min(held, examples)} on {device}, tangents in "
        f"{work.dtype}: {cost.describe(sizes, work, examples, 1)}",
        file=sys.stderr,
    )
    models = Precisions({name: array.values for name, array in weights.items()}, sizes, work, device)
    parts = [
        diagnose(models, question.take(slice(start, start + held)), seed, wanted)
        for start in range(0, examples, held)
    ]
    measured = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    measured |= {name: here[name] for name in ("idx", "base_puzzle", "givens")}
    about = _about(sizes, work, wanted.estimator, chosen)
    if len(steps) > 1:
        about["series"] = "checkpoints"
    about |= {"disturbance": wanted.disturbance, "step": shard[0], "headline": int(at == len(steps) - 1)}
    return {f"step_{shard[0]}": diagnostics.dataset(measured, about)}


class Precisions:
    """One model in the precisions that a diagnosis needs: `exact` float64, `tangent` as asked, `rounded` bfloat16."""

    def __init__(
        self, weights: dict[str, np.ndarray], sizes: Architecture, work: cost.Work, device: str = "cpu"
    ) -> None:
        self.work = work
        self.exact = network.build(weights, sizes, torch.float64, device)
        same = work.dtype == "float64"
        self.tangent = self.exact if same else network.build(weights, sizes, torch.float32, device)
        self.rounded = network.build(weights, sizes, torch.bfloat16, device)


def diagnose(
    models: Precisions, question: Question, seed: int, asked: Diagnosis | None = None
) -> dict[str, np.ndarray]:
    """Diagnose one batch: the arrays of `diagnostics.VARIABLES`, (example, ...).

    The other examples of a batch affect an example only through the order of floating-point sums.
    """
    exact, work = models.exact, models.work
    x, states = trajectory(exact, question, work.steps)
    measured = outcomes(exact, states, question.answer)
    if work.exponents:
        measured |= _exponents(models, question, x, states, seed)
    if asked is not None:
        measured |= _surroundings(models, question, x, states, asked, seed)
    with torch.no_grad():
        _, rounded = trajectory(models.rounded, question, work.steps, last=True)
        logits, _ = network.observe(models.rounded, rounded[-1])
    answer = torch.from_numpy(question.answer).to(logits.device)
    measured["exact_bfloat16"] = _right(logits, answer).all(dim=1).double().cpu().numpy()
    return measured


def trajectory(
    net: Network, question: Question, steps: int, last: bool = False
) -> tuple[Tensor, list[Tensor]]:
    """The injected input x (example, L, D) and the states (example, 2, L, D) at t = 0..steps, or the last one."""
    device, dtype = net.start.device, net.start.dtype
    puzzle = None if question.puzzle is None else torch.from_numpy(question.puzzle).to(device, dtype)
    with torch.no_grad():
        x = network.embed(net, torch.from_numpy(question.tokens).to(device), puzzle)
        states = [network.initial(net, len(question.idx))]
        for _ in range(steps):
            moved = network.step(net, states[-1], x)
            states = [moved] if last else [*states, moved]
    return x, states


def outcomes(net: Network, states: Sequence[Tensor], answer: np.ndarray) -> dict[str, np.ndarray]:
    """Drift, recurrence, answers and halting of states z(0)..z(T), each (example, 2, L, D).

    Cells with a negative answer do not count. halted_at : first step with q_halt > 0, or q_halt > q_continue where
    the model has both; -1 never. q_continue is undefined where it was never trained.
    """
    wanted = torch.from_numpy(answer).to(net.start.device)
    counted = (wanted >= 0).sum(dim=1)
    drift = [(z - before).flatten(2).norm(dim=2) for before, z in itertools.pairwise(states)]
    lags = range(1, min(LAGS, len(states) - 1) + 1)
    back = [(states[-1][:, 0] - states[-1 - lag][:, 0]).flatten(1).norm(dim=1) for lag in lags]
    exact, halting = [], []
    with torch.no_grad():
        for z in states[1:]:
            logits, q = network.observe(net, z)
            right = _right(logits, wanted)
            exact.append(right.all(dim=1))
            halting.append(q)
    token = (right & (wanted >= 0)).sum(dim=1).double() / counted
    q = torch.stack(halting, dim=1).cpu().numpy()
    exact_t = torch.stack(exact, dim=1).cpu().numpy()
    drifts = torch.stack(drift, dim=1).cpu().numpy()
    wants = q[:, :, 0] > (0.0 if net.sizes.halts_alone else q[:, :, 1])
    return {
        "drift_zH": drifts[:, :, 0],
        "drift_zL": drifts[:, :, 1],
        "recurrence": torch.stack(back, dim=1).cpu().numpy(),
        "exact_t": exact_t,
        "exact_correct": exact_t[:, -1],
        "token_acc": token.cpu().numpy(),
        "q_halt": q[:, :, 0],
        "q_continue": np.full(exact_t.shape, np.nan) if net.sizes.halts_alone else q[:, :, 1],
        "halted_at": np.where(wants.any(axis=1), wants.argmax(axis=1) + 1, -1),
    }


def dynamics(net: Network, x: Tensor) -> exponents.Dynamics:
    """One ACT step and its derivative, as a map of states (example, n) with a fixed input x (example, L, D)."""
    shape = (2, net.sizes.length, net.sizes.width)

    def step(z: Tensor) -> Tensor:
        return network.step(net, z.unflatten(1, shape), x).flatten(1)

    return exponents.Dynamics(step, official_tangent.pushing(net, x))


def precision(wanted: str, device: str) -> str:
    """The dtype of the tangents: `auto` is float64 on devices with float64 matrix units, else float32."""
    if wanted != "auto":
        return wanted
    able = device == "cuda" and torch.cuda.get_device_capability() in FLOAT64_MATRIX_UNITS
    return "float64" if able else "float32"


def batch_size(sizes: Architecture, work: cost.Work, device: str) -> int:
    """The number of examples computed together: as many as fit in the free memory of a GPU, or in a job on a CPU."""
    if device == "cpu":
        return cost.batch(sizes, work)
    free, _ = torch.cuda.mem_get_info()
    return cost.batch(sizes, work, CUDA_SHARE * free)


def _exponents(
    models: Precisions, question: Question, x: Tensor, states: Sequence[Tensor], seed: int
) -> dict[str, np.ndarray]:
    net, work = models.tangent, models.work
    dtype, device, k = net.start.dtype, net.start.device, work.exponents
    act = dynamics(net, x.to(dtype))
    along = [z.flatten(1).to(dtype) for z in states[:-1]]
    q = exponents.tangents(seed, question.idx, net.sizes.state_size, k + cost.EXTRA, dtype).to(device)
    moving, log_r = q[:, :, :k].contiguous(), []
    with torch.no_grad():
        for z in along:
            _, pushed = act.push(z, moving)
            moving, r = exponents.orthonormal(pushed)
            log_r.append(exponents.log_diagonal(r))
    stacked = torch.stack(log_r, dim=1).cpu().numpy()
    measured = {"logR": stacked, "lyap_raw": stacked.mean(axis=1)}
    if work.svd:
        measured["lyap_svd"] = exponents.svd_along(act, along, q, k)[0].numpy()
    return measured


def _surroundings(
    models: Precisions, question: Question, x: Tensor, states: Sequence[Tensor], asked: Diagnosis, seed: int
) -> dict[str, np.ndarray]:
    """Measure other starts, disturbances and positions if they are asked for."""
    exact, tangent = models.exact, models.tangent
    answer = torch.from_numpy(question.answer).to(x.device)
    dtype = tangent.start.dtype
    batch = surroundings.Examined(
        step=lambda z: network.step(exact, z, x),
        push=official_tangent.pushing(tangent, x.to(dtype)),
        right=lambda z: _right(network.observe(exact, z)[0], answer),
        states=states,
        open_cells=_open(question, exact.sizes),
        idx=question.idx,
        seed=seed,
    )
    return surroundings.measure(batch, asked, dtype)


def _open(question: Question, sizes: Architecture) -> np.ndarray:
    """(example, S) cells that count and that a Sudoku leaves open; of other tasks all that count."""
    is_sudoku = (sizes.positions, sizes.vocabulary) in SUDOKU
    return (question.answer >= 0) & ((question.tokens == 1) | (not is_sudoku))


def _right(logits: Tensor, answer: Tensor) -> Tensor:
    """Return (example, S): whether the cell is right or does not count."""
    return (logits.argmax(dim=-1) == answer) | (answer < 0)


def _about(
    sizes: Architecture, work: cost.Work, estimator: Sequence[str], chosen: engines.Choice
) -> dict[str, object]:
    return {
        "unit": diagnostics.UNIT,
        "estimator": "+".join(estimator) if work.exponents else "none",
        "floor": float(np.finfo(np.float64).eps * sizes.scale),
        "dimensions": sizes.state_size,
        "sub_updates_per_step": sizes.sub_updates,
        "state_norm": sizes.scale,
        "dtype": f"drift float64, tangents {work.dtype}",
        "halting_rule": "q_halt > 0" if sizes.halts_alone else "q_halt > q_continue",
        "averaged": int(sizes.averaged),
        "device": devices.recorded(chosen),
        "engine": "torch",
        "engine_reason": chosen.reason,
    }
