"""The selection of the original notebook: trials of the guessing game whose output is within one neuron of the
input.
"""

import numpy as np

TOLERANCE = 2  # the notebook keeps |out - in| < 2


def within(neurons: int, tolerance: int = TOLERANCE) -> np.ndarray:
    """Return (k_in, k_out) bool: whether |out - in| < tolerance, as the original notebook selects."""
    k = np.arange(neurons + 1)
    return np.abs(k[:, None] - k) < tolerance


def acceptance(joint: np.ndarray, tolerance: int = TOLERANCE) -> np.ndarray:
    """Return (...,) the share of the trials that the selection keeps."""
    kept = np.where(within(joint.shape[-1] - 1, tolerance), joint, 0)
    return kept.sum((-2, -1)) / joint.sum((-2, -1))


def select(inputs: np.ndarray, outputs: np.ndarray, tolerance: int = TOLERANCE) -> np.ndarray:
    """Return (kept,) the indices of the trials that the original notebook would show."""
    return np.flatnonzero(np.abs(outputs.astype(np.int64) - inputs) < tolerance)
