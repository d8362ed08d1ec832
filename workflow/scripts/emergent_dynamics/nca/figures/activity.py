"""Evolutionary activity compared with the neutral shadow."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.nca.figures.band import Records, band, stated
from emergent_dynamics.plotting import colours, style


@style.styled()
def draw(table: pd.DataFrame, headlines: Records) -> Figure:
    """Draw mean and new activity of the run and its neutral shadow, the number of genomes, and clades where they are
    followed.

    headlines : records of the finding activity.
    """
    clades = table["shadow_clades"].notna().any()
    drawing, axes = style.figure(1000, 800 if clades else 620, rows=4 if clades else 3, sharex=True, gap=0)
    rows = (
        ("mean_activity", "Mean activity of the genomes present", "generations"),
        ("new_activity", "New activity, between the shadow's 99.9 % quantile and twice that", "generations"),
        ("diversity", "Genomes present", "genomes"),
        ("clades", "Effective number of founders' clades", "clades"),
    )[: len(axes)]
    for axis, (name, title, unit) in zip(axes[:, 0], rows, strict=True):
        band(axis, table, name, colours.COLOURS["data"], "run")
        band(axis, table, f"shadow_{name}", colours.COLOURS["highlight"], "neutral shadow")
        axis.set(ylabel=unit)
        axis.set_ylim(bottom=0)
        axis.set_title(title)
    axes[0, 0].legend()
    axes[-1, 0].set_xlabel("generation")
    style.letters(axes)
    excess = stated(headlines["excess_activity"])
    told = f"Mean activity minus that of the neutral shadow is {excess} generations in the second half"
    style.conclude(drawing, told)
    return drawing
