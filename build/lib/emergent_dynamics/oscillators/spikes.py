"""Spikes as a level, as the original study has them, and as events.

When a unit begins to turn faster than the threshold.

With frames every n > 1 steps both are what the frames show; an event between two frames is not seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline, Variable, slices

SPACE = ("run", "channel", "y", "x")


@dataclass(frozen=True)
class Spikes:
    """rates: a row per run and frame. first, last: (run, channel, y, x) time, NaN for a unit that never spikes.

    events: (run, channel, y, x) number of times that a unit began to spike.
    """

    rates: pd.DataFrame
    first: np.ndarray
    last: np.ndarray
    events: np.ndarray


def find(trajectory: xr.Dataset) -> Spikes:
    """spikes.csv: run, step, time, rate (share of units above the threshold), events (share that began to be)."""
    shape = tuple(trajectory.sizes[dim] for dim in SPACE)
    first, last, events = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, np.int64)
    before, tables = np.zeros(shape, bool), []
    for chunk in slices(trajectory, "time"):
        level, time = chunk["spike"].values, chunk["time"].values
        begins = level & ~np.concatenate([before[:, None], level[:, :-1]], 1)
        any_here = level.any(1)
        earliest = np.where(any_here, time[level.argmax(1)], np.nan)
        first = np.where(np.isnan(first), earliest, first)
        last = np.where(any_here, time[::-1][level[:, ::-1].argmax(1)], last)
        events += begins.sum(1)
        before = level[:, -1]
        for run in range(shape[0]):
            table = {"run": run, "step": chunk["step"].values, "time": time}
            table |= {"rate": level[run].mean((1, 2, 3)), "events": begins[run].mean((1, 2, 3))}
            tables.append(pd.DataFrame(table))
    rates = pd.concat(tables).sort_values(["run", "step"], kind="stable", ignore_index=True)
    return Spikes(rates, first, last, events)


def variables(found: Spikes) -> dict[str, Variable]:
    """The layout of spikes.zarr, a frame per run."""
    shape = found.first.shape
    return {
        "first_spike": Variable(SPACE, shape, "float64", "time of the first spike, NaN: none", "model time"),
        "last_spike": Variable(SPACE, shape, "float64", "time of the last spike, NaN: none", "model time"),
        "events": Variable(SPACE, shape, "int64", "times a unit began to spike", "1", codec="table"),
    }


def summarise(found: Spikes, given: Mapping[str, Any]) -> dict[str, Headline]:
    """Mean rate, events per unit, and the mean time at which a unit falls silent; means over runs."""
    rates = found.rates[found.rates["step"] > 0].groupby("run")["rate"].mean().to_numpy()
    silent = np.isnan(found.first).mean((1, 2, 3))
    with np.errstate(all="ignore"):
        last = np.array([np.nanmean(run) if not np.isnan(run).all() else np.nan for run in found.last])
    coarse = (
        None if given["save"]["every"] == 1 else f"as seen in frames every {given['save']['every']} steps"
    )
    rows = {}
    for name, values, unit, note in (
        ("spike_rate", rates, "share of units per step", coarse),
        ("spike_events", found.events.mean((1, 2, 3)), "events per unit", coarse),
        ("spike_silent", silent, "share of units", coarse),
        ("last_spike_time", last, "model time", coarse or "of units that spike at all"),
    ):
        e = mean_interval(values)
        rows[name] = Headline(e.value, e.ci, e.n, unit, note=note)
    return rows


def raster(trajectory: xr.Dataset, units: int = 200, frames: int = 600) -> np.ndarray:
    """(frame, unit) bool of run 0, at most that many, evenly spaced."""
    picked = slice(None, None, -(-trajectory.sizes["time"] // frames))
    chunks = [c["spike"].isel(run=0).values for c in slices(trajectory[["spike"]], "time")]
    flat = np.concatenate([c.reshape(len(c), -1)[:, :: -(-c[0].size // units)] for c in chunks])
    return flat[picked]
