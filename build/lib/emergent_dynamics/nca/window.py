"""Headlines of a world that has settled: which generations count, and their mean over runs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.nca.theory import Anchor
from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline


def stationary(table: pd.DataFrame, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of the second half of the run, at most the generations 500 to 1000 from which the known values come."""
    end = min(parameters["generations"], 1000)
    return table[(table["generation"] >= end / 2) & (table["generation"] <= end)]


def headline(window: pd.DataFrame, name: str, unit: str, anchor: Anchor | None = None) -> Headline:
    """Mean over generations of each run, then over runs (Student's interval, none for a single run)."""
    per_run = window.groupby("run")[name].mean()
    estimate = mean_interval(per_run.to_numpy())
    note = "no generation with a net" if np.isnan(estimate.value) else None
    if anchor is None:
        return Headline(estimate.value, estimate.ci, estimate.n, unit, note=note)
    ok = bool(abs(estimate.value - anchor.value) <= anchor.tolerance)
    return Headline(estimate.value, estimate.ci, estimate.n, unit, anchor.value, anchor.source, ok, note)
