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
from emergent_dynamics.causal import theory
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import deviation_interval, mean_interval, unskewed_mean_interval


def find(groups: xr.Dataset) -> dict[str, pd.DataFrame]:
    """Table `leaders`: run, leader (token index) and size of each group in the last frame of groups.zarr."""
    labels = groups["label"].isel(time=-1).values
    run, leader = np.nonzero(grouping.leads(labels))
    size = grouping.sizes(labels)[run, leader]
    return {"leaders": pd.DataFrame({"run": run, "leader": leader, "size": size})}


def per_run(leaders: pd.DataFrame) -> pd.DataFrame:
    """Table with one row per run: n_leaders, largest (share of all tokens), effective (number of groups)."""
    size = leaders.groupby("run")["size"]
    tokens = size.sum()
    squares = leaders["size"].pow(2).groupby(leaders["run"]).sum()
    columns = {"n_leaders": size.count(), "largest": size.max() / tokens, "effective": tokens**2 / squares}
    return pd.DataFrame(columns).reset_index()


def summarise(leaders: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines: mean and spread of the number of leaders, their effective number, the largest share."""
    runs, tokens = per_run(leaders), int(parameters["tokens"])
    count = runs["n_leaders"].to_numpy()
    spread = deviation_interval(count)
    return {
        "leaders_mean": Headline.from_estimate(
            mean_interval(count, 1, tokens),
            "leaders",
            "Mean number of leaders, each of which leads one group, at the end",
            expectation=theory.at_end("leaders_mean", parameters),
            rank=1,
        ),
        "leaders_sd": Headline.from_estimate(
            spread,
            "leaders",
            "Standard deviation between runs of the number of leaders at the end",
            expectation=theory.at_end("leaders_sd", parameters),
            note=_without_spread(count),
        ),
        "effective_groups": Headline.from_estimate(
            mean_interval(runs["effective"].to_numpy(), 1, tokens),
            "groups",
            "Effective number of groups at the end, which counts unequal groups as fewer",
        ),
        "largest_group": Headline.from_estimate(
            unskewed_mean_interval(runs["largest"].to_numpy()),
            "share",
            "Share of the tokens that are in the largest group at the end",
        ),
    }


def _without_spread(count: np.ndarray) -> str | None:
    """The reason why the spread has no interval; None if it has one."""
    if len(count) < 2:
        return "one run has no spread"
    return "no interval: all runs have as many leaders" if np.ptp(count) == 0 else None
