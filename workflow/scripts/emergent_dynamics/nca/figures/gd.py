"""Genetic diversity over the generations: the number of genomes, the number of their colours, and Hill numbers."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.nca import theory
from emergent_dynamics.nca.figures.band import LABELS, Records, band, stages, stated
from emergent_dynamics.plotting import colours, style


@style.styled()
def draw(table: pd.DataFrame, parameters: Mapping[str, Any], headlines: Records) -> Figure:
    """Draw the number of genomes beside the numbers of colours that the two colourings show, and effective numbers of
    genomes.

    headlines : records of the finding gd.
    """
    drawing, axes = style.figure(1000, 620, rows=2, sharex=True, gap=0, beside=190)
    for name, colour in zip(("exact", "ghc", "rwsp"), colours.CATEGORIES, strict=False):
        band(axes[0, 0], table, name, colour, LABELS[name])
        known = theory.stationary_values(parameters).get(name)
        if known:
            style.theory_level(axes[0, 0], known.value, "second code" if name == "exact" else "")
    for (name, label), colour in zip(
        {
            "hill_1": "exp Shannon (order 1)",
            "hill_2": "1 / Simpson (order 2)",
        }.items(),
        (colours.CATEGORIES[3], colours.CATEGORIES[4]),
        strict=True,
    ):
        band(axes[1, 0], table, name, colour, label)
    axes[0, 0].set(ylabel="unique in a frame")
    axes[0, 0].set_title("Genomes, and the colours that stand for them")
    axes[1, 0].set(ylabel="effective genomes", xlabel="generation")
    axes[1, 0].set_title("Effective numbers of genomes (Hill), which weigh common ones more")
    stages(axes[:, 0], parameters)
    for axis in axes[:, 0]:
        axis.set_ylim(bottom=0)
        style.legend_beside(axis)
    style.letters(axes)
    exact, shown = stated(headlines["exact"]), stated(headlines["rwsp"])
    style.conclude(drawing, f"RWSP shows {shown} colours of {exact} genomes in the second half of the run")
    return drawing
