"""Plateaus: long spells, in log time, during which a run keeps its number of groups.

A plateau is a maximal stretch of saved frames with one n_clusters that lasts at least a factor 2 in time,
ln(end / start) >= ln 2. Stretches that end before the peak of a run's number of groups are left out: until then the
dense cloud breaks up at random, and equal counts have no meaning. Times are in the model's unit; log lifetimes
are in units of ln time.
"""

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal.groups import leads as leading
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import bounded_mean_interval, mean_interval
from emergent_dynamics.store import slices

SHORTEST = float(np.log(2.0))
COLUMNS = ["run", "n_clusters", "start", "end", "log_lifetime", "cut", "same_leaders", "leaders"]


def stretches(values: np.ndarray) -> list[tuple[int, int]]:
    """First and last index of every maximal stretch of equal values in a (time,) array."""
    cuts = np.flatnonzero(np.diff(values)) + 1
    return list(zip([0, *cuts.tolist()], [*(cuts - 1).tolist(), len(values) - 1], strict=True))


def find(groups: xr.Dataset) -> dict[str, pd.DataFrame]:
    """Table `plateaus`: run, n_clusters, start, end, log_lifetime, cut, same_leaders, leaders.

    start, end : first and last frame with that count; the frame of time 0 has no log time and is left out. cut :
    "start" | "end" | "both" where the plateau reaches the first or last frame, so that its lifetime is a lower bound,
    else "no". same_leaders : whether the leaders were the same tokens throughout. leaders : those of the last frame,
    separated by blanks.
    """
    later = groups.isel(time=slice(int(groups["time"].values[0] == 0.0), None))
    time, counts = later["time"].values, later["n_clusters"].values
    rows = []
    for run in range(len(counts)):
        peak = int(counts[run].argmax())
        for first, last in stretches(counts[run]):
            if last < peak:
                continue
            life = float(np.log(time[last] / time[first]))
            if life < SHORTEST - 1e-9:  # saved times may give a factor of exactly 2
                continue
            same, leaders = _leaders(
                later[["label"]].isel(run=slice(run, run + 1), time=slice(first, last + 1))
            )
            cut = _CUTS[first == 0, last == len(time) - 1]
            names = " ".join(str(i) for i in leaders)
            rows.append((run, int(counts[run, last]), time[first], time[last], life, cut, same, names))
    return {"plateaus": pd.DataFrame(rows, columns=COLUMNS)}


def _leaders(stretch: xr.Dataset) -> tuple[bool, np.ndarray]:
    """Whether the tokens that lead in the last frame lead in all frames of a run's labels, and these tokens."""
    last = leading(stretch["label"].isel(time=-1).values)
    same = all((leading(piece["label"].values) == last[:, None]).all() for piece in slices(stretch, "time"))
    return bool(same), np.flatnonzero(last)


_CUTS = {(False, False): "no", (True, False): "start", (False, True): "end", (True, True): "both"}


def summarise(plateaus: pd.DataFrame, groups: xr.Dataset) -> dict[str, Headline]:
    """Headlines: plateaus per run, the log lifetime of whole ones, and the share of log time that plateaus cover."""
    runs, later = range(groups.sizes["run"]), groups.isel(time=groups["time"].values > 0)
    counts, time = plateaus.groupby("run").size().reindex(runs, fill_value=0), later["time"].values
    span = np.log(time[-1] / time[later["n_clusters"].values.argmax(1)]) if len(time) > 1 else np.nan
    span = np.where(span > 0, span, np.nan)  # a run whose count peaks at its end has no time after the peak
    covered: pd.Series = plateaus.groupby("run")["log_lifetime"].sum().reindex(runs, fill_value=0.0) / span
    return {
        "plateaus": Headline.from_estimate(
            mean_interval(counts.to_numpy(), 0), "plateaus per run", "Mean number of plateaus per run"
        ),
        "whole_plateau_lifetime": whole_lifetime(plateaus[plateaus["cut"] == "no"]),
        "log_time_on_plateaus": Headline.from_estimate(
            bounded_mean_interval(np.minimum(covered.dropna().to_numpy(), 1.0)),
            "share",
            "Share of the logarithm of time since its number of groups peaked that a run spends on plateaus",
            note=None if covered.notna().any() else "fewer than two frames after the peak",
        ),
    }


def whole_lifetime(whole: pd.DataFrame) -> Headline:
    """Mean of ln(end / start) over the plateaus that begin and end within their run.

    The plateaus of one run are not independent, so the error is that of a ratio of sums over runs.
    """
    runs = whole.groupby("run")["log_lifetime"].agg(["sum", "count"])
    mean = whole["log_lifetime"].mean()
    linear = mean + (runs["sum"] - mean * runs["count"]) / runs["count"].mean()
    return Headline.from_estimate(
        mean_interval(linear.to_numpy(), 0),
        "ln(end / start)",
        "Mean logarithm of end over start of the plateaus that are seen whole, in the runs that have any",
        note=None if len(runs) else "no plateau both begins and ends within the run",
    )
