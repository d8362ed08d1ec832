"""The page of all headlines: what was measured beside what theory or the literature says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from emergent_dynamics.plotting.viewers import Column, table_page

COLUMNS = {
    "system": Column("system"),
    "experiment": Column("experiment"),
    "headline": Column("headline"),
    "value": Column("value", "number"),
    "interval": Column("95 % interval", "interval"),
    "n": Column("n", "integer"),
    "unit": Column("unit"),
    "expected": Column("expected", "number"),
    "ok": Column("agrees", "agreement"),
    "source": Column("source of the expected value, or why there is no value"),
}


def tabulate(summaries: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> pd.DataFrame:
    """One row a headline, from {results/<system>/<experiment>/summary.json: its content}."""
    rows = []
    for path, headlines in summaries.items():
        _, system, *experiment = Path(path).parent.parts[-3 if "=" not in path else -4 :]
        for name, found in headlines.items():
            lo, hi = found["ci"] or (None, None)
            rows.append(
                {
                    "system": system,
                    "experiment": "/".join(experiment),
                    "headline": name,
                    **{key: found[key] for key in ("value", "n", "unit", "expected", "ok", "source", "note")},
                    "lo": lo,
                    "hi": hi,
                }
            )
    order = [
        "system",
        "experiment",
        "headline",
        "value",
        "lo",
        "hi",
        "n",
        "unit",
        "expected",
        "ok",
        "source",
        "note",
    ]
    return pd.DataFrame(rows, columns=order)


def page(table: pd.DataFrame) -> str:
    """The self-contained page; rows with an expected value come first."""
    shown = table.assign(
        interval=[None if pd.isna(lo) else (lo, hi) for lo, hi in zip(table["lo"], table["hi"], strict=True)],
        source=table["source"].fillna(table["note"]),
    ).sort_values("expected", key=lambda column: column.isna(), kind="stable")
    records = shown[list(COLUMNS)].astype(object).where(shown[list(COLUMNS)].notna(), None).to_dict("records")
    compared = table["ok"].notna()
    agreeing = table.loc[compared, "ok"].astype(bool).sum()
    caption = (
        f"{len(table)} headlines, {compared.sum()} with an expected value and an interval; {agreeing} of these agree "
        "by the criterion of their finding. With many comparisons a few disagree by chance."
    )
    return table_page(records, COLUMNS, "Theory beside measurement", caption)
