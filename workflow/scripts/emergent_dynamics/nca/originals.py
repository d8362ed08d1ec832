"""What the original study's pickles hold, checked item by item: boards of alpha or of channel 1, nets, counts of alpha.

Imported before the graph of jobs is built, so it imports neither torch nor Numba.
"""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.nca.pickled import items

BOUNDED = ("sigmoid", "tanh")  # board activations whose values are at most 1
MOST = 400_000  # values of a file that are read before anything runs; 10^6 take a second


def fault(name: str, path: Path, p: Parameters) -> str:
    """Return what is wrong with the first `MOST` values of a file, in one line with its path; "" if nothing is.

    name : weights, grids, layer1 or frequency_dicts. Whatever comes later is checked when the job reads it.
    """
    read = {"weights": nets, "grids": boards, "layer1": hidden}.get(name)
    size = p.cells * (10 * p.channels**2 if name == "weights" else 1)
    if read is None or size > MOST:
        return ""
    number = 0
    try:
        for number, _ in enumerate(read(path, p), 1):
            if (number + 1) * size > MOST:
                return ""
    except ValueError as error:
        return str(error)
    fewest = p.generations + (name == "weights")
    if number not in (fewest, fewest + 1):
        return f"{path}: holds {number} generations, where generations = {p.generations} needs {fewest} or {fewest + 1}"
    return ""


def parameters_to_genes(channels: int) -> np.ndarray:
    """Return (parameter,) the gene of each parameter (fc1.weight, fc1.bias, fc2.weight, fc2.bias), -1 for a bias."""
    c = channels
    gene = np.arange(10 * c * c)
    return np.concatenate([gene[: 9 * c * c], np.full(c, -1), gene[9 * c * c :], np.full(c, -1)])


def boards(path: Path, p: Parameters, least: float = 0.0) -> Iterator[np.ndarray]:
    """Yield the boards of a file, (y, x) float32, with values from `least` on; raises ValueError for any other
    value.
    """
    most = 1.0 if p.board in BOUNDED else math.inf
    for i, item in enumerate(items(path), 1):
        board = np.asarray(item)
        if board.shape != (p.height, p.width) or board.dtype.kind not in "fiub":
            raise ValueError(
                f"{path}: board {i} has shape {board.shape}; height and width are {(p.height, p.width)}"
            )
        board = board.astype(np.float32)
        wrong = ~((board >= least) & (board <= most) & np.isfinite(board))  # NaN fails every comparison
        if wrong.any():
            y, x = np.argwhere(wrong)[0].tolist()
            raise ValueError(
                f"{path}: board {i} holds {board[y, x]} in row {y}, column {x}; from {least:g} to {most:g} is possible"
                f" with board_activation {p.board}"
            )
        yield board


def hidden(path: Path, p: Parameters) -> Iterator[np.ndarray]:
    """Yield the boards of channel 1, which unlike alpha may have negative values."""
    return boards(path, p, -1.0 if p.board in BOUNDED else -math.inf)


def nets(path: Path, p: Parameters) -> Iterator[np.ndarray]:
    """Yield the nets of a file, generation by generation: (cell, gene) float32."""
    for i, item in enumerate(items(path)):
        yield _genes(np.asarray(item), p, f"{path}: item {i + 1}")


def _genes(stored: np.ndarray, p: Parameters, where: str) -> np.ndarray:
    """Return (cell, gene) from (cell, parameter), without the biases, which are always zero."""
    gene = parameters_to_genes(p.channels)
    if stored.shape != (p.cells, gene.size) or stored.dtype.kind not in "fiub":
        raise ValueError(
            f"{where} has shape {stored.shape}; {(p.cells, gene.size)}, cells and parameters of a net, is expected"
        )
    if stored[:, gene < 0].any():
        raise ValueError(f"{where} has biases that are not zero; the model has none")
    genes = np.ascontiguousarray(stored[:, gene >= 0], np.float32)
    if not np.isfinite(genes).all():
        raise ValueError(f"{where} holds weights that are not finite")
    return genes


def compare_counts(counted: Any, board: np.ndarray, where: str) -> None:
    """Compare the originals' counts of alpha, {value: cells}, with the board, rounded in float32 as torch does."""
    if not isinstance(counted, Mapping):
        raise ValueError(
            f"{where} is a {type(counted).__name__}; counts of alpha, {{value: cells}}, are expected"
        )
    try:
        tenths = {round(10 * float(value)): int(cells) for value, cells in counted.items()}
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{where} counts what is no number; {{value: cells}} is expected") from None
    if any(abs(10 * float(value) - round(10 * float(value))) > 1e-3 for value in counted):
        raise ValueError(f"{where} counts alpha to more than one decimal; leave frequency_dicts out")
    values, cells = np.unique(np.rint(board * np.float32(10)).astype(int), return_counts=True)
    present = dict(zip(values.tolist(), cells.tolist(), strict=True))
    for value in sorted(tenths.keys() | present.keys()):
        told, found = tenths.get(value, 0), present.get(value, 0)
        if told != found:
            raise ValueError(f"{where} counts {told} cells of alpha {value / 10}; its board has {found}")
