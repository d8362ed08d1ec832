"""Areas under the ROC curve: the exponent beside drift alone, matched controls, and their dependence on the window."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS
from emergent_dynamics.reasoning.figures.palette import (
    MOST_TABLES,
    RIGHT,
    WRONG,
    Tables,
    legend_below,
    name_of,
    rows_of,
)

AREAS = {
    "neg_lambda1_correct": "−λ₁ → right",
    "neg_log_drift_correct": "−log drift → right",
    "neg_lambda1_correct_within_converged": "−λ₁ → right, settled only",
    "neg_lambda1_correct_within_nonconverged": "−λ₁ → right, moving only",
    "neg_lambda1_converged": "−λ₁ → settled",
}

AREA_LINES = {
    "auc_correct": (COLOURS["data"], "-", "−λ₁ → right"),
    "auc_drift_correct": (COLOURS["second"], "-", "−log drift → right"),
}
SHARE_LINES = {"settled": (COLOURS["muted"], "-", "late drift by step t below the threshold")}
EXPONENT_LINES = {
    "lambda1_correct": (RIGHT, "--", "right"),
    "lambda1_wrong": (WRONG, "--", "wrong"),
}


@style.styled()
def draw(tables: Tables, chosen: list[str], unit: str) -> Figure:
    """Draw two rows per table.

    They show the areas under the ROC curve with drift alone and matched controls; and, for windows that begin at step
    1, the areas, the exponents and the share of examples that have settled.
    """
    chosen = chosen[:MOST_TABLES]
    height, ratios = 60 + 780 * len(chosen), [1.25, 1]
    drawing, axes = style.figure(1080, height, 2 * len(chosen), 2, width_ratios=ratios)
    for place, tag in enumerate(chosen):
        (left, areas), (shares, exponents) = axes[2 * place : 2 * place + 2]
        _predictors(left, tables, tag)
        windows = rows_of(tables["windows"], tag)
        _windows(areas, windows, AREA_LINES, "area under the ROC curve", "Areas by window")
        _windows(shares, windows, SHARE_LINES, "share of examples", "Share that has settled")
        _windows(exponents, windows, EXPONENT_LINES, f"median λ₁ / {unit}", "Exponents by window")
    style.letters(axes)
    style.conclude(drawing, _conclusion(tables, chosen[-1]))
    return drawing


def _conclusion(tables: Tables, tag: str) -> str:
    """Return the sentence above the figure: areas of the exponent, of drift, and of the exponent at equal drift."""
    areas = rows_of(tables["areas"], tag).set_index("area").to_dict("index")
    matched = rows_of(tables["matched"], tag).set_index("control").to_dict("index")
    rows = areas.get("neg_lambda1_correct"), areas.get("neg_log_drift_correct"), matched.get("drift_deciles")
    exponent, drift, left = (_area(row) for row in rows)
    return f"Right answers have an area of {exponent} by −λ₁, {drift} by drift alone, and {left} by −λ₁ at equal drift"


def _area(row: Mapping[Any, Any] | None) -> str:
    if row is None or not np.isfinite(row["auc"]):
        return "unknown size"
    return style.interval(row["auc"], row["ci_low"], row["ci_high"])


def _predictors(axis: Axes, tables: Tables, tag: str) -> None:
    rows = [(AREAS[r["area"]], r) for r in rows_of(tables["areas"], tag).to_dict("records")]
    rows += [
        (f"−λ₁ → right, equal {r['control'].replace('_', ' ')}", r)
        for r in rows_of(tables["matched"], tag).to_dict("records")
        if r["control"] != "none"
    ]
    for i, (name, row) in enumerate(rows):
        place = len(rows) - 1 - i
        colour = COLOURS["second"] if "drift →" in name else COLOURS["data"]
        if np.isfinite(row["auc"]):
            axis.plot([row["ci_low"], row["ci_high"]], [place, place], color=colour, linewidth=2)
            axis.plot(row["auc"], place, "o", color=colour)
            axis.plot(row.get("auc_drift", np.nan), place, "o", color=COLOURS["second"], fillstyle="none")
        else:
            axis.text(0.5, place, " insufficient (n<8)", va="center", color=COLOURS["faint"])
    axis.set_yticks(range(len(rows)), [name for name, _ in reversed(rows)])
    style.theory_level(axis, 0.5, "", along="y")
    axis.plot([], [], "o", color=COLOURS["second"], fillstyle="none", label="−log drift in the same strata")
    axis.set(xlabel="area under the ROC curve", title=f"{name_of(tag)}: what predicts what", xlim=(0, 1.02))
    legend_below(axis)


def _windows(
    axis: Axes, table: pd.DataFrame, lines: dict[str, tuple[str, str, str]], ylabel: str, title: str
) -> None:
    if not len(table) or table["auc_correct"].isna().all():
        style.nothing(axis, "no exponents step by step in this source")
        return
    for column, (colour, stroke, label) in lines.items():
        axis.plot(table["last"], table[column], color=colour, linestyle=stroke, label=label)
    axis.set(xlabel="window: steps 1 to t", ylabel=ylabel, title=title)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_below(axis)
