"""The number of groups at the end against beta, with the fitted exponent and theory's slope."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES


@style.styled()
def fit(sweep: pd.DataFrame, fits: pd.DataFrame) -> Figure:
    """Draw final counts of sweep.csv against beta, log-log: each family with its fit, and the slope of theory."""
    drawing, [[axis]] = style.figure(900, 520)
    final = sweep.loc[sweep.groupby(["family", "beta"])["time"].idxmax()]
    fitted = fits.set_index("family")
    for place, (family, rows) in enumerate(final.groupby("family", sort=True)):
        colour, name = CATEGORIES[place % len(CATEGORIES)], str(family)
        style.estimates(
            axis, rows["beta"], rows["n_clusters"], rows["lo"], rows["hi"], colour, name or "measured"
        )
        if family in fitted.index:
            fit = fitted.loc[family]
            beta = np.geomspace(rows["beta"].min(), rows["beta"].max(), 50)
            label = f"exponent {fit['exponent']:.3f}, 95 % [{fit['lo']:.3f}, {fit['hi']:.3f}]"
            axis.plot(beta, fit["level"] * beta ** fit["exponent"], color=colour, linewidth=1.2, label=label)
            power = (_dimension(name) - 1) / 2
            middle = np.exp(np.log(rows["beta"]).mean())
            level = fit["level"] * middle ** (fit["exponent"] - power)
            style.theory_line(axis, beta, level * beta**power, f"theory: exponent {power:g}")
    axis.set(xlabel="β", ylabel="groups at the end", yscale="log", xscale="log")
    betas = sorted(final["beta"].unique())
    axis.set_xticks(betas, [f"{beta:g}" for beta in betas])
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    axis.yaxis.set_major_formatter("{x:g}")
    axis.minorticks_off()
    style.legend_beside(axis)
    if len(fits) == 1:
        exponent = style.interval(*fits.iloc[0][["exponent", "lo", "hi"]])
        style.conclude(drawing, f"The number of groups grows as β to the power of {exponent}")
    else:
        axis.set_title("Groups at the end against inverse temperature")
    return drawing


def _dimension(family: str) -> int:
    """The dimension that a family's name states; that of the circle if it was not varied."""
    named = dict(part.split("=", 1) for part in family.split(",") if "=" in part)
    return int(named.get("dimension", 2))
