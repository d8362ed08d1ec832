"""The members of a sweep side by side."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.nca.figures.band import LABELS
from emergent_dynamics.plotting import colours, style


@style.styled()
def draw(table: pd.DataFrame) -> Figure:
    """Every measure of the members of a sweep: mean over seeds and runs, least and most as a band."""
    names = ("gep", "gcvp", "clogv", "exact", "ghc", "rwsp")
    drawing, axes = style.figure(1100, 760, rows=3, columns=2, sharex=True)
    members = list(dict.fromkeys(table["member"]))
    for axis, name in zip(axes.T.reshape(-1), names, strict=True):
        for i, member in enumerate(members):
            rows = table[(table["measure"] == name) & (table["member"] == member)]
            colour = colours.CATEGORIES[i % len(colours.CATEGORIES)]
            axis.plot(rows["generation"], rows["mean"], color=colour, linewidth=1.2, label=member)
            style.band(axis, rows["generation"], rows["min"], rows["max"], colour)
        axis.set_title(LABELS[name])
    for axis in axes[-1]:
        axis.set_xlabel("generation")
    style.legend_beside(axes[0, 1])
    style.letters(axes)
    return drawing
