"""The table of gains as a page to sort."""

import numpy as np
import pandas as pd

from emergent_dynamics.oscillators.classifiers import NAMES
from emergent_dynamics.plotting.viewers import Column, table_page


def page(table: pd.DataFrame, title: str) -> str:
    """gain.csv as a table to sort."""
    shown = table.round(4).assign(classifier=table["classifier"].map(NAMES))
    rows = [
        row | {"ci": _interval(row["lo"], row["hi"]), "ci_raw": _interval(row["lo_raw"], row["hi_raw"])}
        for row in shown.to_dict("records")
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
    return table_page(
        rows, columns, title, "Dynamics gain: accuracy on the settled field minus that on the best control."
    )


def _interval(lo: float, hi: float) -> tuple[float, float] | None:
    return None if np.isnan(lo) else (lo + 0.0, hi + 0.0)  # + 0.0 turns -0.0 into 0.0
