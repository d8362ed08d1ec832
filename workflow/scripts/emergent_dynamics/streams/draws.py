"""Arrays of draws at one address (seed, stream, run, step); entry i never depends on how many are asked for."""

import numpy as np

from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.streams.philox import key, philox4x32, uniform53

BATCH = 256  # blocks at a time, stored word by word, so that the compiler vectorises over blocks


@numba.njit(cache=True)
def _fill(words, k0, k1, run, step_low, step_high):
    """words (block, 4) uint32, overwritten: block b is the counter (b, step_low, step_high, run)."""
    lanes = np.empty((4, BATCH), np.uint32)
    for start in range(0, words.shape[0], BATCH):
        n = min(BATCH, words.shape[0] - start)
        for i in range(n):
            lanes[0, i], lanes[1, i], lanes[2, i], lanes[3, i] = philox4x32(
                np.uint32(start + i), step_low, step_high, run, k0, k1
            )
        for i in range(n):
            for lane in range(4):
                words[start + i, lane] = lanes[lane, i]


@numba.njit(cache=True)
def _uniform(words, out):
    for i in range(out.size):
        out[i] = uniform53(words[2 * i], words[2 * i + 1])


def bits(seed: int, stream: str, run: int, step: int, n: int) -> np.ndarray:
    """(n,) uint32 words of the address (seed, stream, run, step); 0 <= run < 2**32, 0 <= step < 2**64."""
    k0, k1 = key(seed, stream)
    words = np.empty((-(-n // 4), 4), np.uint32)
    _fill(words, k0, k1, np.uint32(run), np.uint32(step & 0xFFFFFFFF), np.uint32(step >> 32))
    return words.reshape(-1)[:n]


def uniform(seed: int, stream: str, run: int, step: int, n: int) -> np.ndarray:
    """(n,) float64 in [0, 1), 53 bits each."""
    out = np.empty(n)
    _uniform(bits(seed, stream, run, step, 2 * n), out)
    return out


def normal(seed: int, stream: str, run: int, step: int, n: int) -> np.ndarray:
    """(n,) float64 standard normal, by Box and Muller 1958 on pairs of uniforms; the logarithm's is in (0, 1]."""
    pairs = uniform(seed, stream, run, step, 2 * (-(-n // 2))).reshape(-1, 2)
    radius = np.sqrt(-2.0 * np.log1p(-pairs[:, 0]))
    angle = 2.0 * np.pi * pairs[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)[:n]


def integers(seed: int, stream: str, run: int, step: int, n: int, high: int) -> np.ndarray:
    """(n,) int64 in [0, high), 1 <= high <= 2**32; by multiplication, biased by less than high / 2**32."""
    return (bits(seed, stream, run, step, n).astype(np.uint64) * np.uint64(high) >> np.uint64(32)).astype(
        np.int64
    )


def choice_without_replacement(seed: int, stream: str, run: int, step: int, n: int, size: int) -> np.ndarray:
    """(size,) int64, distinct, from range(n), every subset equally likely.

    They are the places of the `size` smallest of n draws.
    """
    return np.argsort(uniform(seed, stream, run, step, n), kind="stable")[:size]
