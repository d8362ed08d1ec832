"""Phenotypic diversity over the generations: GEP, GCVP, CLOGV."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.nca import theory
from emergent_dynamics.nca.figures.band import LABELS, Records, band, stages, stated
from emergent_dynamics.plotting import colours, style


@style.styled()
def draw(table: pd.DataFrame, parameters: Mapping[str, Any], headlines: Records) -> Figure:
    """Draw GEP, GCVP and CLOGV over the generations: mean over runs, minimum and maximum as a band, known values
    dashed.

    headlines : records of the finding pd.
    """
    drawing, axes = style.figure(1000, 620, rows=3, sharex=True, gap=0)
    label = "mean; least and most of the runs" if len(table["run"].unique()) > 1 else "the run"
    for axis, name in zip(axes[:, 0], ("gep", "gcvp", "clogv"), strict=True):
        band(axis, table, name, colours.COLOURS["data"], label)
        known = theory.stationary_values(parameters).get(name)
        if known:
            style.theory_level(axis, known.value, "second code")
        axis.set_title(LABELS[name])
        axis.set_ylabel(name.upper())
    stages(axes[:, 0], parameters)
    axes[0, 0].legend()
    axes[-1, 0].set_xlabel("generation")
    style.letters(axes)
    told = ", ".join(f"{name.upper()} {stated(headlines[name])}" for name in ("gep", "gcvp", "clogv"))
    style.conclude(drawing, f"{told} in the second half of the run")
    return drawing
