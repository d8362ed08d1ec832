"""The number of groups over time: its mean, and the share of runs that have each number."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.causal import frames, theory
from emergent_dynamics.causal.figures import axes as own
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS

COLUMNS = 1000  # largest number of frames in the map of shares


@style.styled()
def over_time(table: pd.DataFrame, groups: xr.Dataset, parameters: Mapping[str, Any]) -> Figure:
    """Draw counts.csv with its band and the curve of the second code, and below the share of runs with each number.

    groups : groups.zarr, of which `n_clusters` (run, time) is read.
    """
    drawing, [[axis], [below]] = style.figure(900, 640, rows=2, sharex=True, height_ratios=(1.2, 1.0))
    later = table[table["time"] > 0]
    if len(later) < 2:
        style.nothing(axis, "fewer than two frames after the start")
        style.nothing(below, "")
        return drawing
    style.band(axis, later["time"], later["lo"], later["hi"])
    axis.plot(
        later["time"], later["value"], color=COLOURS["data"], label=f"mean of {later['n'].max()} runs, 95 %"
    )
    curve = theory.curve("n_clusters", parameters)
    reached = {t: number for t, number in curve.items() if t <= later["time"].max() * 1.06}
    own.expected(axis, reached, "second code", marker="o", markersize=4, clip_on=False)
    axis.set(ylabel="groups, mean", ylim=(0, None))
    axis.set_title(f"{parameters['tokens']} tokens at β = {parameters['beta']:g}")
    axis.legend()
    _shares(below, groups)
    below.set(ylabel="groups in a run", xlim=(later["time"].min(), later["time"].max()))
    below.set_title("Share of runs with each number of groups")
    for counted in (axis, below):
        counted.yaxis.get_major_locator().set_params(integer=True)
    own.log_time(below, own.clock(parameters))
    style.letters(np.array([axis, below]))
    end = later.iloc[-1]
    style.conclude(drawing, f"The tokens gather into {style.interval(*end[['value', 'lo', 'hi']])} groups")
    return drawing


def _shares(axis: Axes, groups: xr.Dataset) -> None:
    time = groups["time"].values
    kept = np.flatnonzero(time > 0)
    if len(kept) > COLUMNS:  # more than the figure has pixels: evenly spaced on its logarithmic axis
        wanted = np.geomspace(time[kept[0]], time[kept[-1]], COLUMNS)
        kept = kept[np.unique(np.searchsorted(time[kept], wanted).clip(max=len(kept) - 1))]
    (numbers,) = frames.read(groups[["n_clusters"]], kept).values()
    most = int(numbers.max())
    counted = np.array([np.bincount(column, minlength=most + 1) for column in numbers.T])
    share = counted.T / len(numbers)
    edges = np.sqrt(time[kept][1:] * time[kept][:-1])
    edges = np.concatenate([time[kept][:1], edges, time[kept][-1:]])
    shown = axis.pcolormesh(
        edges, np.arange(most + 2) - 0.5, np.where(share > 0, share, np.nan), vmin=0, vmax=1
    )
    axis.grid(False)
    style.colour_bar(shown, axis, "share of runs")
    axis.set_ylim(0.5, most + 0.5)
