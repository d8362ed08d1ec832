"""Numba with the settings of this project; kernels use `from emergent_dynamics.runtime.compiler import numba`.

Two settings of Numba are made here unless the environment has made them: the folder of compiled kernels, and the
width of vectors.
"""

import hashlib
import os
from pathlib import Path

import numba
from numba.core import codegen, config

__all__ = ["numba"]


def _kernel_cache() -> Path:
    """The folder for the compiled kernels of exactly this source code.

    Numba compiles a function again when its own file changes, not when a kernel that it calls from another file
    does: without a folder for each state of the source, callers of an edited kernel would run its old version.
    """
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        source = path.read_bytes()
        if b"numba" in source:
            digest.update(source)
    beside = package / "__pycache__"
    parent = beside if os.access(beside if beside.exists() else package, os.W_OK) else Path.home() / ".cache"
    return parent / f"emergent-dynamics-kernels-{digest.hexdigest()[:16]}"


def _vector_features() -> str:
    """The host's features, with 512-bit vectors where they do not slow the clock down (Ice Lake and later, Zen 4).

    On Intel's processors LLVM prefers vectors of 256 bits. On a Sapphire Rapids our kernels are 1.2 to 1.5 times as
    fast with 512 bits. Values do not change, since no kernel permits a sum to be reordered.
    """
    features: str = codegen.get_host_cpu_features()
    return features + ",-prefer-256-bit" * ("+avx512vbmi2" in features)


if "NUMBA_CACHE_DIR" not in os.environ:
    config.CACHE_DIR = str(_kernel_cache())
if "NUMBA_CPU_FEATURES" not in os.environ:
    config.CPU_FEATURES = _vector_features()
