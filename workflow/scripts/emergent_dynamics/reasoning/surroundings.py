"""Optional measurements around the trajectory of each example: other starts, disturbances, growth at every position.

They are the same for networks trained here and for official ones; `kernels.probes` computes them (torch).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from emergent_dynamics.reasoning.kernels import probes
from emergent_dynamics.reasoning.kernels.exponents import Push
from emergent_dynamics.reasoning.parameters import Diagnosis


class Examined(NamedTuple):
    """A batch of examples with the network that answers them.

    step : one ACT step of states (example, 2, L, D), float64. push : its derivative along tangents of states (example,
    n), in the dtype of the tangents. right : (example, S) whether each cell is right, from z_H (example, 1, L, D).
    states : z(0)..z(T), float64. open_cells : (example, S) whether the puzzle leaves a cell open. idx : identities.
    seed : of all draws.
    """

    step: Callable[[Tensor], Tensor]
    push: Push
    right: Callable[[Tensor], Tensor]
    states: Sequence[Tensor]
    open_cells: np.ndarray
    idx: np.ndarray
    seed: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """(2, length, width) of a state."""
        _, latents, length, width = self.states[0].shape
        return latents, length, width


def measure(batch: Examined, asked: Diagnosis, dtype: torch.dtype) -> dict[str, np.ndarray]:
    """The requested arrays of `diagnostics.SURROUNDINGS`, (example, ...). dtype : of the tangents."""
    found: dict[str, Tensor] = {}
    with torch.no_grad():
        if asked.starts:
            found |= _starts(batch, asked)
        if asked.positions:
            found |= _positions(batch, dtype)
    return {name: value.cpu().numpy() for name, value in found.items()}


def _starts(batch: Examined, asked: Diagnosis) -> dict[str, Tensor]:
    """Other starts followed for as many steps as the example's own, and its end disturbed and followed again."""
    end, steps = batch.states[-1], len(batch.states) - 1
    scale = asked.disturbance * end.flatten(1).norm(dim=1)[:, None, None, None]
    drawn = (
        probes.uniform_states(batch.seed, batch.idx, number, batch.shape).to(end.device)
        for number in range(asked.starts)
    )
    changes = (
        scale * probes.directions(batch.seed, batch.idx, number, batch.shape).to(end.device)
        for number in range(asked.starts)
    )
    others = probes.from_starts(batch.step, _z_h, end, drawn, steps)
    return {
        "start_drift": others.drift,
        "start_correct": torch.stack([batch.right(z).all(dim=1) for z in others.ends], dim=1),
        "start_distance": others.distance,
        "disturbed_distance": probes.disturbed(batch.step, _z_h, end, changes, steps),
    }


def _positions(batch: Examined, dtype: torch.dtype) -> dict[str, Tensor]:
    """Drift and growth of every cell, and whether its answer is right at the end."""
    cells = batch.open_cells.shape[1]
    prefix = batch.shape[1] - cells
    z_h = torch.stack([z[:, 0, prefix:] for z in batch.states], dim=1)
    along = [z.flatten(1).to(dtype) for z in batch.states[:-1]]

    def tangents(numbers: range) -> Tensor:
        places = [prefix + number for number in numbers]
        return probes.at_positions(batch.seed, batch.idx, places, batch.shape, dtype).to(along[0].device)

    return {
        "drift_position": z_h.diff(dim=1).norm(dim=3),
        "lyap_position": probes.growth(batch.push, along, tangents, cells),
        "right_position": batch.right(_z_h(batch.states[-1])),
        "open_position": torch.from_numpy(batch.open_cells),
    }


def _z_h(z: Tensor) -> Tensor:
    return z[:, :1]
