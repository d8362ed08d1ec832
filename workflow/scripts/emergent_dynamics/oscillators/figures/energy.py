"""The energy against time, and how fast it falls."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.oscillators.figures.against_time import Curve, curve, label
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def draw(table: pd.DataFrame, proven: bool) -> Figure:
    """Energy against time, and by how much it falls between frames.

    proven : whether theory says that no step raises the energy.
    """
    drawing, axes = style.figure(1000, 380, columns=2, gap=92)
    level, change = axes.flat
    curve(level, Curve(table, "energy"), COLOURS["data"])
    label(level, "energy (rad per unit time)", "Energy of coupling and input")
    moving = table[table["change"].notna()]
    falls = moving.assign(fall=-moving["change"])
    curve(change, Curve(falls, "fall"), COLOURS["data"])
    if (falls["fall"] > 0).any():
        change.set_yscale("log", nonpositive="mask")
        style.powers(change, "y")
    label(change, "fall per frame (rad per unit time)", "How fast it falls, mean over runs")
    style.letters(axes)
    rises = int(moving["rises"].sum())
    bound = "as it must at this step" if proven else "which nothing proves at this step"
    never = f"The energy never rises in {len(moving):,} intervals, {bound}"
    style.conclude(
        drawing, never if rises == 0 else f"The energy rises in {rises:,} of {len(moving):,} intervals"
    )
    return drawing
