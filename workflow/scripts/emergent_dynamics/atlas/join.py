"""Join the tables of all systems."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from emergent_dynamics.atlas.contract import COLUMNS, check

TEXT = ("system", "series", "control_name", "size_name", "quantity", "average", "unit", "source", "note")


def read(path: Path | str) -> pd.DataFrame:
    """One system's table as `contract.tabulate` made it; empty text stays text. Raises ValueError as `check` does."""
    table = pd.read_csv(path, dtype=dict.fromkeys(TEXT, str), keep_default_na=True)
    table[list(TEXT)] = table[list(TEXT)].fillna("")
    check(table)
    return table


def join(paths: Iterable[Path | str]) -> pd.DataFrame:
    """The rows of every table in the order of the paths."""
    tables = [read(path) for path in paths]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
