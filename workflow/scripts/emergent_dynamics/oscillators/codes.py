"""Phases as they are stored: whole codes of 1/65536 turn from -pi, or float32."""

import numpy as np

CODES = 65536  # codes per turn: theta = code 2 pi / 65536 - pi
PARTS = 8  # pieces in which a stored block of 8 million phases is read, since analyses hold several float64 copies


def encode(theta: np.ndarray) -> np.ndarray:
    """The nearest codes of phases in [-pi, pi] rad, int64 from 0 to 65536: pi itself gets 65536, not 0."""
    return np.rint((theta.astype(float) + np.pi) * (CODES / (2 * np.pi))).astype(np.int64)


def decode(codes: np.ndarray) -> np.ndarray:
    """Phase in [-pi, pi) rad of stored codes, as a CF reader would: code 2 pi / 65536 - pi, float64."""
    return codes * (2 * np.pi / CODES) - np.pi


def stored(theta: np.ndarray, dtype: str) -> np.ndarray:
    """Phases in rad as the store holds them: codes for uint16, rad for float32."""
    return (encode(theta) % CODES).astype(np.uint16) if dtype == "uint16" else theta.astype(np.float32)
