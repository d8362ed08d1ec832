"""Drift and growth of every cell of the puzzle, on its grid, and how often it is right."""

import math

import numpy as np
from matplotlib.figure import Figure

from emergent_dynamics.findings import Headline
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning.figures.palette import MOST_TABLES, Tables, name_of, rows_of

PANELS = {
    "drift": "mean late drift of the token",
    "growth": "mean exponent / {unit}",
    "right": "share of examples with this cell right",
}


@style.styled()
def draw(tables: Tables, headlines: dict[str, Headline], unit: str) -> Figure:
    """Draw a map of the cells for each quantity; a row of panels per headline table."""
    table = tables["positions"]
    names = list(dict.fromkeys(table["table"]))[:MOST_TABLES]
    drawing, axes = style.figure(1100, 80 + 330 * len(names), len(names), len(PANELS))
    for row, name in zip(np.atleast_2d(axes), names, strict=True):
        own = rows_of(table, name).sort_values("position")
        side = math.isqrt(len(own))
        for axis, (column, label) in zip(row, PANELS.items(), strict=True):
            values = own[column].to_numpy(float)
            shape = (side, side) if side * side == len(own) else (1, len(own))
            square = values.reshape(shape)[::-1]  # the first row of a puzzle is its upper one
            style.cells(axis, square, label.format(unit=unit), aspect="equal")
            axis.set(title=f"{name_of(name)}: {column}", xticks=[], yticks=[])
    style.letters(axes)
    style.conclude(drawing, sentence(headlines))
    return drawing


def sentence(headlines: dict[str, Headline]) -> str:
    """What the figure shows, from the headlines."""
    found = {name: next(h for key, h in headlines.items() if key.endswith(name)) for name in WORDS}
    parts = [
        f"{words} with probability {style.interval(h.value, *h.ci)}"
        for name, words in WORDS.items()
        if (h := found[name]).ci is not None
    ]
    if not parts:
        return "Too few puzzles have right and wrong open cells to compare them"
    return "Of the same puzzle " + ", and ".join(parts)


WORDS = {
    "auc_cell_drift_wrong": "a wrong open cell drifts more than a right one",
    "auc_cell_growth_wrong": "a disturbance of a wrong open cell grows faster than of a right one",
}
