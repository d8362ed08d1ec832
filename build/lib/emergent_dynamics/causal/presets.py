"""Named matrices for V, Q and K: the five cases of the paper's Table 1, by the largest eigenvalue of V.

identity: all tokens end at token 0. plane: largest eigenvalue > 0, at least twice. axis: > 0, once.
negative_identity: < 0, at least twice. negative_axis: < 0, once. Karagodin, Polyanskiy & Rigollet 2024,
arXiv:2411.04990, Table 1. Imports neither Numba nor torch: the configuration is checked with it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

Operator = str | Mapping[str, Sequence[float]] | Sequence[Sequence[float]]

NAMES = ("identity", "plane", "axis", "negative_identity", "negative_axis")


def matrix(operator: Operator, dimension: int) -> np.ndarray:
    """(coord, coord) float64 of a name, a {"diagonal": [...]} or a list of rows; it acts on columns."""
    if isinstance(operator, str):
        return np.diag(_diagonal(operator, dimension))
    if isinstance(operator, Mapping):
        found = np.diag(np.asarray(operator["diagonal"], np.float64))
    else:
        found = np.array([[float(entry) for entry in row] for row in operator])
    if found.shape != (dimension, dimension):
        raise ValueError(f"a {found.shape[0]}x{found.shape[-1]} matrix where dimension is {dimension}")
    return found


def norm(a: np.ndarray) -> float:
    """|A|_2, the largest singular value."""
    return float(np.linalg.norm(a, 2))


def _diagonal(name: str, dimension: int) -> np.ndarray:
    index = np.arange(1, dimension + 1, dtype=np.float64)
    return {
        "identity": np.ones_like(index),
        "plane": np.where(index <= 2, 1.0, 0.0),
        "axis": np.where(index <= 2, 1.0 / index, 0.0),
        "negative_identity": -np.ones_like(index),
        "negative_axis": -index,
    }[name]
