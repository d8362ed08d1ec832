"""Headlines of a sweep's members against what was swept, with the intervals over runs."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES

PANELS = {
    "order_end": "order parameter at the end",
    "order_stationary": "order parameter, second half",
    "local_order_end": "order within windows at the end",
    "convergence_time": "time to settle (model time)",
    "energy_end": "energy at the end (rad per unit time)",
    "defect_fraction_end": "share of squares with a vortex",
    "spike_rate": "spikes (share of units per step)",
    "phase_locking": "phase-locking value",
    "dynamics_gain_ridge_noise_0": "gain over the best control (ridge)",
}


@style.styled()
def draw(table: pd.DataFrame, theory: pd.DataFrame) -> Figure:
    """sweep.csv, a panel per quantity that is defined in some member; stationary.csv dashed beside `order_stationary`.

    The first varied parameter that is a number lies along x (else the first, in its order); colours tell the others.
    """
    keys = list(table.columns[: table.columns.get_loc("quantity")])
    numbers = [key for key in keys if pd.api.types.is_numeric_dtype(table[key])]
    along = (numbers or keys)[0]
    others = [key for key in keys if key != along]
    defined = set(table["quantity"][table["value"].notna()])
    shown = [name for name in PANELS if name in defined]
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    drawing, axes = style.figure(1000, 280 * rows, rows=rows, columns=columns)
    for axis, name in zip(axes.flat, shown, strict=False):
        _panel(axis, table[table["quantity"] == name], along, others)
        axis.set(xlabel=along.replace("_", " "), title=PANELS[name])
        if name == "order_stationary" and along == "coupling" and len(theory):
            for (distribution, scale), curve in theory.groupby(["distribution", "scale"]):
                text = f"{distribution}, infinitely many" if scale == 1 else f"{distribution} of {scale:g}"
                style.theory_line(axis, curve["coupling"], curve["order"], label=text)
            axis.legend(loc="upper left")
    for axis in axes.flat[len(shown) :]:
        axis.set_visible(False)
    if others:
        axes.flat[0].legend(loc="best", title=", ".join(others))
    style.letters(np.asarray(axes.flat[: len(shown)]))
    return drawing


def _panel(axis: Axes, rows: pd.DataFrame, along: str, others: list[str]) -> None:
    groups = rows.groupby(others, sort=True) if others else [((), rows)]
    words = not pd.api.types.is_numeric_dtype(rows[along])
    for k, (key, own) in enumerate(groups):
        colour = CATEGORIES[k % len(CATEGORIES)]
        x = (
            own[along].map({v: i for i, v in enumerate(sorted(rows[along].unique()))})
            if words
            else own[along]
        )
        lo, hi = own["lo"].fillna(own["value"]), own["hi"].fillna(own["value"])
        style.estimates(axis, x, own["value"], lo, hi, colour, ", ".join(map(str, key)) or None)
        axis.plot(x, own["value"], color=colour, linewidth=1, alpha=0.5)
    if words:
        values = sorted(rows[along].unique())
        axis.set_xticks(range(len(values)), values)
