"""Phase locking of a sample of units: the matrix of run 0 and the histogram over pairs."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def draw(plv: np.ndarray, histogram: pd.DataFrame) -> Figure:
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
