"""Plateaus: long spells, in log time, during which a run keeps its number of groups.

A plateau is a maximal stretch of saved frames with one n_clusters that lasts at least a factor 2 in time,
ln(end / start) >= ln 2. Times are in the model's unit; log lifetimes in units of ln time.
"""

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal.expectations import headline
from emergent_dynamics.causal.groups import leads as leading
from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline

SHORTEST = float(np.log(2.0))
COLUMNS = ["run", "n_clusters", "start", "end", "log_lifetime", "cut", "same_leaders", "leaders"]


def stretches(values: np.ndarray) -> list[tuple[int, int]]:
    """First and last index of every maximal stretch of equal values in a (time,) array."""
    cuts = np.flatnonzero(np.diff(values)) + 1
    return list(zip([0, *cuts.tolist()], [*(cuts - 1).tolist(), len(values) - 1], strict=True))


def find(groups: xr.Dataset) -> dict[str, pd.DataFrame]:
    """`plateaus`: run, n_clusters, start, end, log_lifetime, cut, same_leaders, leaders.

    start, end : first and last frame with that count; the frame of time 0 has no log time and is left out.
    cut : "start" | "end" | "both" where the plateau reaches the first or last frame, so that its lifetime is
    a lower bound, else "no". same_leaders : did the leaders stay the same tokens throughout? leaders : those
    of the last frame, separated by blanks.
    """
    later = groups.isel(time=slice(int(groups["time"].values[0] == 0.0), None))
    time, counts = later["time"].values, later["n_clusters"].values
    rows = []
    for run in range(len(counts)):
        labels = None
        for first, last in stretches(counts[run]):
            life = float(np.log(time[last] / time[first]))
            if life < SHORTEST - 1e-9:  # a factor 2 exactly, as saved times give it
                continue
            labels = later["label"].isel(run=run).values if labels is None else labels
            leads = leading(labels[first : last + 1])
            cut = _CUTS[first == 0, last == len(time) - 1]
            same = bool((leads == leads[-1]).all())
            names = " ".join(str(i) for i in np.flatnonzero(leads[-1]))
            rows.append((run, int(counts[run, last]), time[first], time[last], life, cut, same, names))
    return {"plateaus": pd.DataFrame(rows, columns=COLUMNS)}


_CUTS = {(False, False): "no", (True, False): "start", (False, True): "end", (True, True): "both"}


def summarise(plateaus: pd.DataFrame, groups: xr.Dataset) -> dict[str, Headline]:
    """Headlines: plateaus a run, their log lifetime (whole ones only), the share of log time they cover."""
    runs = range(groups.sizes["run"])
    counts = plateaus.groupby("run").size().reindex(runs, fill_value=0)
    whole = plateaus.loc[plateaus["cut"] == "no", "log_lifetime"]
    time = groups["time"].values
    span = float(np.log(time[-1] / time[time > 0][0])) if (time > 0).sum() > 1 else np.nan
    covered = plateaus.groupby("run")["log_lifetime"].sum().reindex(runs, fill_value=0.0) / span
    return {
        "plateaus": headline(mean_interval(counts.to_numpy()), "plateaus per run"),
        "whole_plateau_lifetime": headline(mean_interval(whole.to_numpy()), "ln(end / start)"),
        "log_time_on_plateaus": headline(mean_interval(covered.to_numpy()), "share of log time"),
    }
