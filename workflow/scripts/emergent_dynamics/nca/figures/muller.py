"""Clades of founders over the generations."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.nca.figures import clades as colours
from emergent_dynamics.plotting import style


@style.styled()
def draw(clades: pd.DataFrame) -> Figure:
    """Cells held by the descendants of each founder, stacked; only the largest clades have a colour of their own."""
    drawing, [[axis]] = style.figure(1000, 480, gap=0, beside=130)
    wide = clades.pivot_table(index="generation", columns="founder", values="cells")
    wide = wide[[*[f for f in wide if f != 0], *[f for f in wide if f == 0]]]
    palette = [colours.OTHERS if f == 0 else colours.COLOURS[i] for i, f in enumerate(wide)]
    names = [f"founder {f}" if f else "all others" for f in wide]
    axis.stackplot(wide.index, wide.T.values, colors=palette, labels=names, linewidth=0, rasterized=True)
    axis.set(xlabel="generation", ylabel="cells with a net", xlim=(wide.index[0], wide.index[-1]))
    style.legend_beside(axis)
    last = wide.iloc[-1]
    named = last[last.index != 0]
    if last.sum() and len(named):
        largest, share = named.idxmax(), 100 * named.max() / last.sum()
        title = (
            f"The largest clade at the end, of founder {largest}, holds {share:.1f} % of the cells with a net"
        )
        style.conclude(drawing, title)
    else:
        axis.set_title("No founder has a clade at the end")
    return drawing
