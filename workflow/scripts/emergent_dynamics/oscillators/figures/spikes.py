"""Spikes: a raster of run 0, and the share of units above the threshold."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.oscillators.figures.against_time import Curve, curve, label, percent_over_runs
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def draw(rates: pd.DataFrame, raster: np.ndarray, time: np.ndarray) -> Figure:
    """Draw spikes.csv and a raster (frame, unit) of run 0: units that turn faster than the threshold, their share."""
    drawing, axes = style.figure(1000, 520, rows=2, sharex=True, height_ratios=(2, 1), gap=0)
    top, bottom = axes.flat
    top.grid(False)
    edges = (float(time[0]), float(time[-1]) or 1.0, 0.0, float(raster.shape[1]))
    last = np.where(raster.any(axis=0), len(raster) - np.argmax(raster[::-1] > 0, axis=0), 0)
    top.imshow(
        raster.T[np.argsort(last, kind="stable")],
        cmap="Greys",
        aspect="auto",
        origin="lower",
        extent=edges,
        vmin=0,
        vmax=1,
        interpolation="nearest",
    )
    top.set(
        ylabel="unit of a sample, by last spike", title="Run 0: black where a unit is above the threshold"
    )
    after = rates[rates["step"] > 0]
    curve(bottom, Curve(after, "rate", 0, 1), COLOURS["data"], "above the threshold")
    curve(bottom, Curve(after, "events", 0, 1), COLOURS["highlight"], "began in this frame")
    label(bottom, "share of units", "Level and events")
    bottom.legend(loc="best")
    style.letters(axes)
    end = percent_over_runs(after[after["step"] == after["step"].max()]["rate"].to_numpy())
    style.conclude(drawing, f"At the end {end} of the units still turn faster than the threshold")
    return drawing
