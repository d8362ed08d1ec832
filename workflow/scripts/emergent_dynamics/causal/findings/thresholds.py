"""Separation thresholds: the distance from all earlier tokens at which followers and leaders start.

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

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.groups import leads as leading
from emergent_dynamics.causal.renyi import separation
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate, proportion_interval

COLUMNS = {
    "min_separation": "largest separation at which a token starts that follows at the end",
    "max_separation": "smallest separation at which a token but the first starts that leads at the end",
}
PERCENTILES = (10, 25, 50, 75, 90)


def find(trajectory: xr.Dataset, groups: xr.Dataset, beta: float) -> dict[str, pd.DataFrame]:
    """Table `thresholds`: run, min_separation, max_separation (1 / sqrt(beta)), censored.

    censored : "no"; "one leader" where only token 0 leads and max_separation is NaN; "no follower" where
    every token leads and min_separation is NaN; "one token" where both are NaN.
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
    """Headlines: percentiles of both thresholds, and shares of runs with a perfect and with a censored threshold."""
    headlines, largest = {}, float(np.pi * np.sqrt(parameters["beta"]))
    for column, sentence in COLUMNS.items():
        values = table[column].dropna().to_numpy()
        for percent in PERCENTILES:
            name = f"{column}_p{percent}"
            headlines[name] = Headline.from_estimate(
                percentile(values, percent, largest),
                "1/sqrt(beta)",
                f"{percent}th percentile over the runs of the {sentence}",
                expectation=theory.at_end(name, parameters),
                note=None if values.size > 1 else f"it is defined in {values.size} runs",
            )
    defined = table[table["censored"] == "no"]
    perfect = int((defined["min_separation"] < defined["max_separation"]).sum())
    headlines["perfect_threshold"] = Headline.from_estimate(
        proportion_interval(perfect, len(defined)),
        "share",
        "Share of runs in which every leader starts farther from all earlier tokens than any follower does",
        expectation=theory.at_end("perfect_threshold", parameters),
        rank=4,
        note=None if len(defined) else "in no run are both thresholds defined",
    )
    headlines["censored"] = Headline.from_estimate(
        proportion_interval(len(table) - len(defined), len(table)),
        "share",
        "Share of runs without a second leader or without a follower",
    )
    return headlines


def percentile(values: np.ndarray, percent: float, largest: float) -> Estimate:
    """Percentile of independent values in [0, largest], with the interval between two order statistics.

    It assumes no distribution. If the sample is too small for one of the order statistics, the interval ends with the
    range.
    """
    if values.size == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    interval = stats.quantile_test(values, p=percent / 100.0).confidence_interval()
    lo = 0.0 if np.isnan(interval.low) else float(interval.low)
    hi = largest if np.isnan(interval.high) else float(interval.high)
    return Estimate(float(np.percentile(values, percent)), lo, hi, values.size)
