"""Thresholds of the separation at the start: the largest of a follower and the smallest of a leader in each run."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.figures.axes import UNIT
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS
from emergent_dynamics.statistics import proportion_interval


@style.styled()
def parted(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Figure:
    """Draw a point for each run: the largest separation of a follower against the smallest separation of a leader.

    Above the diagonal a single threshold separates leaders from followers. Crosses are the medians of these runs and
    of the second code.
    """
    drawing, [[axis]] = style.figure(760, 700)
    found = table[["min_separation", "max_separation"]].dropna()
    if found.empty:
        style.nothing(axis, "no run has a leader besides token 0, or none has a follower")
        return drawing
    follower, leader = found["min_separation"], found["max_separation"]
    above = (leader > follower).to_numpy()
    for chosen, colour, word in (
        (above, COLOURS["data"], "one threshold parts them"),
        (~above, COLOURS["highlight"], "a follower was farther than a leader"),
    ):
        axis.plot(
            follower[chosen],
            leader[chosen],
            "o",
            color=colour,
            alpha=0.7,
            label=f"{word}: {chosen.sum()} runs",
        )
    lowest, highest = found.to_numpy().min(), found.to_numpy().max()
    ends = np.array([lowest, highest]) + np.array([-0.05, 0.05]) * (highest - lowest + 1e-9)
    axis.plot(ends, ends, color=COLOURS["ink"], linewidth=1.0, label="equal")
    axis.plot(follower.median(), leader.median(), "+", color=COLOURS["ink"], markersize=15, label="medians")
    known = [theory.at_end(f"{name}_p50", parameters) for name in ("min_separation", "max_separation")]
    if all(number is not None for number in known):
        points = [[number.value] for number in known if number is not None]
        axis.plot(
            *points,
            "x",
            color=COLOURS["theory"],
            markersize=11,
            markeredgewidth=2,
            label="medians, second code",
        )
    axis.set(xlabel=f"largest separation of a follower at the start ({UNIT})")
    axis.set(ylabel=f"smallest separation of a leader at the start ({UNIT})")
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.11), ncols=2)
    share = proportion_interval(int(above.sum()), len(above))
    percent = style.interval(*(100 * end for end in (share.value, share.lo, share.hi)))
    style.conclude(drawing, f"In {percent} % of the runs one separation parts leaders from followers")
    return drawing
