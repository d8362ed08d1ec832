"""Avalanche shapes: mean size against duration, mean shapes, and the shapes after collapse."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.branching import exact, shapes, theory
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tally import Tally
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS


@style.styled()
def draw(tally: Tally, law: exact.Avalanches, row: pd.Series, p: Parameters) -> Figure:
    """Draw the mean size against duration, the mean shapes, and the shapes after collapse."""
    drawing, [[first, second, third]] = style.figure(1100, 400, 1, 3, gap=78)
    d, shortest = np.arange(1, p.layers), min(5, p.layers - 1)
    first.set_title(f"γ = {row['gamma']:.3f}, exact {row['gamma_exact']:.3f}".replace("nan", "undefined"))
    if np.isfinite([tally.mean_size[d], law.mean_size[d]]).any():
        _sizes(first, tally, law, d, shortest)
    else:
        style.nothing(first, "every avalanche reaches the last layer")
    shape = shapes.mean_profile(tally.profile, tally.durations)
    some = [
        int(x)
        for x in np.unique(np.linspace(shortest, p.layers - 1, 6).round())
        if np.isfinite(shape[int(x), 0])
    ]
    gamma = row["gamma_collapse"]
    for colour, duration in zip(CATEGORIES, some, strict=False):
        second.plot(
            np.arange(duration), shape[duration, :duration], ".-", color=colour, label=f"D = {duration}"
        )
        if np.isfinite(gamma):
            third.plot(shapes.GRID, shapes.rescaled(shape, np.array([duration]), gamma)[0], color=colour)
    second.set(xlabel="layer t", ylabel="⟨A(t | D)⟩ (neurons)", title="Mean shapes")
    second.set_ylim(top=1.3 * second.get_ylim()[1])
    second.legend(ncols=3, loc="upper left", columnspacing=1.0)
    third.set(
        xlabel="t / D",
        ylabel="⟨A⟩ D^(1 − γ)",
        title=f"Collapsed: γ = {gamma:.3f}, exact {row['gamma_collapse_exact']:.3f}"
        if np.isfinite(gamma)
        else "Too few durations to collapse",
    )
    third.plot(
        shapes.GRID,
        _parabola(third),
        color=COLOURS["theory"],
        linestyle="--",
        linewidth=1.3,
        label="parabola",
    )
    third.legend(loc="lower center")
    style.letters(np.array([first, second, third]))
    if np.isfinite(gamma):
        exactly = f"exact {row['gamma_collapse_exact']:.3f}"
        style.conclude(
            drawing, f"Mean shapes of avalanches of all durations collapse with γ = {gamma:.3f}, {exactly}"
        )
    return drawing


def _sizes(axis: Axes, tally: Tally, law: exact.Avalanches, d: np.ndarray, shortest: int) -> None:
    """Draw the mean size against the durations d (layers), measured, exact and in mean field."""
    mean, error = tally.mean_size[d], 1.96 * tally.mean_size_error[d]
    style.estimates(axis, d, mean, mean - error, mean + error, label="measured")
    style.theory_line(axis, d, law.mean_size[d], label="exact")
    axis.plot(
        d,
        law.mean_size[shortest] * (d / shortest) ** theory.MEAN_FIELD["gamma"],
        color=COLOURS["muted"],
        label="mean field, D²",
    )
    axis.set(xscale="log", yscale="log", xlabel="duration D (layers)", ylabel="⟨S⟩(D) (neurons)")
    style.powers(axis)
    style.powers(axis, "y")
    axis.legend()


def _parabola(axis: Axes) -> np.ndarray:
    """Return t (1 - t) over the grid, scaled to the mean height of the collapsed shapes; NaN if there are none."""
    drawn = [np.asarray(line.get_ydata(), float) for line in axis.get_lines()]
    unit = shapes.GRID * (1 - shapes.GRID)
    return unit * (np.nanmean(drawn) / unit.mean() if drawn else np.nan)
