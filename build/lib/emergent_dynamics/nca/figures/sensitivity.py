"""What the loss of one founder changes, over the generations."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.nca.figures.band import band
from emergent_dynamics.plotting import colours, style


@style.styled()
def draw(table: pd.DataFrame) -> Figure:
    """What twins without one founder differ in: damage beside unrelated worlds, clades, and how far it reaches."""
    drawing, axes = style.figure(1000, 560, rows=2, sharex=True, gap=0, beside=210)
    table = table.assign(run=table["twin"])
    band(axes[0, 0], table, "damage", colours.CATEGORIES[0], "alpha differs")
    band(axes[0, 0], table, "clades", colours.CATEGORIES[1], "founder differs")
    unrelated = table.groupby("generation")["unrelated"].mean()
    style.theory_line(axes[0, 0], unrelated.index, unrelated, "alpha of unrelated worlds")
    smallest = table["damage"].where(table["damage"] > 0).min()
    axes[0, 0].set(
        ylabel="share of cells", yscale="log", ylim=(min(0.01, smallest), 1)
    )  # NaN when nothing differs: then 0.01
    axes[0, 0].set_title("Cells that differ between twins")
    style.legend_beside(axes[0, 0])
    damaged = table.loc[table["damage"] > 0, "generation"].max()
    if damaged < table["generation"].max():  # a logarithmic axis cannot show it
        style.remark(axes[0, 0], f"no cell differs after generation {damaged}")
    band(axes[1, 0], table, "radius", colours.CATEGORIES[0], "root mean square distance")
    axes[1, 0].set(ylabel="cells", xlabel="generation")
    axes[1, 0].set_ylim(bottom=0)
    axes[1, 0].set_title("Distance of the differences from the lost founder")
    style.letters(axes)
    return drawing
