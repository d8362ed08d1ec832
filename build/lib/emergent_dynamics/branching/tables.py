"""Rows of a finding's table, and which of them a page of headlines shows."""

from typing import Any

import pandas as pd


def label(sigma: float) -> str:
    """Of a row of one sigma: sigma_1, sigma_0.7."""
    return f"sigma_{sigma:g}"


def shown(sigmas: tuple[float, ...]) -> list[float]:
    """Up to three sigmas that a page of headlines shows: the lowest, the one nearest to 1, the highest."""
    return sorted({min(sigmas), min(sigmas, key=lambda s: abs(s - 1.0)), max(sigmas)})


def rows(found: pd.DataFrame, **where: object) -> list[dict[str, Any]]:
    """The rows of a table with these values, as plain dictionaries."""
    for column, value in where.items():
        found = found[found[column] == value]
    return [
        dict(zip(found.columns, values, strict=True)) for values in found.itertuples(index=False, name=None)
    ]


def row(found: pd.DataFrame, **where: object) -> dict[str, Any]:
    """The first of them."""
    return rows(found, **where)[0]


def highest(found: pd.DataFrame, column: str) -> dict[str, Any]:
    """The row in which a column is largest; NaN does not count."""
    return max(rows(found.dropna(subset=[column])), key=lambda r: r[column])
