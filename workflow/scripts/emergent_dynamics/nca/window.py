"""Means over runs within the range that a quantity can have, and the window over which worlds are averaged."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import bounded_mean_interval, mean_interval, student_p

DRIFT = 0.001  # level of the test: share of stationary measures that are said to drift


def late(table: pd.DataFrame, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of the second half of the run, at most the generations 500 to 1000."""
    end = min(parameters["generations"], 1000)
    return table[(table["generation"] >= end / 2) & (table["generation"] <= end)]


def with_drift(headlines: Mapping[str, Headline], table: pd.DataFrame) -> dict[str, Headline]:
    """Return the headlines, with a note on those whose column in the window `table` is not stationary.

    The means of the two halves of the window are compared run by run, by Student's t test at the level `DRIFT`.
    """
    later = table["generation"] > table["generation"].median()
    first, second = (rows.groupby("run")[list(headlines)].mean() for rows in (table[~later], table[later]))
    return {name: _noted(headline, (second - first)[name].dropna()) for name, headline in headlines.items()}


def _noted(headline: Headline, shift: pd.Series) -> Headline:
    if len(shift) < 2 or np.allclose(shift, shift.iloc[0], atol=0) or student_p(shift.to_numpy()) >= DRIFT:
        return headline
    note = f"still drifts: by {shift.mean():+.3g} from the first to the second half of the window"
    return replace(headline, note=f"{headline.note}; {note}" if headline.note else note)


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
