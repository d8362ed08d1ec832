"""A measure over the generations, drawn in the same way by every figure of this system."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from emergent_dynamics.plotting import style

Records = Mapping[str, Mapping[str, Any]]  # records of headlines, as `findings.read_summary` returns them

LABELS = {
    "gep": "GEP: global entropy (1)",
    "gcvp": "GCVP: share off the median, root (1)",
    "clogv": "CLOGV: local organisation (1)",
    "exact": "genomes (exact)",
    "ghc": "GHC colours",
    "rwsp": "RWSP colours",
}


def band(axis: Axes, table: pd.DataFrame, name: str, colour: Any, label: str) -> None:
    """Draw the mean over runs of one column, and a band from its least to its greatest value when there are several
    runs.
    """
    by_generation = table.groupby("generation")[name]
    mean = by_generation.mean()
    axis.plot(mean.index, mean, color=colour, label=label, linewidth=1.3)
    if len(table["run"].unique()) > 1:
        style.band(axis, mean.index, by_generation.min(), by_generation.max(), colour)


def stated(headline: Mapping[str, Any], scale: float = 1.0) -> str:
    """Return the value and interval of a headline for a title, times `scale`: "5.7 [5.5, 6.0]", or the value alone if
    it has no interval.
    """
    lo, hi = headline["ci"] or (None, None)
    numbers = (np.nan if one is None else scale * one for one in (headline["value"], lo, hi))
    return style.interval(*numbers)


def stages(axes: Iterable[Axes], parameters: Mapping[str, Any]) -> None:
    """Draw a dotted line where a stage of the landscape begins."""
    for axis in axes:
        for i, stage in enumerate(parameters["landscape"]):
            axis.axvline(
                stage["from"], color="0.4", linewidth=1, linestyle=":", label="" if i else "landscape changes"
            )
