"""Measurements around the trajectory of an example: other starts, disturbances of its end, and growth by position
(torch).

All functions take maps of a batch of states, and treat every example on its own. Draws are addressed by the identity of
the example, so that nothing depends on the batch.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from emergent_dynamics import streams
from emergent_dynamics.reasoning.kernels.exponents import FLOOR, Push
from emergent_dynamics.reasoning.official.cost import AT_ONCE

Step = Callable[[Tensor], Tensor]  # (example, ...) to (example, ...)


class Ends(NamedTuple):
    """Where trajectories from other starts end.

    drift : (example, start, step) distances between neighbouring states. ends : (start, example, ...) the part of the
    last states that `read` returns. distance : (example, 1 + start, 1 + start) between the ends; index 0 is the end of
    the example's own trajectory.
    """

    drift: Tensor
    ends: Tensor
    distance: Tensor


def from_starts(step: Step, read: Step, end: Tensor, starts: Iterable[Tensor], steps: int) -> Ends:
    """Follow other starts for `steps` steps and return the drifts and distances of their ends.

    read : returns the part of a state in which drift and distance are measured. end : (example, ...) the state at which
    the example's own trajectory ended. starts : states (example, ...), at least one.
    """
    drifts, ends = [], []
    for z in starts:
        drift, last = _follow(step, read, z, steps)
        drifts.append(drift)
        ends.append(read(last))
    flat = torch.stack([read(end), *ends], dim=1).flatten(2)
    distance = torch.cdist(flat, flat, compute_mode="donot_use_mm_for_euclid_dist")
    return Ends(torch.stack(drifts, dim=1), torch.stack(ends), distance)


def disturbed(step: Step, read: Step, end: Tensor, disturbances: Iterable[Tensor], steps: int) -> Tensor:
    """(example, disturbance) distances, after `steps` more steps, from the trajectory that goes on undisturbed."""
    _, goal = _follow(step, read, end, steps)
    apart = []
    for change in disturbances:
        _, last = _follow(step, read, end + change, steps)
        apart.append((read(last) - read(goal)).flatten(1).norm(dim=1))
    return torch.stack(apart, dim=1)


def growth(push: Push, states: Sequence[Tensor], starts: Callable[[range], Tensor], count: int) -> Tensor:
    """(example, count) exponents (1/T) log |J_T ... J_1 v| of the tangents v that `starts` gives, float64.

    states : z(0)..z(T-1), (example, n) each. starts : function of indices 0..count-1, returns these tangents (example,
    n, indices). Tangents are scaled after each step, not made orthogonal, so each exponent is the growth of its own
    disturbance. At least FLOOR per step.
    """
    parts = []
    for first in range(0, count, AT_ONCE):
        v = starts(range(first, min(first + AT_ONCE, count)))
        size = v.norm(dim=1)
        v, total = v / size[:, None], torch.zeros(size.shape, dtype=torch.float64, device=v.device)
        for z in states:
            _, v = push(z, v)
            size = v.norm(dim=1)
            v = v / size.clamp_min(torch.finfo(v.dtype).tiny)[:, None]
            total += size.double().log().clamp_min(FLOOR)
        parts.append(total / len(states))
    return torch.cat(parts, dim=1)


def uniform_states(seed: int, idx: np.ndarray, number: int, shape: tuple[int, int, int]) -> Tensor:
    """(example, 2, length, width) float64 states of a network, every token uniform on the sphere of norm sqrt(width) on
    which normalised tokens lie; start `number` of each example."""
    z = _normal(seed, "reasoning.start", idx, number, shape)
    return z * (shape[2] ** 0.5 / z.norm(dim=-1, keepdim=True))


def directions(seed: int, idx: np.ndarray, number: int, shape: tuple[int, int, int]) -> Tensor:
    """(example, 2, length, width) float64 unit vectors, uniform; disturbance `number` of each example."""
    z = _normal(seed, "reasoning.disturbance", idx, number, shape)
    return z / z.flatten(1).norm(dim=1)[:, None, None, None]


def at_positions(
    seed: int, idx: np.ndarray, positions: Sequence[int], shape: tuple[int, int, int], dtype: torch.dtype
) -> Tensor:
    """(example, n, positions) tangents that are random at one position, in both latents, and 0 elsewhere."""
    latents, _, width = shape
    v = torch.zeros(len(idx), *shape, len(positions), dtype=dtype)
    for column, position in enumerate(positions):
        drawn = _normal(seed, "reasoning.position", idx, position, (latents, 1, width))
        v[:, :, position, :, column] = drawn[:, :, 0].to(dtype)
    return v.flatten(1, 3)


def _normal(seed: int, stream: str, idx: np.ndarray, number: int, shape: tuple[int, int, int]) -> Tensor:
    size = int(np.prod(shape))
    drawn = [streams.normal(seed, stream, int(i), number, size).reshape(shape) for i in idx]
    return torch.from_numpy(np.stack(drawn))


def _follow(step: Step, read: Step, z: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """(example, step) distances between neighbouring states, and the last state."""
    drift = []
    for _ in range(steps):
        moved = step(z)
        drift.append((read(moved) - read(z)).flatten(1).norm(dim=1))
        z = moved
    return torch.stack(drift, dim=1), z
