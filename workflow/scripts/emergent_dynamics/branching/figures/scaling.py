"""Finite-size scaling of the recurrent graph: cut-offs, fluctuations, and their peaks against the number of nodes."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.branching import theory
from emergent_dynamics.branching.tables import row
from emergent_dynamics.plotting import colours, style


@style.styled()
def draw(table: pd.DataFrame, curves: pd.DataFrame, exponents: pd.DataFrame) -> Figure:
    """Draw the cut-off of sizes against nodes, the fluctuations against sigma, and their peaks against nodes."""
    drawing, [[left, middle, right]] = style.figure(1100, 400, 1, 3, gap=78)
    _against_nodes(left, table, "cutoff", "⟨S²⟩ / ⟨S⟩ (spikes)", "Cut-off of sizes, σ = 1")
    groups = list(curves.groupby("nodes"))
    shades = colours.table("viridis", max(2, len(groups))) / 255.0
    for colour, (nodes, line) in zip(shades, groups, strict=False):
        middle.plot(
            line["sigma"], line["fluctuation"], "o-", color=colour, markersize=3, label=f"{nodes} nodes"
        )
        if line["fluctuation_lo"].notna().all():
            style.band(middle, line["sigma"], line["fluctuation_lo"], line["fluctuation_hi"], colour)
    middle.set(xlabel="branching ratio σ", ylabel="Var(k) / E[k] (nodes)", title="Fluctuations")
    style.log_ticks(middle, "y")
    middle.legend()
    _against_nodes(right, table, "peak", "largest Var(k) / E[k] (nodes)", "Peak of the fluctuations")
    style.letters(np.array([left, middle, right]))
    cutoff, peak = (row(exponents, quantity=name) for name in ("cutoff", "peak"))
    parts = [
        f"{what} {style.interval(r['value'], r['value_lo'], r['value_hi'])} (mean field: {r['mean_field']:g})"
        for what, r in (("the cut-off of sizes", cutoff), ("the peak of the fluctuations", peak))
        if np.isfinite(r["value"])
    ]
    if parts:
        style.conclude(drawing, f"Exponents of growth with the number of nodes: {', '.join(parts)}")
    return drawing


def _against_nodes(axis: Axes, table: pd.DataFrame, name: str, label: str, title: str) -> None:
    value, lo, hi = (table[f"{name}{end}"] for end in ("", "_lo", "_hi"))
    style.estimates(axis, table["nodes"], value, lo.fillna(value), hi.fillna(value), label="measured")
    exponent = theory.FINITE_SIZE[name]
    if value.notna().any():
        middle = np.exp(np.log(value / table["nodes"] ** exponent).mean())
        style.theory_line(
            axis,
            table["nodes"],
            middle * table["nodes"] ** exponent,
            label=f"mean field, exponent {exponent:g}",
        )
        axis.legend()
    axis.set(xlabel="nodes N", ylabel=label, title=title)
    if value.isna().all():
        style.nothing(axis, "the peak is at an end of the range of sigma at every size")
        return
    style.log_ticks(axis)
    style.log_ticks(axis, "y")
