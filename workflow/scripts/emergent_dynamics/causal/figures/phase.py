"""The phase diagram: the mean number of groups over time and beta."""

import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from emergent_dynamics.causal.figures import axes as own
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import SEQUENTIAL


@style.styled()
def diagram(sweep: pd.DataFrame) -> Figure:
    """Draw the mean number of groups in sweep.csv over time and beta, a panel per family; a frame lasts to the next."""
    groups = [(str(family), rows) for family, rows in sweep.groupby("family", sort=True)]
    drawing, axes = style.figure(
        min(1100, 760 + 300 * (len(groups) - 1)), 480, columns=len(groups), sharey=True
    )
    low, high = max(1.0, sweep["n_clusters"].min()), max(2.0, sweep["n_clusters"].max())
    for axis, (family, rows) in zip(axes[0], groups, strict=True):
        later = rows[rows["time"] > 0]
        grid = later.pivot_table(index="beta", columns="time", values="n_clusters").ffill(axis=1)
        shown = axis.pcolormesh(
            _edges(grid.columns.to_numpy()),
            _edges(grid.index.to_numpy()),
            grid.to_numpy(),
            cmap=SEQUENTIAL,
            norm=LogNorm(low, high),
            rasterized=True,
        )
        axis.grid(False)
        axis.set(yscale="log", title=family)
        own.log_time(axis)
        axis.set_yticks(grid.index, [f"{beta:g}" for beta in grid.index], minor=False)
        axis.minorticks_off()
    axes[0, 0].set_ylabel("β")
    bar = drawing.colorbar(shown, ax=axes[0].tolist(), fraction=0.05, pad=0.02)
    bar.set_label("mean number of groups")
    bar.set_ticks([n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if low <= n <= high])
    bar.ax.yaxis.set_major_formatter("{x:g}")
    bar.ax.minorticks_off()
    most = sweep.loc[sweep["time"] == sweep["time"].max()].groupby("beta")["n_clusters"].mean()
    if len(most) > 1:
        low_beta, high_beta = most.index[0], most.index[-1]
        left = f"{most.iloc[0]:.3g} groups are left at β = {low_beta:g}, {most.iloc[-1]:.3g} at β = {high_beta:g}"
        style.conclude(drawing, left)
    return drawing


def _edges(centres: np.ndarray) -> np.ndarray:
    """Cell edges half way, in the logarithm, between sorted positive centres."""
    if len(centres) == 1:
        return centres[0] * np.array([0.8, 1.25])
    logs = np.log(centres)
    middle = (logs[1:] + logs[:-1]) / 2
    return np.exp(np.concatenate([[2 * logs[0] - middle[0]], middle, [2 * logs[-1] - middle[-1]]]))
