"""Cell type frequencies: the number of cells by their value of alpha, generation by generation."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.nca.figures.band import band
from emergent_dynamics.nca.phenotype import VALUES
from emergent_dynamics.plotting import colours, style
from emergent_dynamics.statistics import bounded_mean_interval


@style.styled()
def draw(table: pd.DataFrame, cells: int) -> Figure:
    """Draw the number of cells with each value of alpha: mean over runs, with minimum and maximum as a band."""
    drawing, [[axis]] = style.figure(1000, 480, gap=0, beside=70)
    palette = colours.table(colours.SEQUENTIAL)[np.linspace(0, 235, len(VALUES)).astype(int)] / 255
    for name, colour in zip(VALUES, palette, strict=True):
        if table[name].any():  # values of alpha that no cell has are left out
            band(axis, table, name, tuple(colour), f"{name[2:]}")
    axis.set(xlabel="generation", ylabel="cells", yscale="symlog", ylim=(0, 1.5 * cells))
    axis.set_title("Cells by alpha, rounded to one decimal")
    style.legend_beside(axis, "alpha")
    living = table[table["generation"] == table["generation"].max()][list(VALUES[1:])]
    if living.to_numpy().any():
        most = living.mean().idxmax()
        share = bounded_mean_interval((living[most] / living.sum(axis=1)).to_numpy())
        told = style.interval(100 * share.value, 100 * share.lo, 100 * share.hi)
        style.conclude(drawing, f"In the last generation {told} % of the living cells have alpha {most[2:]}")
    return drawing
