"""The energy against time, and its change between frames."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.oscillators.figures.against_time import Curve, curve, label
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def draw(table: pd.DataFrame, proven: bool) -> Figure:
    """energy.csv: the energy, and its change between frames; `proven`: it may not be positive."""
    drawing, axes = style.figure(1000, 380, columns=2, gap=92)
    level, change = axes.flat
    curve(level, Curve(table, "energy"), COLOURS["data"])
    label(level, "energy (rad per unit time)", "Energy of coupling and input")
    moving = table[table["change"].notna()]
    curve(change, Curve(moving, "change"), COLOURS["data"], "between frames")
    style.theory_level(change, 0.0, "never above (proven)" if proven else "zero (nothing proven)")
    change.set_yscale("symlog", linthresh=1e-6, base=100)
    style.powers(change, "y")
    label(
        change,
        "change of energy (rad per unit time)",
        f"{int(moving['rises'].sum())} rises in {len(moving)} intervals",
    )
    change.legend(loc="best")
    style.letters(axes)
    return drawing
