"""One module decides how Numba compiles, and every kernel uses it."""

import re

from tests.workflow.project import CHECKOUT


def test_no_module_imports_numba_past_the_compiler():
    """A kernel compiled without its settings would lie in a cache that goes stale, and use half the vector width."""
    library = CHECKOUT / "workflow" / "scripts"
    direct = [
        path.name
        for path in library.rglob("*.py")
        if re.search(r"(?m)^import numba|^from numba", path.read_text())
    ]
    assert direct == ["compiler.py"]
