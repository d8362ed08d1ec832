"""Clades of founders over the generations."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.nca.figures import clades as colours
from emergent_dynamics.plotting import style
from emergent_dynamics.statistics import bounded_mean_interval


@style.styled()
def draw(clades: pd.DataFrame) -> Figure:
    """Draw the cells of run 0 by founder, stacked; only the largest clades have a colour. The title describes the end
    of all runs.
    """
    drawing, [[axis]] = style.figure(1000, 480, gap=0, beside=130)
    wide = clades[clades["run"] == 0].pivot_table(index="generation", columns="founder", values="cells")
    wide = wide[[*[f for f in wide if f != 0], *[f for f in wide if f == 0]]]
    palette = [colours.OTHERS if f == 0 else colours.COLOURS[i] for i, f in enumerate(wide)]
    names = [f"founder {f}" if f else "all others" for f in wide]
    axis.stackplot(wide.index, wide.T.values, colors=palette, labels=names, linewidth=0, rasterized=True)
    axis.set(xlabel="generation", ylabel="cells with a net", xlim=(wide.index[0], wide.index[-1]))
    style.legend_beside(axis)
    share = bounded_mean_interval(largest_shares(clades).to_numpy())
    if share.n:
        told = style.interval(100 * share.value, 100 * share.lo, 100 * share.hi)
        style.conclude(
            drawing, f"The largest of the clades named holds {told} % of the cells with a net at the end"
        )
    else:
        axis.set_title("No founder has a clade at the end")
    return drawing


def largest_shares(clades: pd.DataFrame) -> pd.Series:
    """Return (run,) the share of the cells with a net that the largest named clade holds at the end; NaN without any
    net.
    """
    last = clades[clades["generation"] == clades["generation"].max()]
    nets = last.groupby("run")["cells"].sum()
    most = last[last["founder"] != 0].groupby("run")["cells"].max()
    return (most / nets.where(nets > 0)).reindex(nets.index)
