"""Worlds of which nothing is stored, neither a genome log nor frames, for many short runs; each is one `Board`."""

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
    """The objects that all worlds of an experiment share: parameters, constants of the kernels, their work space."""

    p: Parameters
    constants: Constants
    scratch: Scratch


class Adult(NamedTuple):
    """The contents of a living cell: the values of its channels (channel,), and the weights (gene,) of its net."""

    values: np.ndarray
    weights: np.ndarray


def kit(p: Parameters) -> Kit:
    """Return the constants and the work space of the kernels for an experiment."""
    return Kit(p, constants(p), scratch(p))


def founded(p: Parameters, run: int) -> Board:
    """Return the world of run `run` at generation 0, as `model.initial` makes it."""
    state = {name: array[None] for name, array in empty(p)._asdict().items()} | {
        "n_genomes": np.zeros(1, np.int64)
    }
    world, _ = model.initial(p, run)
    pack(state, 0, world)
    return Board(*(state[name][0] for name in Board._fields))


def empty(p: Parameters) -> Board:
    """Return a world in which no cell is alive."""
    shape, rows = (p.height, p.width), slots(p)
    return Board(
        np.zeros((p.channels, *shape), np.float32),
        np.zeros(shape, np.int32),
        np.zeros(shape, np.int32),
        np.zeros((rows, p.genes), np.float32),
        np.zeros(rows, np.int32),
    )


def settle_one(p: Parameters, adult: Adult) -> Board:
    """Return a world that is empty except for one newly adult cell in its middle."""
    board, y, x = empty(p), p.height // 2, p.width // 2
    board.layers[:, y, x], board.slot[y, x], board.age[y, x] = adult.values, 1, 1
    board.table[1], board.genome[1] = adult.weights, 1
    return board


def adults(board: Board, p: Parameters) -> list[Adult]:
    """Return every living cell that has a net, in row-major order."""
    found = np.argwhere(model.is_alive(board.layers[0], p) & (board.slot > 0))
    return [Adult(board.layers[:, y, x].copy(), board.table[board.slot[y, x]].copy()) for y, x in found]


def copied(board: Board) -> Board:
    """Return a copy of a world in arrays of its own."""
    return Board(*(array.copy() for array in board))


def remove(board: Board, cell: int) -> None:
    """Empty one cell, in place; its index is row-major."""
    y, x = divmod(cell, board.slot.shape[1])
    board.layers[:, y, x], board.slot[y, x], board.age[y, x] = 0, 0, 0


def advance(board: Board, of: Kit, run: int, start: int, stop: int) -> None:
    """Compute generations start + 1 ... stop in place; equal to `model.step` on the draws of `run` except for genome
    ids.
    """
    born = 1
    for generation in range(start + 1, stop + 1):
        k = constants_at(of.constants, of.p, generation)
        _, births, _ = cpu.generation(board, 0, born, generation, run, k, of.scratch)
        born += births


def alive(board: Board, p: Parameters) -> int:
    """Return the number of living cells."""
    return int(model.is_alive(board.layers[0], p).sum())
