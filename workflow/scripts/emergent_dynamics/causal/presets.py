"""Named matrices for V, Q and K: the five cases of the paper's Table 1, by the largest eigenvalue of V.

identity: all tokens end at token 0. plane: largest eigenvalue > 0, at least twice. axis: > 0, once.
negative_identity: < 0, at least twice. negative_axis: < 0, once. Karagodin, Polyanskiy & Rigollet 2024,
arXiv:2411.04990, Table 1. Imports neither Numba nor torch: the configuration is checked with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from emergent_dynamics.inputs.conditions import shape_of
from emergent_dynamics.inputs.files import read

Operator = str | Mapping[str, Any] | Sequence[Sequence[float]]

MATRICES = ("value", "query", "key")
NAMES = ("identity", "plane", "axis", "negative_identity", "negative_axis")


def matrix(operator: Operator, dimension: int) -> np.ndarray:
    """(coord, coord) float64 matrix from a name, {"diagonal": [...]}, a list of rows or {"file": path}; it acts on
    columns.

    If the file has a matrix for every layer, the result is (layer, coord, coord).
    """
    if (entries := diagonal(operator, dimension)) is not None:
        found = np.diag(entries)
    elif path := file_of(operator):
        found = read(path).astype(np.float64)
    else:
        found = np.array([[float(entry) for entry in row] for row in operator])
    if found.shape[-2:] != (dimension, dimension):
        raise ValueError(f"a {found.shape[-2]}x{found.shape[-1]} matrix where dimension is {dimension}")
    return found


def diagonal(operator: Operator, dimension: int) -> np.ndarray | None:
    """(coord,) float64 entries of a diagonal matrix given by its name or by these; None for any other operator."""
    if isinstance(operator, str):
        return _diagonal(operator, dimension)
    if isinstance(operator, Mapping) and "diagonal" in operator:
        return np.asarray(operator["diagonal"], np.float64)
    return None


def file_of(operator: Operator) -> str | None:
    """The path of the file that holds an operator; None if the operator is given in the configuration itself."""
    return operator.get("file") if isinstance(operator, Mapping) else None


def layers(operator: Operator) -> int:
    """The number of layers of an operator whose file has a matrix for each; 0 for a single matrix. Reads a header."""
    shape = shape_of(path) if (path := file_of(operator)) else ()
    return shape[0] if len(shape) == 3 else 0


def norm(a: np.ndarray) -> float:
    """|A|_2, the largest singular value; of (layer, coord, coord) the largest of any layer."""
    return float(np.linalg.norm(a, 2, axis=(-2, -1)).max())


def _diagonal(name: str, dimension: int) -> np.ndarray:
    index = np.arange(1, dimension + 1, dtype=np.float64)
    return {
        "identity": np.ones_like(index),
        "plane": np.where(index <= 2, 1.0, 0.0),
        "axis": np.where(index <= 2, 1.0 / index, 0.0),
        "negative_identity": -np.ones_like(index),
        "negative_axis": -index,
    }[name]
