"""The data of config/examples/data: small data as of a user. `python -m tests.config.examples` writes them.

A room that can be brought data has tests/<system>/example_data.py with `FILES`, {name: function that makes it}.
"""

import importlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parents[1]
DATA = TESTS.parent / "config" / "examples" / "data"
FILES: dict[str, Callable[[], str | np.ndarray]] = {}
for _path in sorted(TESTS.glob("*/example_data.py")):
    FILES |= importlib.import_module(f"tests.{_path.parent.name}.example_data").FILES


def main() -> None:
    """Write every file."""
    for name, make in FILES.items():
        made = make()
        if isinstance(made, str):
            (DATA / name).write_text(made)
        else:
            np.savez_compressed(DATA / name, x=made)


if __name__ == "__main__":
    main()
