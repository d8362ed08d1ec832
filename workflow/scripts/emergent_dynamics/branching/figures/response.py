"""Response curves, dynamic range and susceptibility of the driven network."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import colours, style


@style.styled()
def draw(table: pd.DataFrame, curves: pd.DataFrame) -> Figure:
    """Draw the response curves, the dynamic range and the susceptibility."""
    drawing, [[first, second, third]] = style.figure(1100, 400, 1, 3, gap=78)
    groups: list[tuple[Any, pd.DataFrame]] = list(curves.groupby("sigma"))
    shades = colours.table("viridis", max(2, len(groups))) / 255.0
    for colour, (sigma, line) in zip(shades, groups, strict=False):
        name = (
            f"σ = {sigma:g}" if sigma in (groups[0][0], groups[len(groups) // 2][0], groups[-1][0]) else None
        )
        first.plot(line["drive"], line["response"], color=colour, label=name, linewidth=1.3)
    first.set(
        xscale="log",
        xlabel="drive (per neuron and step)",
        ylabel="E[k] in the last layer (neurons)",
        title="Response, exact",
    )
    first.set_xlim(1e-5, 1)
    style.powers(first)
    first.legend()
    second.plot(table["sigma"], table["dynamic_range"], "o-", color=colours.COLOURS["data"])
    second.axvline(1.0, color=colours.COLOURS["muted"], linewidth=1)
    second.set(xlabel="branching ratio σ", ylabel="dynamic range (dB)", title="Dynamic range, exact")
    known = table.dropna(subset="dynamic_range")
    spread, low, high = (table[f"susceptibility{end}"] for end in ("", "_lo", "_hi"))
    style.estimates(third, table["sigma"], spread, low, high, label="measured")
    style.theory_line(third, table["sigma"], table["susceptibility_exact"], label="exact")
    third.set(xlabel="branching ratio σ", ylabel="Var(A) / all neurons (neurons)", title="Susceptibility")
    third.legend()
    style.letters(np.array([first, second, third]))
    if len(known):
        best = known.sort_values("dynamic_range").iloc[-1]
        widest = f"σ = {best['sigma']:g}: {best['dynamic_range']:.1f} dB (exact)"
        style.conclude(drawing, f"The driven network tells drives apart over the widest range at {widest}")
    return drawing
