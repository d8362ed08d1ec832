"""The effect of the loss of one founder over the generations."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.nca.figures.band import Records, band, stated
from emergent_dynamics.plotting import colours, style


@style.styled()
def draw(table: pd.DataFrame, headlines: Records) -> Figure:
    """Draw how twins without one founder differ from the original world: damage beside that of unrelated worlds,
    clades, and the distance that the damage has spread.

    headlines : records of the finding sensitivity.
    """
    drawing, axes = style.figure(1000, 560, rows=2, sharex=True, gap=0, beside=210)
    table = table.assign(run=table["twin"])
    for _, twin in table.groupby("run"):
        shown = twin["damage"].where(twin["damage"] > 0)
        axes[0, 0].plot(twin["generation"], shown, color=colours.CATEGORIES[0], linewidth=0.6, alpha=0.5)
    mean = table.groupby("generation")["damage"].mean()
    axes[0, 0].plot(mean.index, mean, color=colours.CATEGORIES[0], label="alpha differs (thin: each twin)")
    clades = table.groupby("generation")["clades"].mean()
    axes[0, 0].plot(clades.index, clades, color=colours.CATEGORIES[1], label="founder differs")
    unrelated = table.groupby("generation")["unrelated"].mean()
    style.theory_line(axes[0, 0], unrelated.index, unrelated, "alpha of unrelated worlds")
    smallest = table["damage"].where(table["damage"] > 0).min()
    axes[0, 0].set(
        ylabel="share of cells", yscale="log", ylim=(min(0.01, smallest), 1)
    )  # 0.01 if no cell differs (NaN)
    axes[0, 0].set_title("Cells that differ between twins")
    style.legend_beside(axes[0, 0])
    damaged = table.loc[table["damage"] > 0, "generation"].max()
    if damaged < table["generation"].max():  # a logarithmic axis cannot show 0
        style.remark(axes[0, 0], f"no cell differs after generation {damaged}")
    band(axes[1, 0], table, "radius", colours.CATEGORIES[0], "root mean square distance")
    axes[1, 0].set(ylabel="cells", xlabel="generation")
    axes[1, 0].set_ylim(bottom=0)
    axes[1, 0].set_title("Distance of the differences from the lost founder")
    style.letters(axes)
    damage, relative = headlines["twin_damage"], headlines["twin_damage_relative"]
    told = f"One founder less changes {stated(damage, 100)} % of the cells at the end"
    if relative["value"] is not None:
        told += f", {stated(relative)} times as many as differ between unrelated worlds"
    style.conclude(drawing, told)
    return drawing
