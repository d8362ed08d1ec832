"""Avalanches of a recording: sizes, durations, mean size against duration, and rescaled mean shapes."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.branching import exponents, shapes, theory
from emergent_dynamics.branching.histograms import log_bins
from emergent_dynamics.branching.recording import Avalanches
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS

LARGEST = 10**7  # largest value that is drawn
SHORTEST = 3  # bins; a shorter avalanche has no shape


@style.styled()
def draw(found: Avalanches, row: pd.Series) -> Figure:
    """Draw one panel if only sizes are known, two with durations, and four if the activity itself is known."""
    if not found.sizes.size:
        return _none(row)
    panels = 1 if found.durations is None else 4 if _shaped(found).size else 2
    size = (320 + 340 * min(panels, 2), 400 if panels < 3 else 760)
    drawing, grid = style.figure(*size, *LAYOUT[panels], gap=78 if panels < 3 else None)
    axes = np.array(grid).ravel()
    _law(axes[0], found.sizes, row, "tau")
    axes[0].set(xlabel="size S (events)", ylabel="P(S)", title="Sizes")
    if found.durations is not None:
        _law(axes[1], found.durations, row, "alpha")
        axes[1].set(xlabel="duration D (bins)", ylabel="P(D)", title="Durations")
    if panels == 4:
        _sizes_of_durations(axes[2], found, row)
        _shapes(axes[3], found, row)
    style.letters(axes)
    if np.isfinite(row["tau"]):
        tau = style.interval(row["tau"], row["tau_lo"], row["tau_hi"])
        style.conclude(
            drawing,
            f"Sizes of recorded avalanches fall with the exponent {tau} from {row['tau_lowest']:.0f} on"
            + _ruled_out(row),
        )
    return drawing


def _ruled_out(row: pd.Series) -> str:
    """State that a power law is ruled out, where few samples of it deviate from it as much as the sizes do."""
    if not row.get("tau_p", np.nan) < theory.IMPLAUSIBLE:
        return ""
    p = style.interval(row["tau_p"], row["tau_p_lo"], row["tau_p_hi"])
    return f", but a power law is ruled out: p = {p}"


def _none(row: pd.Series) -> Figure:
    """Return a figure that states why there is no avalanche."""
    drawing, [[axis]] = style.figure(760, 200, 1, 1)
    axis.text(0.5, 0.5, f"{str(row['reason']).capitalize()}.", ha="center", va="center")
    axis.set_axis_off()
    return drawing


LAYOUT = {1: (1, 1), 2: (1, 2), 4: (2, 2)}


def _law(axis: Axes, numbers: np.ndarray, row: pd.Series, name: str) -> None:
    """Draw the probabilities in logarithmic bins, and the fitted law in the window of the fit."""
    numbers = numbers[numbers <= LARGEST]
    histogram = np.bincount(numbers, minlength=2)
    if numbers.size:
        axis.plot(
            *log_bins(histogram / histogram.sum()), "o", color=COLOURS["data"], markersize=4, label="recorded"
        )
    low, high = row[f"{name}_lowest"], row[f"{name}_highest"]
    if np.isfinite(row[name]) and numbers.size:
        high = min(high, numbers.max()) if np.isfinite(high) else numbers.max()
        x = np.unique(np.geomspace(low, high, 60).round())
        weight = x ** -row[name]
        share = (numbers >= low)[numbers <= high].mean() if (numbers <= high).any() else 0.0
        total = (np.arange(low, high + 1) ** -row[name]).sum()
        interval = f"[{row[f'{name}_lo']:.3f}, {row[f'{name}_hi']:.3f}]"
        text = f"{'τ' if name == 'tau' else 'α'} = {row[name]:.3f} {interval}\nfrom {low:.0f}"
        axis.plot(x, share * weight / total, color=COLOURS["highlight"], label=text)
    axis.set(xscale="log", yscale="log")
    style.powers(axis)
    style.powers(axis, "y")
    axis.legend(loc="lower left")


def _sizes_of_durations(axis: Axes, found: Avalanches, row: pd.Series) -> None:
    assert found.durations is not None
    count, total = (np.bincount(found.durations, found.sizes.astype(float) ** k) for k in range(2))
    d = np.flatnonzero(count >= exponents.FEWEST)
    if d.size:
        mean = total[d] / count[d]
        axis.plot(d, mean, "o", color=COLOURS["data"], markersize=4, label="recorded")
        inside = d[d >= row["alpha_lowest"]]
        if np.isfinite(row["gamma"]) and inside.size:
            middle = np.exp(
                np.log(mean[d >= row["alpha_lowest"]]).mean() - row["gamma"] * np.log(inside).mean()
            )
            text = f"γ = {row['gamma']:.3f} [{row['gamma_lo']:.3f}, {row['gamma_hi']:.3f}]"
            axis.plot(inside, middle * inside ** row["gamma"], color=COLOURS["highlight"], label=text)
        axis.legend()
    axis.set(xscale="log", yscale="log", xlabel="duration D (bins)", ylabel="⟨S⟩(D) (events)")
    axis.set_title("Mean size" + (f", predicted γ = {row['gamma_predicted']:.3f}" if d.size else ""))
    style.powers(axis)
    style.powers(axis, "y")


def _often(found: Avalanches) -> np.ndarray:
    """Return (d,) the number of avalanches of each duration whose activity is known, 0 where there are fewer than
    `exponents.FEWEST`.
    """
    assert found.durations is not None
    if found.profile is None:
        return np.zeros(1, np.int64)
    longest = len(found.profile) - 1
    count = np.bincount(found.durations[found.durations <= longest], minlength=longest + 1)
    return np.where(count >= exponents.FEWEST, count, 0)


def _shaped(found: Avalanches) -> np.ndarray:
    """Return the durations that have a mean shape to draw."""
    d = np.flatnonzero(_often(found))
    return d[d >= SHORTEST]


def _shapes(axis: Axes, found: Avalanches, row: pd.Series) -> None:
    assert found.profile is not None
    shape, seen = shapes.mean_profile(found.profile, _often(found)), _shaped(found)
    gamma = row["gamma_collapse"] if np.isfinite(row["gamma_collapse"]) else 1.0
    some = seen[np.unique(np.linspace(0, seen.size - 1, 6).round().astype(int))]
    for colour, duration in zip(CATEGORIES, some, strict=False):
        line = shapes.rescaled(shape, np.array([duration]), gamma)[0]
        axis.plot(shapes.GRID, line, color=colour, label=f"D = {duration}")
    axis.set_ylim(0, 1.35 * axis.get_ylim()[1])
    axis.legend(ncols=3, loc="upper left", columnspacing=1.0)
    known = np.isfinite(row["gamma_collapse"])
    axis.set(xlabel="t / D", ylabel="⟨A⟩ D^(1 − γ)" if known else "⟨A⟩ (events)")
    axis.set_title(f"Shapes collapsed with γ = {gamma:.3f}" if known else "Mean shapes")
