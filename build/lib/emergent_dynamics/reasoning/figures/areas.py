"""Areas under the ROC curve: the exponent beside drift alone, matched controls, and the window that they need."""

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
    rows_of,
)

AREAS = {
    "neg_lambda1_correct": "−λ₁ → right",
    "neg_log_drift_correct": "−log drift → right",
    "neg_lambda1_correct_within_converged": "−λ₁ → right, settled only",
    "neg_lambda1_correct_within_nonconverged": "−λ₁ → right, moving only",
    "neg_lambda1_converged": "−λ₁ → settled",
}


@style.styled()
def draw(tables: Tables, chosen: list[str], unit: str) -> Figure:
    """Areas under the ROC curve, drift alone beside the exponent, and matched controls; the exponent's
    window.
    """
    chosen = chosen[:MOST_TABLES]
    drawing, axes = style.figure(1080, 60 + 420 * len(chosen), len(chosen), 2, width_ratios=[1.25, 1])
    for (left, right), tag in zip(axes, chosen, strict=True):
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
                left.plot([row["ci_low"], row["ci_high"]], [place, place], color=colour, linewidth=2)
                left.plot(row["auc"], place, "o", color=colour)
                left.plot(row.get("auc_drift", np.nan), place, "o", color=COLOURS["second"], fillstyle="none")
            else:
                left.text(0.5, place, " insufficient (n<8)", va="center", color=COLOURS["faint"])
        left.set_yticks(range(len(rows)), [name for name, _ in reversed(rows)])
        style.theory_level(left, 0.5, "", along="y")
        left.plot(
            [], [], "o", color=COLOURS["second"], fillstyle="none", label="−log drift in the same strata"
        )
        left.set(xlabel="area under the ROC curve", title=f"{tag}: what predicts what", xlim=(0, 1.02))
        legend_below(left)
        _windows(right, rows_of(tables["windows"], tag), unit)
    style.letters(axes)
    return drawing


def _windows(axis: Axes, table: pd.DataFrame, unit: str) -> None:
    if not len(table) or table["auc_correct"].isna().all():
        style.nothing(axis, "no exponents step by step in this source")
        return
    lines = {
        "auc_correct": (COLOURS["data"], "-", "area, −λ₁ → right"),
        "auc_drift_correct": (COLOURS["second"], "-", "area, −log drift → right"),
        "settled": (COLOURS["muted"], "-", "share settled by step t"),
        "lambda1_correct": (RIGHT, "--", "median λ₁, right"),
        "lambda1_wrong": (WRONG, "--", "median λ₁, wrong"),
    }
    for column, (colour, stroke, label) in lines.items():
        axis.plot(table["last"], table[column], color=colour, linestyle=stroke, label=label)
    axis.set(
        xlabel="window: steps 1 to t", ylabel=f"area, share, or λ₁ / {unit}", title="how much window it takes"
    )
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_below(axis)
