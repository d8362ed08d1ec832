"""The number of groups against time, mean over runs."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import xarray as xr

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.interpolation import at_time, curve, is_reached
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import mean_interval


def find(groups: xr.Dataset) -> dict[str, pd.DataFrame]:
    """Table `counts`: time, value (mean number of groups), lo, hi (95 % interval of the mean over runs), n."""
    return {"counts": over_time(groups)}


def over_time(groups: xr.Dataset) -> pd.DataFrame:
    """Mean number of groups over runs against time: columns time, value, lo, hi, n."""
    counts, tokens = groups["n_clusters"].values, groups.sizes["token"]
    return curve(groups["time"].values, (mean_interval(frame, 1, tokens) for frame in counts.T))


def summarise(groups: xr.Dataset, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines: groups at the end, and at those times of the second code's curve that are close to saved frames."""
    counts, time, tokens = groups["n_clusters"].values, groups["time"].values, groups.sizes["token"]
    headlines = {
        "n_clusters_end": Headline.from_estimate(
            mean_interval(counts[:, -1], 1, tokens), "groups", "Mean number of groups at the end"
        )
    }
    for t, expectation in theory.curve("n_clusters", parameters).items():
        if is_reached(time, t):
            headlines[f"n_clusters_t{t:g}"] = Headline.from_estimate(
                mean_interval(at_time(counts, time, t), 1, tokens),
                "groups",
                f"Mean number of groups at time {t:g}",
                expectation=expectation,
            )
    return headlines
