"""Spikes: units above a threshold of speed, as in the original study, and the events in which they exceed it.

If frames are n > 1 steps apart, both are measured from the frames; an event between two frames is missed.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import bounded_mean_interval
from emergent_dynamics.store import Variable, slices

EVENTS = "Times that a unit begins to spike"
SPACE = ("run", "channel", "y", "x")


def find(trajectory: xr.Dataset, config: Mapping[str, Any]) -> dict[str, Any]:
    """rates, a table: run, step, time, rate (share of units above the threshold), events (share that have just crossed
    it).

    first_spike, last_spike : (run, channel, y, x) time, NaN for a unit that never spikes.
    events : (run, channel, y, x) number of times that a unit began to spike.
    """
    shape = tuple(trajectory.sizes[dim] for dim in SPACE)
    first, last, events = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, np.int64)
    before, seen = np.zeros(shape, bool), 0
    rate, began = (np.empty((shape[0], trajectory.sizes["time"])) for _ in range(2))
    for chunk in slices(trajectory, "time"):
        level, time = chunk["spike"].values, chunk["time"].values
        begins = level & ~np.concatenate([before[:, None], level[:, :-1]], 1)
        any_here = level.any(1)
        earliest = np.where(any_here, time[level.argmax(1)], np.nan)
        first = np.where(np.isnan(first), earliest, first)
        last = np.where(any_here, time[::-1][level[:, ::-1].argmax(1)], last)
        events += begins.sum(1)
        before = level[:, -1]
        rate[:, seen : seen + time.size] = level.mean((2, 3, 4))
        began[:, seen : seen + time.size] = begins.mean((2, 3, 4))
        seen += time.size
    clock = {name: np.tile(trajectory[name].values, shape[0]) for name in ("step", "time")}
    rates = pd.DataFrame({"run": np.repeat(np.arange(shape[0]), seen), **clock})
    rates = rates.assign(rate=rate.reshape(-1), events=began.reshape(-1))
    return {"rates": rates, "first_spike": first, "last_spike": last, "events": events}


def variables(tables: Mapping[str, Any]) -> dict[str, Variable]:
    """The layout of spikes.zarr, which has one frame per run."""
    shape = tables["first_spike"].shape
    return {
        "first_spike": Variable(SPACE, shape, "float64", "time of the first spike, NaN: none", "model time"),
        "last_spike": Variable(SPACE, shape, "float64", "time of the last spike, NaN: none", "model time"),
        "events": Variable(SPACE, shape, "int64", "times a unit began to spike", "1", codec="table"),
    }


def summarise(tables: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines: mean rate, events per unit, and the mean time of the last spike of a unit; means over runs."""
    rates, every = tables["rates"], config["save"]["every"]
    frames, end = rates["step"].nunique(), float(rates["time"].max())
    rate = rates[rates["step"] > 0].groupby("run")["rate"].mean().to_numpy()
    silent = np.isnan(tables["first_spike"]).mean((1, 2, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean over a run without a spike is NaN
        last = np.nanmean(tables["last_spike"], axis=(1, 2, 3))
    headlines = {}
    for name, values, high, unit, sentence in (
        ("spike_rate", rate, 1.0, "share", "Share of units that spike in a step"),
        ("spike_events", tables["events"].mean((1, 2, 3)), frames / 2, "events", EVENTS),
        ("spike_silent", silent, 1.0, "share", "Share of units that never spike"),
        ("last_spike_time", last, end, "model time", "Time of the last spike, mean of the units that spike"),
    ):
        e = bounded_mean_interval(values, 0.0, high)
        notes = [f"as seen in frames every {every} steps"] if every > 1 else []
        if e.n < len(values):
            notes.append(f"{len(values) - e.n} of {len(values)} runs are left out: no unit spikes")
        if e.n == 1:
            notes.append("no interval: one run")
        headlines[name] = Headline.from_estimate(e, unit, sentence, note="; ".join(notes) or None)
    return headlines
