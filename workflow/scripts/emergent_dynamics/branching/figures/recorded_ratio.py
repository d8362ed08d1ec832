"""Correlations of the activity of a recording at increasing lags, for all units and for a part of them, with the
fitted decay of the multistep estimator.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from emergent_dynamics.branching import regression
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES


@style.styled()
def draw(lagged: Mapping[float, regression.Lagged | None]) -> Figure:
    """Draw the slopes r_k of A(t + k) on A(t) against the lag k, and the fit b m^k.

    lagged : sums of lagged products by the share of the units observed; None where no regression is possible.
    """
    drawing, [[axis]] = style.figure(760, 430, 1, 1)
    ratios: list[str] = []
    for colour, (seen, table) in zip(CATEGORIES, lagged.items(), strict=False):
        if table is None:
            continue
        slopes = table.slopes()
        k = np.arange(1, slopes.size)
        m, b = regression.fit_decay(slopes)
        who = "all seen" if seen == 1.0 else f"{100 * seen:g} % seen"
        axis.plot(k, slopes[1:], ".", color=colour, markersize=4, label=f"{who}: m = {m:.4f}")
        axis.plot(k, b * m**k, color=colour, linewidth=1.2)
        ratios.append(f"{style.interval(*_ends(regression.multistep(table)))} with {who}")
    if axis.get_lines():
        axis.legend()
    axis.set(
        xlabel="lag k (bins)", ylabel="slope of A(t + k) on A(t)", title="Decay of the activity (lines: b mᵏ)"
    )
    if ratios:
        style.conclude(drawing, f"From bin to bin activity is kept by a factor of {' and '.join(ratios)}")
    return drawing


def _ends(ratio: regression.Ratio) -> tuple[float, float, float]:
    return ratio.value, ratio.lo, ratio.hi
