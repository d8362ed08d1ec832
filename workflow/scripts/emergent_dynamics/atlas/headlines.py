"""Headlines from rows of an atlas table, with the values that theory gives for them."""

import math
from typing import Any

import pandas as pd

from emergent_dynamics.findings import Expectation, Headline


def select(
    table: pd.DataFrame, quantity: str, control: float | None = None, size: float | None = None
) -> pd.Series:
    """The one measured row of a quantity: at a control, by default the largest, and of a size, by default the largest.

    Raises ValueError where there is none.
    """
    rows = table[(table["quantity"] == quantity) & (table["n"] > 0)]
    if control is not None:
        rows = rows[rows["control"] == control]
    if size is not None:
        rows = rows[rows["size"] == size]
    if rows.empty:
        raise ValueError(f"atlas: no row of {quantity} at {control}, size {size}")
    return rows.sort_values(["size", "control"], kind="stable").iloc[-1]


def headline(row: pd.Series, sentence: str, kind: str | None = "exact", **others: Any) -> Headline:
    """A row as a headline; `others` as for `Headline`, and `tolerance` with `reason` for what is expected.

    The row's theory is what is expected, of the given kind, unless it is NaN; with kind None it is drawn only.
    """
    allowed = {key: others.pop(key) for key in ("tolerance", "reason", "relation", "scale") if key in others}
    expectation = None
    if kind is not None and not math.isnan(row["theory"]):
        expectation = Expectation(float(row["theory"]), row["source"], kind, **allowed)
    interval = None if math.isnan(row["lo"]) else (float(row["lo"]), float(row["hi"]))
    if row["note"] and "note" not in others:
        others["note"] = row["note"]
    return Headline(row["value"], interval, int(row["n"]), row["unit"], sentence, expectation, **others)
