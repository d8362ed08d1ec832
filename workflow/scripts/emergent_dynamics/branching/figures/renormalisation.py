"""Coarse-graining of a recording: variance, silence and eigenvalues against the size of clusters."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.branching.tables import row
from emergent_dynamics.plotting import colours, style

QUANTITIES = {"variance": "variance", "silence": "−ln of silence", "spectrum": "eigenvalues"}


@style.styled()
def draw(table: pd.DataFrame, spectrum: pd.DataFrame, exponents: pd.DataFrame) -> Figure:
    """Draw variance and silence against the number of units per cluster, beside independent units, and eigenvalues
    against rank.
    """
    drawing, [[left, middle, right]] = style.figure(1100, 400, 1, 3, gap=78)
    left.set(xlabel="units per cluster K", ylabel="variance (events²)", title="Variance of a cluster")
    middle.set(xlabel="units per cluster K", ylabel="−ln P(silent)", title="Silence of a cluster")
    right.set(xlabel="rank / K", ylabel="eigenvalue (events²)", title="Covariances within a cluster")
    if not len(table):
        for axis in (left, middle, right):
            style.nothing(axis, exponents["reason"].iloc[0])
        return drawing
    size = table["size"]
    variance, low, high = (table[f"variance{end}"] for end in ("", "_lo", "_hi"))
    style.estimates(left, size, variance, low, high, label="recorded")
    style.theory_line(left, size, table["variance"].iloc[0] * size, label="independent units")
    with np.errstate(divide="ignore", invalid="ignore"):
        silent, hi, lo = (-np.log(table[f"silence{end}"].clip(0, 1)) for end in ("", "_lo", "_hi"))
    known = np.isfinite(silent) & (silent > 0)
    hi, lo = hi.where(np.isfinite(hi), silent), lo.where(np.isfinite(lo), silent)
    style.estimates(middle, size[known], silent[known], lo[known], hi[known], label="recorded")
    if known.any():
        style.theory_line(
            middle, size, silent[known].iloc[0] * size / size[known].iloc[0], label="independent units"
        )
    groups: list[tuple[Any, pd.DataFrame]] = list(spectrum.groupby("size"))
    shades = colours.table("viridis", max(2, len(groups))) / 255.0
    for colour, (k, line) in zip(shades, groups, strict=False):
        right.plot(line["rank"] / k, line["eigenvalue"], "o", color=colour, markersize=3, label=f"K = {k}")
    positive = table["variance"].max() > 0, known.any(), spectrum["eigenvalue"].max() > 0
    for axis, drawn in zip((left, middle, right), positive, strict=True):
        if not drawn:
            axis.clear()
            style.nothing(axis, exponents["reason"].iloc[0])
            continue
        style.log_ticks(axis)
        style.log_ticks(axis, "y")
        axis.legend()
    style.letters(np.array([left, middle, right]))
    parts = []
    for name, what in QUANTITIES.items():
        r = row(exponents, quantity=name)
        if np.isfinite(r["value"]):
            parts.append(f"{what} {style.interval(r['value'], r['lo'], r['hi'])}")
    if parts:
        style.conclude(drawing, f"Exponents of clusters of correlated units: {', '.join(parts)}")
    return drawing
