"""One module decides how Numba compiles, and every kernel uses it."""

import re

from tests.workflow.project import CHECKOUT


def test_no_module_imports_numba_past_the_compiler():
    """A kernel compiled without its settings would lie in a cache that goes stale, and use half the vector width.

    Kernels of CUDA have neither: `device` brings their compiler, and they take the names of types from Numba.
    """
    library = CHECKOUT / "workflow" / "scripts"
    direct = [
        path.name
        for path in library.rglob("*.py")
        if re.search(r"(?m)^import numba|^from numba", path.read_text())
    ]
    assert [name for name in sorted(direct) if not name.startswith("cuda_")] == ["compiler.py", "device.py"]
