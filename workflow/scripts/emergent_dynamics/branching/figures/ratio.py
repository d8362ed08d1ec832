"""Branching ratios as several estimators give them."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS

NAMES = {"causal": "offspring in avalanches", "one_step": "slope of A(t+1) on A(t)", "mr": "multistep (MR)"}


@style.styled()
def draw(table: pd.DataFrame) -> Figure:
    """Draw each estimator against sigma, for activity observed in full and in part; dashed lines are their exact
    targets.
    """
    seen = sorted(table["seen"].unique(), reverse=True)
    drawing, [axes] = style.figure(500 * len(seen), 420, 1, len(seen), sharey=True, gap=30)
    for axis, share in zip(axes, seen, strict=True):
        part = table[table["seen"] == share]
        for colour, (name, label) in zip(CATEGORIES, NAMES.items(), strict=False):
            rows = part[part["estimator"] == name].dropna(subset=["value"])
            if len(rows):
                style.estimates(axis, rows["sigma"], rows["value"], rows["lo"], rows["hi"], colour, label)
                style.theory_line(axis, rows["sigma"], rows["expected"], label="_", color=colour)
        rows = part[part["estimator"] == "descendants"].dropna(subset=["value"])
        axis.plot(rows["sigma"], rows["value"], "x", color=COLOURS["muted"], label="mean of A(t+1) / A(t)")
        edge = table["sigma"].min(), table["sigma"].max()
        axis.plot(edge, edge, color=COLOURS["faint"], linewidth=1, label="σ")
        axis.set(
            xlabel="branching ratio σ", title=f"{100 * share:g} % of the neurons seen (dashed: exact targets)"
        )
        axis.set_ylim(0, min(2.5, 1.15 * max(edge[1], rows["value"].max() if len(rows) else 1)))
    axes[0].set_ylabel("estimate")
    axes[0].legend()
    style.letters(axes)
    _conclude(drawing, table, seen[-1])
    return drawing


def _conclude(drawing: Figure, table: pd.DataFrame, seen: float) -> None:
    """Write the estimates of the slope and of the multistep estimator for the smallest observed share, at the sigma
    nearest to 1.
    """
    sigma = min(table["sigma"].unique(), key=lambda value: abs(value - 1.0))
    rows = table[(table["sigma"] == sigma) & (table["seen"] == seen)].set_index("estimator")
    known = [name for name in ("one_step", "mr") if name in rows.index and np.isfinite(rows["value"][name])]
    if len(known) == 2:
        slope, multistep = (style.interval(*rows.loc[name, ["value", "lo", "hi"]]) for name in known)
        of = f"of {100 * seen:g} % of the neurons at σ = {sigma:g}"
        style.conclude(drawing, f"Activity {of} has slope {slope}; the multistep estimator says {multistep}")
