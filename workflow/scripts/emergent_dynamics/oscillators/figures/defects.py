"""Topological defects against time, and the conservation of their charge."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.oscillators import theory
from emergent_dynamics.oscillators.figures.against_time import (
    MODEL_TIME,
    Curve,
    curve,
    label,
    percent_over_runs,
)
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def draw(table: pd.DataFrame, time: str = MODEL_TIME) -> Figure:
    """Draw defects.csv: share of squares with a vortex, dashed 1/3 for independent phases; charge, boundary winding."""
    drawing, axes = style.figure(1000, 380, columns=2, gap=92)
    share, charge = axes.flat
    curve(share, Curve(table, "fraction", 0, 1), COLOURS["data"])
    style.theory_level(share, theory.VORTEX_FRACTION_RANDOM, "independent phases: 1/3")
    label(share, "share of squares with a vortex", "Topological defects", time, yscale="symlog")
    share.set_yscale("symlog", linthresh=1e-3)
    style.powers(share, "y")
    share.set_ylim(bottom=0)
    share.legend(loc="best")
    curve(charge, Curve(table, "charge"), COLOURS["data"], "sum of windings")
    wide = table.groupby("time")["boundary"].mean()
    style.theory_line(charge, wide.index, wide, label="winding of the boundary (Stokes)")
    label(charge, "turns, all channels", "Conservation of charge", time)
    charge.legend(loc="best")
    style.letters(axes)
    ends = (table["time"].min(), table["time"].max())
    first, last = (percent_over_runs(table.loc[table["time"] == end, "fraction"].to_numpy()) for end in ends)
    style.conclude(drawing, f"Vortices sit in {first} of the squares at first, in {last} at the end")
    return drawing
