"""Phase locking of a sample of units: the matrix of run 0 and the histogram over pairs."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.oscillators.figures.against_time import percent_over_runs
from emergent_dynamics.oscillators.findings.locking import LOCKED
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def draw(plv: np.ndarray, histogram: pd.DataFrame) -> Figure:
    """Draw PLV (run, unit, unit): the matrix of run 0, units that lock least first, and its distribution over pairs."""
    drawing, axes = style.figure(1000, 420, columns=2, gap=150)
    matrix, pairs = axes.flat
    first = plv[0]
    order = np.argsort(first.mean(axis=1), kind="stable")
    lowest = float(np.floor(10 * np.nanmin(first)) / 10) if np.isfinite(first).any() else 0.0
    style.cells(
        matrix, first[np.ix_(order, order)], "phase-locking value", limits=(lowest, 1), aspect="equal"
    )
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
    values = plv[:, *np.triu_indices(plv.shape[1], 1)]
    if values.size:
        locked = percent_over_runs((values >= LOCKED).mean(1))
        style.conclude(drawing, f"{locked} of the pairs are locked: their value is at least {LOCKED:g}")
    return drawing
