"""Philox4x32-10, callable from Numba kernels and from Python."""

import hashlib

import numpy as np

from emergent_dynamics.runtime.compiler import numba

MULTIPLIER_0 = np.uint64(0xD2511F53)
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
WEYL_0 = np.uint32(0x9E3779B9)
WEYL_1 = np.uint32(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


@numba.njit(cache=True, inline="always")
def philox4x32(c0, c1, c2, c3, k0, k1):
    """Four random uint32 words of the counter (c0, c1, c2, c3) under the key (k0, k1), all uint32.

    Equal to Random123's philox4x32 with 10 rounds (known-answer test in tests/streams).
    """
    # Floor: 20 32x32->64 multiplications per block, 0.4 ns per word when the loop around it vectorises.
    for _ in range(10):
        p0 = MULTIPLIER_0 * np.uint64(c0)
        p1 = MULTIPLIER_1 * np.uint64(c2)
        c0, c1, c2, c3 = (
            np.uint32(p1 >> HALF) ^ c1 ^ k0,
            np.uint32(p1 & LOW),
            np.uint32(p0 >> HALF) ^ c3 ^ k1,
            np.uint32(p0 & LOW),
        )
        k0 = np.uint32(k0 + WEYL_0)
        k1 = np.uint32(k1 + WEYL_1)
    return c0, c1, c2, c3


@numba.njit(cache=True, inline="always")
def uniform53(high, low):
    """A float64 in [0, 1) with 53 random bits from two uint32 words."""
    return (np.uint64(high >> np.uint32(5)) * np.uint64(67108864) + np.uint64(low >> np.uint32(6))) * (
        1.0 / 9007199254740992.0
    )


def key(seed: int, stream: str) -> tuple[np.uint32, np.uint32]:
    """The Philox key of a named stream: the 64-bit seed, xor the first 64 bits of the name's sha256.

    seed : 0 <= seed < 2**64. stream : for example "system.initial"; one name per purpose.
    """
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed = {seed}: must be an integer from 0 to 2**64 - 1")
    word = seed ^ int.from_bytes(hashlib.sha256(stream.encode()).digest()[:8], "little")
    return np.uint32(word & 0xFFFFFFFF), np.uint32(word >> 32)
