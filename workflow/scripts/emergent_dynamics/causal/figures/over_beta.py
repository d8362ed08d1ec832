"""The number of groups at the end of every member: against beta with the fitted exponent, or side by side."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from emergent_dynamics.causal.members import spaced
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES


@style.styled()
def fit(sweep: pd.DataFrame, fits: pd.DataFrame) -> Figure:
    """Draw final counts of sweep.csv: each family against beta with its fit and theory's slope, log-log.

    fits : exponents.csv. Where beta does not vary, the members stand side by side.
    """
    drawing, [[axis]] = style.figure(900, 520)
    final = sweep.loc[sweep.groupby(["family", "beta"], sort=False)["time"].idxmax()]
    if fits.empty:
        _side_by_side(axis, final)
    else:
        _against_beta(axis, final, fits.set_index("family"))
        style.legend_beside(axis)
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    axis.yaxis.set_major_formatter("{x:g}")
    axis.minorticks_off()
    style.conclude(drawing, _grown(fits) if len(fits) else _left(final))
    return drawing


def _against_beta(axis: Axes, final: pd.DataFrame, fits: pd.DataFrame) -> None:
    for place, (family, rows) in enumerate(final.groupby("family", sort=True)):
        colour, name = CATEGORIES[place % len(CATEGORIES)], spaced(str(family)) or "measured"
        label = None if family in fits.index and family else name
        style.estimates(axis, rows["beta"], rows["n_clusters"], rows["lo"], rows["hi"], colour, label)
        if family not in fits.index:
            continue
        fit = fits.loc[family]
        beta = np.geomspace(rows["beta"].min(), rows["beta"].max(), 50)
        label = f"exponent {fit['exponent']:.3f}, 95 % [{fit['lo']:.3f}, {fit['hi']:.3f}]"
        label = f"{spaced(str(family))}: {label}" if family else label
        axis.plot(beta, fit["level"] * beta ** fit["exponent"], color=colour, linewidth=1.2, label=label)
        if np.isfinite(fit["limit"]):
            middle = np.exp(np.log(rows["beta"]).mean())
            level = fit["level"] * middle ** (fit["exponent"] - fit["limit"])
            style.theory_line(axis, beta, level * beta ** fit["limit"], f"theory: exponent {fit['limit']:g}")
    axis.set(xlabel="β", ylabel="groups at the end", yscale="log", xscale="log")
    betas = sorted(final["beta"].unique())
    axis.set_xticks(betas, [f"{beta:g}" for beta in betas])


def _side_by_side(axis: Axes, final: pd.DataFrame) -> None:
    place = np.arange(len(final))
    style.estimates(axis, place, final["n_clusters"], final["lo"], final["hi"])
    axis.set(ylabel="groups at the end", yscale="log", xlim=(-0.5, len(final) - 0.5))
    names = [
        spaced(family) or f"β = {beta:g}" for family, beta in zip(final["family"], final["beta"], strict=True)
    ]
    axis.set_xticks(place, [name.replace(", ", "\n") for name in names])


def _grown(fits: pd.DataFrame) -> str:
    """One exponent per family."""
    found = [
        f"{style.interval(*row[['exponent', 'lo', 'hi']])}{f' ({spaced(row.family)})' if row['family'] else ''}"
        for _, row in fits.iterrows()
    ]
    powers = f"{', '.join(found[:-1])} and {found[-1]}" if len(found) > 1 else found[0]
    return f"The number of groups grows as β to the power of {powers}"


def _left(final: pd.DataFrame) -> str:
    """The fewest and the most groups of a member."""
    if len(final) == 1:
        return f"{style.interval(*final.iloc[0][['n_clusters', 'lo', 'hi']])} groups are left"
    ends = [final.iloc[final["n_clusters"].argmin()], final.iloc[final["n_clusters"].argmax()]]
    fewest, most = (
        f"{style.interval(*row[['n_clusters', 'lo', 'hi']])} with {spaced(row['family'])}" for row in ends
    )
    return f"Groups left at the end: {fewest}, {most}"
