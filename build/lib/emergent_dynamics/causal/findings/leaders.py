"""Leaders: the tokens that lead a group at the end, and how many tokens follow each.

The effective number of groups is n^2 / sum size^2, their participation ratio: equal to their count when
all are equally large. Sizes count tokens, the leader included.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal import groups as grouping
from emergent_dynamics.causal.expectations import headline, independent
from emergent_dynamics.statistics import bootstrap_interval, mean_interval
from emergent_dynamics.store import Headline


def find(groups: xr.Dataset) -> dict[str, pd.DataFrame]:
    """`leaders`: run, leader (token index), size, of the last frame of groups.zarr."""
    labels = groups["label"].isel(time=-1).values
    run, leader = np.nonzero(grouping.leads(labels))
    size = grouping.sizes(labels)[run, leader]
    return {"leaders": pd.DataFrame({"run": run, "leader": leader, "size": size})}


def per_run(leaders: pd.DataFrame) -> pd.DataFrame:
    """One row a run: n_leaders, largest (share of all tokens), effective (number of groups)."""
    size = leaders.groupby("run")["size"]
    tokens = size.sum()
    squares = leaders["size"].pow(2).groupby(leaders["run"]).sum()
    return pd.DataFrame(
        {"n_leaders": size.count(), "largest": size.max() / tokens, "effective": tokens**2 / squares}
    ).reset_index()


def summarise(leaders: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines: mean and spread of the number of leaders, their effective number, the largest share."""
    runs = per_run(leaders)
    count = runs["n_leaders"].to_numpy()
    spread = bootstrap_interval(count, _sd, seed=1)
    return {
        "leaders_mean": headline(mean_interval(count), "leaders", independent("leaders_mean", parameters)),
        "leaders_sd": headline(spread, "leaders", independent("leaders_sd", parameters)),
        "effective_groups": headline(mean_interval(runs["effective"].to_numpy()), "groups"),
        "largest_group": headline(mean_interval(runs["largest"].to_numpy()), "share of tokens"),
    }


def _sd(values: np.ndarray, axis: int) -> np.ndarray:
    """Sample standard deviation; of a single value NaN."""
    count = values.shape[axis]
    return np.std(values, axis=axis, ddof=1) if count > 1 else np.full(np.delete(values.shape, axis), np.nan)
