"""Access to the rows of a table of a finding, the choice of the rows that become headlines, and their conversion."""

import math
from typing import Any

import pandas as pd

from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate


def label(sigma: float) -> str:
    """Return the label of a row of one sigma: sigma_1, sigma_0.7."""
    return f"sigma_{sigma:g}"


def shown(sigmas: tuple[float, ...]) -> list[float]:
    """Return the sigmas for which there are headlines, at most three: the lowest, the one nearest to 1, and the
    highest.
    """
    return sorted({min(sigmas), nearest(sigmas), max(sigmas)})


def nearest(sigmas: tuple[float, ...]) -> float:
    """Return the sigma nearest to 1, the lower one of two that are equally near."""
    return min(sorted(sigmas), key=lambda s: abs(s - 1.0))


def rows(table: pd.DataFrame, **where: object) -> list[dict[str, Any]]:
    """Return the rows of a table in which columns have these values, as dictionaries."""
    for column, value in where.items():
        table = table[table[column] == value]
    return [
        dict(zip(table.columns, values, strict=True)) for values in table.itertuples(index=False, name=None)
    ]


def row(table: pd.DataFrame, **where: object) -> dict[str, Any]:
    """Return the first row of a table in which columns have these values."""
    return rows(table, **where)[0]


def highest(table: pd.DataFrame, column: str) -> dict[str, Any]:
    """Return the row in which a column is largest; NaN is ignored."""
    return max(rows(table.dropna(subset=[column])), key=lambda r: r[column])


def bounds(name: str, estimate: Estimate) -> dict[str, float]:
    """Return three columns of a table, `name`, `name`_lo and `name`_hi, from an estimate."""
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
    """Return a headline from the columns `name`, `ends` (by default `name`_lo and `name`_hi) and `n` of a row.

    `others` are passed to `Headline`. An undefined value has the `reason` of the row as its note.
    """
    value, (lo, hi) = r[name], ends or (f"{name}_lo", f"{name}_hi")
    if math.isnan(value):
        others["note"] = r.get("reason") or "nothing was observed"
    return Headline(value, (r[lo], r[hi]), int(r[n]), unit, sentence, **others)
