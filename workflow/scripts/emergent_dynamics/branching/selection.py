"""The original notebook's selection: trials of the guessing game whose output is within one neuron of the input."""

import numpy as np

TOLERANCE = 2  # the notebook keeps |out - in| < 2


def within(neurons: int, tolerance: int = TOLERANCE) -> np.ndarray:
    """(k_in, k_out) bool: |out - in| < tolerance, the notebook's selection."""
    k = np.arange(neurons + 1)
    return np.abs(k[:, None] - k) < tolerance


def acceptance(joint: np.ndarray, tolerance: int = TOLERANCE) -> np.ndarray:
    """(...,) share of the trials that the selection keeps."""
    kept = np.where(within(joint.shape[-1] - 1, tolerance), joint, 0)
    return kept.sum((-2, -1)) / joint.sum((-2, -1))


def select(inputs: np.ndarray, outputs: np.ndarray, tolerance: int = TOLERANCE) -> np.ndarray:
    """(kept,) indices of the trials that the notebook would show."""
    return np.flatnonzero(np.abs(outputs.astype(np.int64) - inputs) < tolerance)
