"""The members of a sweep in one figure: accuracy, areas and exponents of every seed, and their mean."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS
from emergent_dynamics.reasoning.figures.palette import CELL, MEANING, legend_below

SHARES = {
    "accuracy": (COLOURS["ink"], "accuracy"),
    "auc_neg_lambda1_correct": (COLOURS["data"], "area, −λ₁ → right"),
    "auc_neg_log_drift_correct": (COLOURS["second"], "area, −log drift → right"),
}
EXPONENTS = {f"lambda1_{c}": (CELL[c], f"{c}  {MEANING[c]}") for c in "ABCD"}
BESIDE = 0.03  # offset between intervals drawn side by side, in units of the distance between tables
MOST_FAMILIES = 4  # largest number of rows of the figure; further families are in the CSV


@style.styled()
def draw(values: pd.DataFrame, table: pd.DataFrame, unit: str) -> Figure:
    """Draw a row per family: every seed as a thin line, and the mean over seeds with its interval.

    values : of `seeds.gather`. table : of `seeds.table`. unit : of the exponents.
    """
    families = list(dict.fromkeys(table["family"]))[:MOST_FAMILIES]
    drawing, axes = style.figure(980, 60 + 390 * len(families), len(families), 2)
    for (left, right), family in zip(axes, families, strict=True):
        names = list(dict.fromkeys(table.loc[table["family"] == family, "table"]))
        for axis, lines in ((left, SHARES), (right, EXPONENTS)):
            for i, (statistic, (colour, label)) in enumerate(lines.items()):
                each, mean = (
                    f[(f["family"] == family) & (f["statistic"] == statistic)] for f in (values, table)
                )
                _line(axis, names, each, mean, colour, label, BESIDE * (i - 0.5 * (len(lines) - 1)))
            axis.set_xticks(range(len(names)), [name.replace("_", " ") for name in names])
        left.set(ylabel="share, or area", title=family or "every seed, and their mean", ylim=(-0.02, 1.02))
        right.set(ylabel=f"median λ₁ / {unit}", title="Exponents")
        right.axhline(0.0, color=COLOURS["faint"], linewidth=0.8)
        legend_below(left)
        legend_below(right)
    style.letters(axes)
    return drawing


def _line(
    axis: Axes,
    names: list[str],
    each: pd.DataFrame,
    mean: pd.DataFrame,
    colour: str,
    label: str,
    aside: float,
) -> None:
    at = np.arange(len(names)) + aside
    for _, one in each.groupby("seed", sort=False):
        axis.plot(at, one.set_index("table")["value"].reindex(names), color=colour, alpha=0.3)
    row = mean.set_index("table").reindex(names)
    style.estimates(axis, at, row["mean"], row["ci_low"], row["ci_high"], colour)
    axis.plot(at, row["mean"], color=colour, label=label)
