"""Decide which nets produced which board in the pickles of the original study, by computing the boards again.

The published programs store the boards of generations 1, 2, ... but differ in when they store the nets: `nca.py` after
an update, so that item t holds the nets of generation t, and `run.py` before it, so that item t + 1 holds them. With
the right nets the next board is reproduced to rounding; with others it differs by tenths.
"""

from typing import NamedTuple

import numpy as np

from emergent_dynamics.nca.model import ACTIVATIONS
from emergent_dynamics.nca.parameters import RULES, Parameters

LATE = (0, 1)  # generations by which the stored nets may lag behind
REPLAYED = 8  # generations that are computed again
AGREES = 1e-3  # in alpha; sums of float32 in another order differ by 1e-6, boards of wrong nets by 0.1
UNDECIDED = "not decided, read as nca.py stores them"


class Pairing(NamedTuple):
    """late : the number of generations by which the stored nets lag behind the boards. reason : how this was
    decided.
    """

    late: int
    reason: str


class Recorded(NamedTuple):
    """The first items of the files. nets : (cell, gene). boards, hidden : (y, x), where hidden is channel 1, if it
    was recorded.
    """

    nets: list[np.ndarray]
    boards: list[np.ndarray]
    hidden: list[np.ndarray]


def decide(seen: Recorded, p: Parameters) -> Pairing:
    """Return the pairing for which the boards are reproduced to `AGREES`, or that of `nca.py` where both or none
    are.
    """
    if RULES[p.rule].hidden != "full" and (not seen.hidden or p.channels > 2):
        return Pairing(
            0, f"{UNDECIDED}: rule {p.rule} draws the founders' hidden channels; give pickles.layer1"
        )
    errors = {late: worst_error(seen, p, late) for late in LATE}
    fitting = [late for late, error in errors.items() if error < AGREES]
    told = " and ".join(f"{error:.1e} with nets {late} generations late" for late, error in errors.items())
    if len(fitting) == 1:
        when = ("after the update, as nca.py does", "before the update, as run.py does")[fitting[0]]
        return Pairing(fitting[0], f"nets are stored {when}; alpha made again differs by {told}")
    if np.isnan(list(errors.values())).all():
        return Pairing(0, f"{UNDECIDED}: no cell is alive in the boards that were made again")
    why = "either makes the boards" if fitting else "neither makes the boards: another rule or activation?"
    return Pairing(0, f"{UNDECIDED}: {why}; alpha made again differs by {told}")


def worst_error(seen: Recorded, p: Parameters, late: int) -> float:
    """Return the largest difference of alpha, over living cells, between the boards and those computed with nets
    `late` items later.

    Hidden channels that are not recorded are computed too, beginning with the founders'. NaN without a living cell.
    """
    worst = np.nan
    nets = seen.nets[late:]
    alpha = nets[0].any(axis=1).astype(np.float32).reshape(p.height, p.width) if nets else np.empty(0)
    layers = np.repeat(alpha[None], p.channels, axis=0)
    # frame t: nets[t] and the board made by nets[t - 1]; frame 0 has no board
    for i, (net, board) in enumerate(zip(nets, seen.boards, strict=False)):
        made = forward(net, layers, p)
        alive = board > 0
        if alive.any():
            worst = np.fmax(worst, np.abs(made[0] - board)[alive].max())
        layers = np.where(alive, made, np.float32(0))
        layers[0] = board
        if i < len(seen.hidden):
            layers[1] = seen.hidden[i]
    return float(worst)


def forward(nets: np.ndarray, layers: np.ndarray, p: Parameters) -> np.ndarray:
    """Return (channel, y, x) outputs of the nets (cell, gene) of all cells, before any cell is cleared: `model.net`
    for all cells.
    """
    c = p.channels
    around = [np.roll(layers, (-dy, -dx), (1, 2)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    inputs = np.stack(around, axis=1).reshape(9 * c, -1)
    first, second = nets[:, : 9 * c * c].reshape(-1, c, 9 * c), nets[:, 9 * c * c :].reshape(-1, c, c)
    hidden = ACTIVATIONS[p.activation](np.einsum("nij,jn->ni", first, inputs))
    out = ACTIVATIONS[p.board](np.einsum("nij,nj->in", second, hidden))
    return out.reshape(c, p.height, p.width)
