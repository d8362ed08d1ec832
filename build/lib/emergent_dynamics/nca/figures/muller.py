"""Clades of founders over the generations."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import colours, style


@style.styled()
def draw(clades: pd.DataFrame) -> Figure:
    """Cells held by the descendants of each founder, stacked; only the largest clades have a colour of their own."""
    drawing, [[axis]] = style.figure(1000, 480, gap=0, beside=130)
    wide = clades.pivot_table(index="generation", columns="founder", values="cells")
    wide = wide[[*[f for f in wide if f != 0], *[f for f in wide if f == 0]]]
    palette = colours.identity_table(wide.shape[1]) / 255
    palette[-1] = 0.85
    names = [f"founder {f}" if f else "all others" for f in wide]
    axis.stackplot(wide.index, wide.T.values, colors=palette, labels=names, linewidth=0, rasterized=True)
    axis.set(xlabel="generation", ylabel="cells with a net", xlim=(wide.index[0], wide.index[-1]))
    axis.set_title("Clades of founders")
    style.legend_beside(axis)
    return drawing
