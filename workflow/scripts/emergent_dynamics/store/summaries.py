"""Headline numbers: what was measured, how surely, and what theory or the literature expects."""

import json
import math
import os
from collections.abc import Mapping
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
    rows = {name: {k: _plain(v) for k, v in asdict(h).items()} for name, h in headlines.items()}
    path = Path(path)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(json.dumps(rows, indent=1, allow_nan=False) + "\n")
    os.replace(temporary, path)


def read_summary(path: Path | str) -> dict[str, dict[str, Any]]:
    """The headlines of one or more findings as plain dictionaries."""
    return json.loads(Path(path).read_text())


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        plain = [_plain(v) for v in value]
        return None if any(v is None for v in plain) else plain
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
