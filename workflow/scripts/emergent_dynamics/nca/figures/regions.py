"""Life by region of a landscape in space."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.nca.figures.band import Records, stated
from emergent_dynamics.plotting import colours, style
from emergent_dynamics.statistics import mean_interval

TITLES = {
    "living": ("Share of cells that are alive", "share of cells"),
    "births": ("Births", "per cell and generation"),
    "energy": ("Energy: mean alpha of living cells", "alpha"),
    "genomes": ("Genomes", "per 1,000 cells"),
    "clades": ("Founders with descendants", "clades"),
}


@style.styled()
def draw(means: Mapping[str, pd.DataFrame], headlines: Records) -> Figure:
    """Draw each measure against the region: mean over runs with its 95 % interval; dashed are the bounds of the outer
    regions.

    means : (run, region) of each measure, from `findings.regions.late_means`. headlines : records of that finding.
    """
    drawing, axes = style.figure(1100, 620, rows=2, columns=3)
    for axis, (name, (title, unit)) in zip(axes.reshape(-1), TITLES.items(), strict=False):
        table = means[name]
        region = np.arange(table.shape[1]) + 1
        found = [mean_interval(table[k].to_numpy()) for k in table]
        value = np.array([one.value for one in found])
        ends = np.array([[one.value - one.lo, one.hi - one.value] for one in found]).T
        axis.errorbar(region, value, ends, fmt="o-", color=colours.COLOURS["data"], linewidth=1, capsize=3)
        axis.set_title(title)
        axis.set(ylabel=unit, xticks=region if region.size <= 12 else region[:: region.size // 6])
        axis.set_xlim(0.5, region.size + 0.5)
    _bounds(axes[0, 0], headlines, next(iter(means.values())).shape[1])
    for axis in axes[-1]:
        axis.set_xlabel("region, from left to right")
    axes[0, -1].set_xlabel("region, from left to right")
    axes[-1, -1].set_visible(False)
    style.letters(axes.reshape(-1)[:-1])
    alive = stated(headlines["region_living_contrast"])
    style.conclude(drawing, f"Share alive in the last region minus that in the first: {alive}")
    return drawing


def _bounds(axis: Axes, headlines: Records, regions: int) -> None:
    for name, at in (("first", 1), ("last", regions)):
        if expected := headlines[f"region_alive_{name}"]["expectation"]:
            style.theory_line(axis, [at - 0.3, at + 0.3], [expected["value"]] * 2, "")
