"""The files of a finding: its tables as CSV, its headlines with their verdicts as JSON."""

import functools
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from emergent_dynamics.findings.headline import Headline
from emergent_dynamics.findings.verdict import agrees

WRITTEN = 10_000  # values of a table that are text at once; pandas takes 100,000, which are 10 MB


class Analysis(NamedTuple):
    """The results of all findings for one trajectory: {name: table} and {name: headline}."""

    tables: dict[str, Any]
    headlines: dict[str, Headline]


def write(
    output: Any,
    tables: Mapping[str, pd.DataFrame],
    headlines: Mapping[str, Headline],
    summary: str = "summary",
) -> None:
    """Write each table to the output of the rule with the same name, and the headlines to the output `summary`.

    output : the rule's outputs, `snakemake.output`. Raises KeyError for a table without an output of its name.
    """
    paths = dict(output.items())
    for name, table in tables.items():
        write_table(paths[name], table)
    write_summary(paths[summary], headlines)


def write_table(path: Path | str, table: pd.DataFrame) -> None:
    """Write a table as CSV, a few rows at a time."""
    table.to_csv(path, index=False, chunksize=max(1, WRITTEN // max(1, len(table.columns))))


def read_rows(path: Path | str, column: str, kept: np.ndarray) -> pd.DataFrame:
    """The rows of a table in which a column has one of the values (n,); a few rows are read at a time."""
    pieces = pd.read_csv(path, chunksize=WRITTEN // 5)
    rows = (piece[piece[column].isin(kept)] for piece in pieces)
    return functools.reduce(lambda found, more: pd.concat([found, more], ignore_index=True), rows)


def write_summary(path: Path | str, headlines: Mapping[str, Headline]) -> None:
    """Write headlines and their verdicts as JSON, in their order, by one rename; NaN becomes null."""
    _write(path, {name: _record(headline) for name, headline in headlines.items()})


def merge_summaries(path: Path | str, parts: Iterable[Path | str]) -> None:
    """Join the summaries of findings in one file. Raises ValueError for a name that two of them use."""
    joined: dict[str, Any] = {}
    for part in parts:
        summary = read_summary(part)
        if twice := sorted(joined.keys() & summary.keys()):
            raise ValueError(f"{part}: headline {twice[0]} is in another finding too")
        joined |= summary
    _write(path, joined)


def read_summary(path: Path | str) -> dict[str, dict[str, Any]]:
    """The headlines of one or more findings as plain dictionaries."""
    return json.loads(Path(path).read_text())


def _record(headline: Headline) -> dict[str, Any]:
    verdict = agrees(headline)
    record = asdict(headline) | {"verdict": None if verdict is None else asdict(verdict)}
    return {key: _plain(value) for key, value in record.items()}


def _write(path: Path | str, rows: Mapping[str, Any]) -> None:
    path = Path(path)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(json.dumps(rows, indent=1, allow_nan=False) + "\n")
    temporary.replace(path)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        plain = [_plain(item) for item in value]
        return None if any(item is None for item in plain) else plain
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
