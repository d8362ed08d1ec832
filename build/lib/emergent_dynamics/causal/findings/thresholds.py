"""Separation thresholds: how far from all earlier tokens a token starts that is captured, and one that leads.

With s_i the geodesic distance of token i at time 0 to its nearest earlier token, in 1 / sqrt(beta),

    min_separation = max of s_i over the tokens that follow at the end,
    max_separation = min of s_i over the leaders but token 0, which has no earlier token.

A threshold on s tells leaders from followers without error exactly when min_separation < max_separation.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from emergent_dynamics.causal.expectations import headline, independent
from emergent_dynamics.causal.groups import leads as leading
from emergent_dynamics.causal.renyi import separation
from emergent_dynamics.statistics import Estimate, proportion_interval
from emergent_dynamics.store import Headline

COLUMNS = ("min_separation", "max_separation")
PERCENTILES = (10, 25, 50, 75, 90)


def find(trajectory: xr.Dataset, groups: xr.Dataset, beta: float) -> dict[str, pd.DataFrame]:
    """`thresholds`: run, min_separation, max_separation (1 / sqrt(beta)), censored.

    censored : "no"; "one leader" where only token 0 leads and max_separation is NaN; "no follower" where
    every token leads and min_separation is NaN; "one token" where both are.
    """
    x = trajectory["x"].isel(time=0).values
    leads = leading(groups["label"].isel(time=-1).values)
    scaled = separation(x) * np.sqrt(beta)
    lowest, highest = extremes(scaled, leads)
    reason = np.select(
        [np.isnan(lowest) & np.isnan(highest), np.isnan(highest), np.isnan(lowest)],
        ["one token", "one leader", "no follower"],
        "no",
    )
    columns = {"run": np.arange(len(x)), "min_separation": lowest, "max_separation": highest}
    return {"thresholds": pd.DataFrame(columns | {"censored": reason})}


def extremes(separations: np.ndarray, leads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(min_separation, max_separation), each (run,), NaN where undefined.

    separations (run, token), inf for token 0; leads (run, token) bool, true for token 0.
    """
    lowest = np.where(leads, -np.inf, separations).max(-1)
    highest = np.where(leads & np.isfinite(separations), separations, np.inf).min(-1)
    return np.where(np.isinf(lowest), np.nan, lowest), np.where(np.isinf(highest), np.nan, highest)


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines: percentiles of both thresholds, shares of runs with a perfect and with a censored one."""
    found = {}
    for column in COLUMNS:
        values = table[column].dropna().to_numpy()
        for percent in PERCENTILES:
            name = f"{column}_p{percent}"
            found[name] = headline(
                _percentile(values, percent), "1/sqrt(beta)", independent(name, parameters)
            )
    defined = table[table["censored"] == "no"]
    perfect = int((defined["min_separation"] < defined["max_separation"]).sum())
    name = "perfect_threshold"
    share = proportion_interval(perfect, len(defined))
    found[name] = headline(share, "share of runs", independent(name, parameters))
    censored = proportion_interval(len(table) - len(defined), len(table))
    found["censored"] = headline(censored, "share of runs")
    return found


def _percentile(values: np.ndarray, percent: float) -> Estimate:
    """Percentile of independent values with the distribution-free interval between two order statistics."""
    if values.size == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    interval = stats.quantile_test(values, p=percent / 100.0).confidence_interval()
    value = float(np.percentile(values, percent))
    return Estimate(value, float(interval.low), float(interval.high), values.size)
