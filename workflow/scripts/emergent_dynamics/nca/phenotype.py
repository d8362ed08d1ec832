"""Measures of a board: GEP (entropy), GCVP (share of cells off the median), CLOGV (local organisation), compressed
size.

All are functions of q, alpha in tenths, as uint8 (frame, y, x) or as counts of its values (frame, value). Source:
Jain & Nichele 2024, whose definitions are accompanied by corrected forms.
"""

import zlib

import numpy as np

from emergent_dynamics.runtime.compiler import numba

VALUES = tuple(f"n_{k / 10:.1f}" for k in range(11))  # columns of the counts of alpha


def measure(alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return counts (frame, 256) int64 and CLOGV (frame,) of alpha (frame, y, x) uint8."""
    counts, order = np.empty((len(alpha), 256), np.int64), np.empty(len(alpha))
    for i, frame in enumerate(alpha):
        counts[i] = np.bincount(frame.reshape(-1), minlength=256)
        order[i] = clogv(frame, counts[i])
    return counts, order


def entropy(counts: np.ndarray) -> np.ndarray:
    """Return the Shannon entropy of counts (..., value) in nats; an absent value adds nothing."""
    share = counts / counts.sum(axis=-1, keepdims=True)
    return -np.where(counts > 0, share * np.log(np.where(counts > 0, share, 1.0)), 0.0).sum(axis=-1)


def gep(counts: np.ndarray) -> np.ndarray:
    """Return the global entropy H / ln K in [0, 1], where K is the number of values present, and 0 for K = 1.

    K changes over time, so values of different generations are not strictly comparable.
    """
    present = (counts > 0).sum(axis=-1)
    return np.where(present > 1, entropy(counts) / np.log(np.maximum(present, 2)), 0.0)


def gcvp(counts: np.ndarray) -> np.ndarray:
    """Return the gross cell variance in [0, 1]: the square root of the share of cells whose q is not the median
    (rounded half to even).
    """
    total, below = counts.sum(axis=-1), counts.cumsum(axis=-1)
    lower = (below >= (total[..., None] + 1) // 2).argmax(axis=-1)
    upper = (below >= total[..., None] // 2 + 1).argmax(axis=-1)
    median = np.rint((lower + upper) / 2).astype(int)
    on = np.take_along_axis(counts, median[..., None], axis=-1)[..., 0]
    return np.sqrt(1 - on / total)


def alpha_sd(counts: np.ndarray) -> np.ndarray:
    """Return the population standard deviation of alpha = q / 10 over cells."""
    q = np.arange(counts.shape[-1]) / 10
    share = counts / counts.sum(axis=-1, keepdims=True)
    mean = (share * q).sum(axis=-1, keepdims=True)
    return np.sqrt((share * (q - mean) ** 2).sum(axis=-1))


def complexity(alpha: np.ndarray) -> np.ndarray:
    """Return the bits per cell of each compressed (deflate) frame, alpha (frame, y, x) uint8; order along rows needs
    fewer bits.
    """
    return np.array([8 * len(zlib.compress(frame.tobytes(), 1)) / frame.size for frame in alpha])


def clogv(q: np.ndarray, counts: np.ndarray) -> float:
    """Return the local organisation: the sd over cells of the sd, within each wrapped 3x3 neighbourhood, of f = (n_q
    - min n) / (max n - min n).

    n_q is the number of cells with the value q, and min and max are over the values present; the result is 0 if they
    are equal, and at most 1/4.
    """
    present = counts[counts > 0]
    spread = present.max() - present.min()
    if spread == 0:
        return 0.0
    return float(_local_sd_sd(q, (counts - present.min()) / spread))


@numba.njit(cache=True)
def _local_sd_sd(q, share):
    """The sd over cells of the sd in each neighbourhood, in two passes; q (y, x) uint8, share (256,) float64."""
    # Floor: 18 loads and adds and a square root per cell, 0.1 ms for 200x200. No sum runs along x, so rows vectorise.
    height, width = q.shape
    f = np.empty((height + 2, width + 2))
    for y in range(height + 2):
        row = q[(y - 1) % height]
        for x in range(width):
            f[y, x + 1] = share[row[x]]
        f[y, 0], f[y, width + 1] = f[y, width], f[y, 1]
    local = np.empty((height, width))
    for y in range(height):
        for x in range(width):
            mean = 0.0
            for dy in range(3):
                mean += f[y + dy, x] + f[y + dy, x + 1] + f[y + dy, x + 2]
            mean /= 9.0
            square = 0.0
            for dy in range(3):
                for dx in range(3):
                    square += (f[y + dy, x + dx] - mean) ** 2
            local[y, x] = np.sqrt(square / 9.0)
    return np.std(local)
