"""Single worlds that nothing is stored of: no genome log, no frames, one `Board` each. For many short runs."""

from typing import NamedTuple

import numpy as np

from emergent_dynamics.nca import model
from emergent_dynamics.nca.kernels import cpu
from emergent_dynamics.nca.kernels.workspace import (
    Board,
    Constants,
    Scratch,
    constants,
    constants_at,
    scratch,
    slots,
)
from emergent_dynamics.nca.packing import pack
from emergent_dynamics.nca.parameters import Parameters


class Kit(NamedTuple):
    """What all worlds of one experiment share: parameters, the constants of the kernels, and their work space."""

    p: Parameters
    constants: Constants
    scratch: Scratch


class Adult(NamedTuple):
    """What a living cell holds: (channel,) values, and (gene,) weights of its net."""

    values: np.ndarray
    weights: np.ndarray


def kit(p: Parameters) -> Kit:
    """The kernels' constants and work space, made once."""
    return Kit(p, constants(p), scratch(p))


def founded(p: Parameters, run: int) -> Board:
    """The world of run `run` at generation 0, as `model.initial` makes it."""
    state = {name: array[None] for name, array in empty(p)._asdict().items()} | {
        "n_genomes": np.zeros(1, np.int64)
    }
    world, _ = model.initial(p, run)
    pack(state, 0, world)
    return Board(*(state[name][0] for name in Board._fields))


def empty(p: Parameters) -> Board:
    """A world in which nobody lives."""
    shape, rows = (p.height, p.width), slots(p)
    return Board(
        np.zeros((p.channels, *shape), np.float32),
        np.zeros(shape, np.int32),
        np.zeros(shape, np.int32),
        np.zeros((rows, p.genes), np.float32),
        np.zeros(rows, np.int32),
    )


def settle_one(p: Parameters, adult: Adult) -> Board:
    """An empty world but for one newly adult cell in its middle."""
    board, y, x = empty(p), p.height // 2, p.width // 2
    board.layers[:, y, x], board.slot[y, x], board.age[y, x] = adult.values, 1, 1
    board.table[1], board.genome[1] = adult.weights, 1
    return board


def adults(board: Board, p: Parameters) -> list[Adult]:
    """Every living cell that has a net, in row-major order."""
    found = np.argwhere(model.is_alive(board.layers[0], p) & (board.slot > 0))
    return [Adult(board.layers[:, y, x].copy(), board.table[board.slot[y, x]].copy()) for y, x in found]


def copied(board: Board) -> Board:
    """The same world once more, in arrays of its own."""
    return Board(*(array.copy() for array in board))


def remove(board: Board, cell: int) -> None:
    """Empty one cell, in place; its index is row-major."""
    y, x = divmod(cell, board.slot.shape[1])
    board.layers[:, y, x], board.slot[y, x], board.age[y, x] = 0, 0, 0


def advance(board: Board, of: Kit, run: int, start: int, stop: int) -> None:
    """Generations start + 1 ... stop in place; equal to `model.step` on the draws of `run`, genome ids aside."""
    born = 1
    for generation in range(start + 1, stop + 1):
        k = constants_at(of.constants, of.p, generation)
        _, births, _ = cpu.generation(board, 0, born, generation, run, k, of.scratch)
        born += births


def alive(board: Board, p: Parameters) -> int:
    """How many cells live."""
    return int(model.is_alive(board.layers[0], p).sum())
