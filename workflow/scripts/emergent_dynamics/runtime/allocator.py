"""Return the memory of large arrays to the system when they are freed.

GNU's C library keeps freed blocks of up to 32 MB for later ones, also where they do not fit: a training of
`oscillators` held 748 MB, of which 127 belonged to nothing.
"""

import contextlib
import ctypes

LARGE = 4 * 2**20  # bytes of an array from which on it has memory of its own
_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of <malloc.h>


def begin() -> None:
    """Give every array of at least `LARGE` bytes memory of its own from here on; nothing where the library cannot."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, LARGE)
