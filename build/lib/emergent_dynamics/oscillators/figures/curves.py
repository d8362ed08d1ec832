"""Quantities against time: mean over runs with its 95 % band, theory dashed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from emergent_dynamics.oscillators import theory
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS

POINTS = 400  # drawn per curve; more are not seen


def _curve(axis: Axes, table: pd.DataFrame, column: str, colour: str, label: str | None = None) -> None:
    """Mean over runs against time, with Student's interval as a band where there are several."""
    wide = table.pivot_table(index="time", columns="run", values=column)
    wide = wide.iloc[:: max(1, len(wide) // POINTS)]
    mean, n = wide.mean(axis=1), wide.shape[1]
    if n > 1:
        half = stats.t.ppf(0.975, n - 1) * wide.std(axis=1) / np.sqrt(n)
        style.band(axis, wide.index, mean - half, mean + half, colour)
    axis.plot(wide.index, mean, color=colour, label=label)


def _words(axis: Axes, ylabel: str, title: str, xlabel: str = "time (model time)", **more: Any) -> None:
    axis.set(xlabel=xlabel, ylabel=ylabel, title=title, **more)


@style.styled()
def order(table: pd.DataFrame, given: Mapping[str, Any]) -> Figure:
    """order.csv: R of the field, of channels and windows; entropy; speed, with where the field counts as settled."""
    drawing, axes = style.figure(1000, 600, rows=2, columns=2, sharex=True, gap=92)
    whole, parts, disorder, speed = axes.flat
    _curve(whole, table, "order", COLOURS["data"], "field")
    _curve(whole, table, "local_order", COLOURS["second"], "windows, mean")
    expected = theory.random_order(given["channels"] * given["height"] * given["width"])
    style.theory_level(whole, expected, "independent phases")
    _words(whole, "order parameter R", "Synchrony", "", ylim=(0, 1.02))
    whole.legend(loc="best")
    for d in range(min(given["channels"], len(CATEGORIES))):
        _curve(parts, table, f"order_{d}", CATEGORIES[d], f"channel {d}")
    _words(parts, "order parameter R", "Synchrony within each channel", "", ylim=(0, 1.02))
    parts.legend(loc="best")
    _curve(disorder, table, "entropy", COLOURS["data"])
    _words(disorder, "entropy / log 64", "Disorder of phases")
    _curve(speed, table[table["speed"].notna()], "speed", COLOURS["data"])
    style.theory_level(speed, given["settled"], "settled")
    _words(speed, "speed (rad per unit time)", "Root mean square speed")
    style.log_ticks(speed, "y")
    speed.legend(loc="best")
    style.letters(axes)
    return drawing


@style.styled()
def energy(table: pd.DataFrame, limit: float, given: Mapping[str, Any]) -> Figure:
    """energy.csv: the energy, and its change between frames, which may not be positive within the bound."""
    drawing, axes = style.figure(1000, 380, columns=2, gap=92)
    level, change = axes.flat
    _curve(level, table, "energy", COLOURS["data"])
    _words(level, "energy (rad per unit time)", "Energy of coupling and input")
    moving = table[table["change"].notna()]
    _curve(change, moving, "change", COLOURS["data"], "between frames")
    style.theory_level(
        change, 0.0, "never above (proven)" if given["step_size"] <= limit else "zero (nothing proven)"
    )
    change.set_yscale("symlog", linthresh=1e-6, base=100)
    style.powers(change, "y")
    _words(
        change,
        "change of energy (rad per unit time)",
        f"{int(moving['rises'].sum())} rises in {len(moving)} intervals",
    )
    change.legend(loc="best")
    style.letters(axes)
    return drawing


@style.styled()
def spikes(rates: pd.DataFrame, raster: np.ndarray, time: np.ndarray) -> Figure:
    """spikes.csv and a raster (frame, unit) of run 0: which units turn faster than the threshold, and what share."""
    drawing, axes = style.figure(1000, 520, rows=2, sharex=True, height_ratios=(2, 1), gap=0)
    top, bottom = axes.flat
    top.grid(False)
    edges = (float(time[0]), float(time[-1]) or 1.0, 0.0, float(raster.shape[1]))
    top.imshow(
        raster.T,
        cmap="Greys",
        aspect="auto",
        origin="lower",
        extent=edges,
        vmin=0,
        vmax=1,
        interpolation="nearest",
    )
    top.set(ylabel="unit (of a sample)", title="Spikes of run 0: above the threshold, black")
    after = rates[rates["step"] > 0]
    _curve(bottom, after, "rate", COLOURS["data"], "above the threshold")
    _curve(bottom, after, "events", COLOURS["highlight"], "began in this frame")
    _words(bottom, "share of units", "Level and events")
    bottom.legend(loc="best")
    style.letters(axes)
    return drawing


@style.styled()
def defects(table: pd.DataFrame) -> Figure:
    """defects.csv: share of squares with a vortex, dashed 1/3 for independent phases; charge against the boundary's."""
    drawing, axes = style.figure(1000, 380, columns=2, gap=92)
    share, charge = axes.flat
    _curve(share, table, "fraction", COLOURS["data"])
    style.theory_level(share, theory.VORTEX_FRACTION_RANDOM, "independent phases: 1/3")
    _words(share, "share of squares with a vortex", "Topological defects", yscale="symlog")
    share.set_yscale("symlog", linthresh=1e-3)
    style.powers(share, "y")
    share.set_ylim(bottom=0)
    share.legend(loc="best")
    _curve(charge, table, "charge", COLOURS["data"], "sum of windings")
    wide = table.groupby("time")["boundary"].mean()
    style.theory_line(charge, wide.index, wide, label="winding of the boundary (Stokes)")
    _words(charge, "turns, all channels", "Conservation of charge")
    charge.legend(loc="best")
    style.letters(axes)
    return drawing


@style.styled()
def locking(plv: np.ndarray, histogram: pd.DataFrame) -> Figure:
    """PLV of run 0 (unit, unit) and the distribution over pairs of all runs, per run."""
    drawing, axes = style.figure(1000, 420, columns=2, gap=150)
    matrix, pairs = axes.flat
    style.cells(matrix, plv, "phase-locking value", limits=(0, 1), aspect="equal")
    matrix.set(
        xlabel="unit (of a sample)", ylabel="unit (of a sample)", title="Phase locking of run 0, second half"
    )
    mean = histogram.groupby(["lo", "hi"], as_index=False)["share"].mean()
    pairs.stairs(mean["share"], [*mean["lo"], 1.0], color=COLOURS["data"], fill=True, alpha=0.6)
    pairs.set(xlabel="phase-locking value", ylabel="share of pairs", title="Mean over runs")
    style.letters(axes)
    return drawing
