"""Means over runs, within the range that a quantity can have, and the window in which a world has settled."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import bounded_mean_interval, mean_interval


def stationary(table: pd.DataFrame, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of the second half of the run, at most the generations 500 to 1000."""
    end = min(parameters["generations"], 1000)
    return table[(table["generation"] >= end / 2) & (table["generation"] <= end)]


def mean_over_runs(
    values: Any,
    unit: str,
    sentence: str,
    limits: tuple[float, float] = (-math.inf, math.inf),
    undefined: str = "",
    **others: Any,
) -> Headline:
    """The mean of one value per run, with an interval inside the limits; NaN is left out and counted in the note.

    values : (run,) one independent value per run. limits : least and greatest value that is possible.
    undefined : why a value may be NaN. others : `expectation` and `rank` of the headline.
    Student's t, cut at the limits; where all values are equal and both limits are finite, see `bounded_mean_interval`.
    """
    values = np.asarray(values, dtype=float)
    bounded = math.isfinite(limits[0]) and math.isfinite(limits[1])
    estimate = bounded_mean_interval(values, *limits) if bounded else mean_interval(values)
    ends = estimate.ci and (max(limits[0], estimate.lo), min(limits[1], estimate.hi))
    missing = int(np.isnan(values).sum())
    note = f"undefined in {missing} of {values.size} runs: {undefined}" if missing else None
    if not values.size:
        note = undefined
    return Headline(
        estimate.value,
        ends,
        estimate.n,
        unit,
        sentence,
        note=note,
        standard_error=estimate.standard_error,
        **others,
    )
