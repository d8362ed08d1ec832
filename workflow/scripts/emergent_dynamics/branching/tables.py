"""Rows of a finding's table, which of them a page of headlines shows, and how they become headlines."""

import math
from typing import Any

import pandas as pd

from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate


def label(sigma: float) -> str:
    """Of a row of one sigma: sigma_1, sigma_0.7."""
    return f"sigma_{sigma:g}"


def shown(sigmas: tuple[float, ...]) -> list[float]:
    """Up to three sigmas that a page of headlines shows: the lowest, the one nearest to 1, the highest."""
    return sorted({min(sigmas), nearest(sigmas), max(sigmas)})


def nearest(sigmas: tuple[float, ...]) -> float:
    """The sigma nearest to 1, the lower of two."""
    return min(sorted(sigmas), key=lambda s: abs(s - 1.0))


def rows(table: pd.DataFrame, **where: object) -> list[dict[str, Any]]:
    """The rows of a table with these values, as plain dictionaries."""
    for column, value in where.items():
        table = table[table[column] == value]
    return [
        dict(zip(table.columns, values, strict=True)) for values in table.itertuples(index=False, name=None)
    ]


def row(table: pd.DataFrame, **where: object) -> dict[str, Any]:
    """The first of them."""
    return rows(table, **where)[0]


def highest(table: pd.DataFrame, column: str) -> dict[str, Any]:
    """The row in which a column is largest; NaN does not count."""
    return max(rows(table.dropna(subset=[column])), key=lambda r: r[column])


def bounds(name: str, estimate: Estimate) -> dict[str, float]:
    """Three columns of a table: `name`, `name`_lo, `name`_hi."""
    return {name: estimate.value, f"{name}_lo": estimate.lo, f"{name}_hi": estimate.hi}


def measured(
    r: dict[str, Any],
    name: str,
    unit: str,
    sentence: str,
    n: str = "n",
    ends: tuple[str, str] | None = None,
    **others: Any,
) -> Headline:
    """A headline from the columns `name`, `ends` (by default `name`_lo and `name`_hi) and `n` of a row.

    `others` as for `Headline`. An undefined value takes the row's `reason` as its note.
    """
    value, (lo, hi) = r[name], ends or (f"{name}_lo", f"{name}_hi")
    if math.isnan(value):
        others["note"] = r.get("reason") or "nothing was observed"
    return Headline(value, (r[lo], r[hi]), int(r[n]), unit, sentence, **others)
