"""The number of groups against time, mean over runs."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import xarray as xr

from emergent_dynamics.causal.expectations import headline, series
from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline


def find(groups: xr.Dataset) -> dict[str, pd.DataFrame]:
    """`counts`: time, value (mean n_clusters), lo, hi (95 % of the mean over runs), n."""
    return {"counts": over_time(groups)}


def over_time(groups: xr.Dataset) -> pd.DataFrame:
    """time, value (mean n_clusters), lo, hi, n."""
    counts = groups["n_clusters"].values
    found = [mean_interval(counts[:, k]) for k in range(counts.shape[1])]
    rows = [(t, e.value, e.lo, e.hi, e.n) for t, e in zip(groups["time"].values, found, strict=True)]
    return pd.DataFrame(rows, columns=["time", "value", "lo", "hi", "n"])


def summarise(groups: xr.Dataset, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines of one experiment: groups at the end, and at the times of the independent curve."""
    counts = groups["n_clusters"].values
    found = {"n_clusters_end": headline(mean_interval(counts[:, -1]), "groups")}
    return found | series("n_clusters", "groups", counts, groups["time"].values, parameters)
