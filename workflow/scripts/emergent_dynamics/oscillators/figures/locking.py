"""Phase locking of a sample of units: the matrix of run 0 and the histogram over pairs."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS

LOCKED = 0.9  # phase-locking value of a pair that is called locked


@style.styled()
def draw(plv: np.ndarray, histogram: pd.DataFrame) -> Figure:
    """PLV of run 0 (unit, unit), the units that lock least first, and the distribution over pairs of all runs."""
    drawing, axes = style.figure(1000, 420, columns=2, gap=150)
    matrix, pairs = axes.flat
    order = np.argsort(plv.mean(axis=1), kind="stable")
    lowest = float(np.floor(10 * np.nanmin(plv)) / 10) if np.isfinite(plv).any() else 0.0
    style.cells(matrix, plv[np.ix_(order, order)], "phase-locking value", limits=(lowest, 1), aspect="equal")
    matrix.set(xlabel="unit of a sample, sorted", ylabel="unit of a sample, sorted")
    matrix.set_title("Phase locking of run 0, second half")
    mean = histogram.groupby(["lo", "hi"], as_index=False)["share"].mean()
    pairs.stairs(
        mean["share"], [*mean["lo"], 1.0], color=COLOURS["data"], fill=True, alpha=0.6, baseline=1e-9
    )
    pairs.set(xlabel="phase-locking value", ylabel="share of pairs", title="Mean over runs")
    if (mean["share"] > 0).any():
        pairs.set_yscale("log")
        pairs.set_ylim(0.5 * mean.loc[mean["share"] > 0, "share"].min(), 1.5)
        style.powers(pairs, "y")
    style.letters(axes)
    locked = mean.loc[mean["lo"] >= LOCKED - 1e-9, "share"].sum()
    style.conclude(drawing, f"{100 * locked:.0f} % of the pairs are locked: their value is above {LOCKED:g}")
    return drawing
