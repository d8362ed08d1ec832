"""Cell type frequencies: cells by alpha, generation by generation."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.nca.figures.band import band
from emergent_dynamics.nca.phenotype import VALUES
from emergent_dynamics.plotting import colours, style


@style.styled()
def draw(table: pd.DataFrame, cells: int) -> Figure:
    """Cell type frequencies: how many cells have each value of alpha, mean over runs, minimum and maximum as a band."""
    drawing, [[axis]] = style.figure(1000, 480, gap=0, beside=70)
    palette = colours.table(colours.SEQUENTIAL)[np.linspace(0, 235, len(VALUES)).astype(int)] / 255
    for name, colour in zip(VALUES, palette, strict=True):
        if table[name].any():  # between 0 and the bar there is nothing
            band(axis, table, name, tuple(colour), f"{name[2:]}")
    axis.set(xlabel="generation", ylabel="cells", yscale="symlog", ylim=(0, 1.5 * cells))
    axis.set_title("Cells by alpha, rounded to one decimal")
    style.legend_beside(axis, "alpha")
    end = table[table["generation"] == table["generation"].max()][list(VALUES)].mean()
    living = end[1:]
    if living.sum():
        most = (
            f"{100 * living.max() / living.sum():.0f} % of the living cells have alpha {living.idxmax()[2:]}"
        )
        style.conclude(drawing, f"At the end {most}")
    return drawing
