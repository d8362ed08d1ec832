"""The table of gains as a page in which it can be sorted."""

import numpy as np
import pandas as pd

from emergent_dynamics.oscillators.classifiers import NAMES
from emergent_dynamics.plotting.viewers import Column, table_page


def page(table: pd.DataFrame, title: str) -> str:
    """The page of gain.csv as a table that can be sorted."""
    shown = table.round(4).assign(classifier=table["classifier"].map(NAMES))
    rows = [
        row | {"ci": _interval(row["lo"], row["hi"]), "ci_raw": _interval(row["lo_raw"], row["hi_raw"])}
        for row in shown.to_dict("records")
    ]
    learnt = "gain_trained" in table
    if learnt:
        rows = [
            row
            | {f"ci_{part}": _interval(row[f"lo_{part}"], row[f"hi_{part}"]) for part in ("trained", "fixed")}
            for row in rows
        ]
    columns = {
        "noise": Column("noise", "number"),
        "classifier": Column("classifier"),
        "control": Column("best control"),
        "gain": Column("field − control", "number"),
        "ci": Column("95 %", "interval"),
        "gain_raw": Column("field − raw", "number"),
        "ci_raw": Column("95 %", "interval"),
        "n": Column("splits", "integer"),
    }
    if learnt:
        columns |= {
            "gain_trained": Column("trained − control", "number"),
            "ci_trained": Column("95 %", "interval"),
            "gain_fixed": Column("trained − field", "number"),
            "ci_fixed": Column("95 %", "interval"),
        }
    return table_page(
        rows, columns, title, "Dynamics gain: accuracy on the settled field minus that on the best control."
    )


def _interval(lo: float, hi: float) -> tuple[float, float] | None:
    return None if np.isnan(lo) else (lo + 0.0, hi + 0.0)  # + 0.0 turns -0.0 into 0.0
