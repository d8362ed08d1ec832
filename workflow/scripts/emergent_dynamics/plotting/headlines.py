"""The page of all headlines: measured values beside the values expected from theory or the literature."""

import pandas as pd

from emergent_dynamics.findings.digits import write_row
from emergent_dynamics.findings.table import describe
from emergent_dynamics.plotting.viewers import Column, table_page

COLUMNS = {
    "experiment": Column("experiment"),
    "sentence": Column("what it is", "sentence"),
    "headline": Column("headline"),
    "value": Column("value", "written"),
    "interval": Column("95 % interval", "written"),
    "n": Column("n", "integer"),
    "unit": Column("unit"),
    "expected": Column("expected", "written"),
    "kind": Column("kind"),
    "verdict": Column("verdict", "agreement"),
    "source": Column("source of the expected value; why there is no verdict, interval or value", "sentence"),
}


def page(table: pd.DataFrame) -> str:
    """The self-contained page of `findings.table.tabulate`'s rows; those with an expected value come first."""
    shown = table.sort_values("expected", key=lambda column: column.isna(), kind="stable").astype(object)
    records = shown.where(shown.notna(), None).to_dict("records")
    cells = [record | _texts(record) for record in records]
    return table_page(cells, COLUMNS, "Theory beside measurement", describe(table))


def _texts(record: dict) -> dict:
    """The cells that are written with the same digits, as [number to sort by, text]."""
    value, interval, expected = write_row(record)
    verdict = "weak" if record["weak"] else {"none": "no verdict"}.get(record["verdict"], record["verdict"])
    return {
        "experiment": f"{record['system']}/{record['experiment']}",
        "value": [record["value"], value],
        "interval": [record["lo"], interval or "–"],
        "expected": [record["expected"], expected or "–"],
        "verdict": verdict,
        "source": "; ".join(filter(None, _sources(record))),
    }


def _sources(record: dict) -> list[str | None]:
    tolerance = record["tolerance_reason"] and f"tolerance: {record['tolerance_reason']}"
    note = record["note"] if record["note"] != record["reason"] else None
    return [record["source"], tolerance, record["reason"], note]
