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
STORED = [
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


def tabulate(summaries: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> pd.DataFrame:
    """One row a headline, of {results/<system>/<experiment>/summary.json: its content}, a sweep's too."""
    rows = []
    for path, headlines in summaries.items():
        folder = Path(path).parent.as_posix().removesuffix("/analysis")
        system, experiment = folder.partition("results/")[2].split("/", 1)
        for name, found in headlines.items():
            lo, hi = found["ci"] or (None, None)
            rows.append(
                {"system": system, "experiment": experiment, "headline": name, "lo": lo, "hi": hi, **found}
            )
    return pd.DataFrame(rows, columns=STORED)


def page(table: pd.DataFrame) -> str:
    """The self-contained page; rows with an expected value come first."""
    shown = table.sort_values("expected", key=lambda column: column.isna(), kind="stable").astype(object)
    records = shown.where(shown.notna(), None).to_dict("records")
    for record in records:
        record["interval"] = None if record["lo"] is None else (record["lo"], record["hi"])
        record["source"] = record["source"] or record["note"]
    compared = table["ok"].notna()
    agreeing = table.loc[compared, "ok"].astype(bool).sum()
    caption = (
        f"{len(table)} headlines, {compared.sum()} of them compared with an expected value; {agreeing} agree by the "
        "criterion of their finding. With many comparisons a few disagree by chance."
    )
    return table_page(records, COLUMNS, "Theory beside measurement", caption)
