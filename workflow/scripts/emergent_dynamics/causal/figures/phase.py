"""The phase diagram: the mean number of groups over time and beta, or over time and members."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from emergent_dynamics.causal.figures import axes as own
from emergent_dynamics.causal.members import spaced
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import SEQUENTIAL


@style.styled()
def diagram(sweep: pd.DataFrame) -> Figure:
    """Draw the mean number of groups in sweep.csv over time and beta, a panel per family; a frame lasts to the next.

    Where beta does not vary, the families are the rows of a single panel.
    """
    families = sweep.groupby("family")["beta"].nunique()
    over_beta = families.max() > 1 or len(families) == 1
    panels = list(sweep.groupby("family", sort=True)) if over_beta else [("", sweep)]
    drawing, axes = style.figure(
        min(1100, 760 + 300 * (len(panels) - 1)), 480, columns=len(panels), sharey=True
    )
    low, high = max(1.0, sweep["n_clusters"].min()), max(2.0, sweep["n_clusters"].max())
    for axis, (family, rows) in zip(axes[0], panels, strict=True):
        shown = _panel(axis, rows[rows["time"] > 0], "beta" if over_beta else "family", LogNorm(low, high))
        axis.set_title(spaced(str(family)))
    if over_beta:
        axes[0, 0].set_ylabel("β")
    bar = drawing.colorbar(shown, ax=axes[0].tolist(), fraction=0.05, pad=0.02)
    bar.set_label("mean number of groups")
    bar.set_ticks([n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if low <= n <= high])
    bar.ax.yaxis.set_major_formatter("{x:g}")
    bar.ax.minorticks_off()
    style.conclude(drawing, _left(sweep))
    return drawing


def _panel(axis: Axes, later: pd.DataFrame, key: str, norm: LogNorm) -> ScalarMappable:
    grid = later.pivot_table(index=key, columns="time", values="n_clusters", sort=False)
    grid = grid.sort_index(axis=1).ffill(axis=1)
    grid = grid.sort_index() if key == "beta" else grid.loc[::-1]  # the first member on top
    rows = _edges(grid.index.to_numpy()) if key == "beta" else np.arange(len(grid) + 1) - 0.5
    times = _edges(grid.columns.to_numpy())
    shown = axis.pcolormesh(times, rows, grid.to_numpy(), cmap=SEQUENTIAL, norm=norm, rasterized=True)
    axis.grid(False)
    own.log_time(axis)
    if key == "beta":
        axis.set(yscale="log")
        axis.set_yticks(grid.index, [f"{beta:g}" for beta in grid.index], minor=False)
    else:
        axis.set_yticks(range(len(grid)), [spaced(str(family)) for family in grid.index])
    axis.minorticks_off()
    return shown


def _left(sweep: pd.DataFrame) -> str:
    """The mean numbers at the end of the member with the fewest groups and of that with the most."""
    ends = sweep.loc[sweep.groupby(["family", "beta"], sort=False)["time"].idxmax()]
    names = ends["family"].map(spaced)
    if len(set(ends["beta"])) > 1:
        betas = "β = " + ends["beta"].map("{:g}".format)
        names = names.where(names == "", names + ", ") + betas
    fewest, most = ends["n_clusters"].argmin(), ends["n_clusters"].argmax()
    counts = [style.interval(*row) for row in ends[["n_clusters", "lo", "hi"]].to_numpy()]
    if len(ends) == 1:
        return f"Groups left at the end: {counts[0]}"
    return f"Groups left at the end: {counts[fewest]} at {names.iloc[fewest]}, {counts[most]} at {names.iloc[most]}"


def _edges(centres: np.ndarray) -> np.ndarray:
    """Cell edges half way, in the logarithm, between sorted positive centres."""
    if len(centres) == 1:
        return centres[0] * np.array([0.8, 1.25])
    logs = np.log(centres)
    middle = (logs[1:] + logs[:-1]) / 2
    return np.exp(np.concatenate([[2 * logs[0] - middle[0]], middle, [2 * logs[-1] - middle[-1]]]))
