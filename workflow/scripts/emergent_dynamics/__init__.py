"""Simulate, checkpoint, analyse and plot five systems of many interacting units."""

import hashlib
import os
from pathlib import Path

__version__ = "0.1.0"


def _kernel_cache() -> Path:
    """Where compiled kernels of exactly this source lie.

    Numba compiles a function again when its own file changes, not when a kernel that it calls from another file
    does: without a folder per content, an edited kernel would go on running as it was.
    """
    package = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        source = path.read_bytes()
        if b"numba" in source:
            digest.update(source)
    beside = package / "__pycache__"
    parent = beside if os.access(beside if beside.exists() else package, os.W_OK) else Path.home() / ".cache"
    return parent / f"emergent-dynamics-kernels-{digest.hexdigest()[:16]}"


os.environ.setdefault("NUMBA_CACHE_DIR", str(_kernel_cache()))
