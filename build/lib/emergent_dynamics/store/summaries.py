"""Headline numbers: what was measured, how surely, and what theory or the literature expects."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Headline:
    """One number a reader will quote.

    value, ci : in `unit`, the interval at 95 %; None where none exists. n : how many independent units it rests on.
    expected, source : the number that theory or the literature gives, and which. ok : does the measurement agree
    with it, by the finding's own criterion; None without an expectation. NaN is written as null, with `note` why.
    """

    value: float
    ci: tuple[float, float] | None
    n: int
    unit: str
    expected: float | None = None
    source: str | None = None
    ok: bool | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if (self.expected is None) != (self.source is None):
            raise ValueError("an expected value and its source come together")
        if self.expected is None and self.ok is not None:
            raise ValueError("ok needs an expected value")


def write_summary(path: Path | str, headlines: Mapping[str, Headline]) -> None:
    """Write headlines as JSON, in their order, by one rename."""
    _write(path, {name: {k: _plain(v) for k, v in asdict(h).items()} for name, h in headlines.items()})


def merge_summaries(path: Path | str, parts: Iterable[Path | str]) -> None:
    """Join the summaries of findings to one; a name that two of them use is an error."""
    joined: dict[str, Any] = {}
    for part in parts:
        found = read_summary(part)
        if twice := sorted(joined.keys() & found.keys()):
            raise ValueError(f"{part}: headline {twice[0]} stands in another finding too")
        joined |= found
    _write(path, joined)


def read_summary(path: Path | str) -> dict[str, dict[str, Any]]:
    """The headlines of one or more findings as plain dictionaries."""
    return json.loads(Path(path).read_text())


def _write(path: Path | str, rows: Mapping[str, Any]) -> None:
    path = Path(path)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(json.dumps(rows, indent=1, allow_nan=False) + "\n")
    temporary.replace(path)


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        plain = [_plain(v) for v in value]
        return None if any(v is None for v in plain) else plain
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
