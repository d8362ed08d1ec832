"""How fast `verify` is: seconds, decoded MB per second and peak memory for every store below a folder.

    python performance/verify.py FOLDER

The baseline is SHA-256 of as many bytes in memory, on one core: a store is verified by decoding and hashing its values.
"""

import hashlib
import math
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))
from emergent_dynamics.runtime import peak
from emergent_dynamics.store.__main__ import main as verify
from emergent_dynamics.store.__main__ import stores
from emergent_dynamics.store.layout import arrays

HASHED = 2**28  # bytes hashed for the baseline


def decoded(folder: str) -> tuple[int, float]:
    """Number of stores, and the MB of all their values."""
    sizes = [
        array.dtype.itemsize * math.prod(array.shape)
        for path in stores(folder)
        for array in arrays(Path(path)).values()
    ]
    return sum(1 for _ in stores(folder)), sum(sizes) / 1e6


def main(folder: str) -> int:
    """Print the line of each store, then the table; the exit status of `verify`."""
    began, cpu = time.perf_counter(), time.process_time()
    status = verify(["verify", folder])
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    count, size = decoded(folder)
    block = bytes(HASHED)
    began = time.process_time()
    hashlib.sha256(block)
    hashing = (time.process_time() - began) * size * 1e6 / HASHED
    table = {"stores": count, "MB": size, "s": seconds, "CPU s": cpu, "MB per s": size / seconds}
    table |= {"peak MB": peak.of_this_process(), "hashing s": hashing}
    for name, value in table.items():
        print(f"{name:>10} {value:10.1f}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
