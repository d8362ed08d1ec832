"""Where other starts end, by where the example itself ended."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.findings import Headline
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning.figures.palette import (
    CELL,
    MEANING,
    MOST_TABLES,
    Tables,
    legend_below,
    name_of,
    rows_of,
)

WORDS = {
    "starts_right": "of other starts {} end at the right answer",
    "starts_same_point": "of the settled starts of settled examples {} reach the same point",
}


@style.styled()
def draw(tables: Tables, headlines: dict[str, Headline]) -> Figure:
    """Draw a panel per headline table: a bar for each cell of the examples, with the cells where other starts end."""
    table = tables["attractors"]
    names = list(dict.fromkeys(table["table"]))[:MOST_TABLES]
    drawing, axes = style.figure(900, 60 + 330 * len(names), len(names), 1)
    for axis, name in zip(np.ravel(axes), names, strict=True):
        shares = outcomes(rows_of(table, name))
        left = np.zeros(len(shares))
        for letter in "ABCD":
            axis.barh(shares.index, shares[letter], left=left, color=CELL[letter], label=MEANING[letter])
            left += shares[letter].to_numpy()
        axis.grid(False)
        axis.set(
            title=f"{name_of(name)}: the example itself ended",
            xlabel="share of its other starts",
            xlim=(0, 1),
        )
        axis.invert_yaxis()
        legend_below(axis)
    style.letters(axes)
    style.conclude(drawing, sentence(headlines))
    return drawing


def outcomes(own: pd.DataFrame) -> pd.DataFrame:
    """(cell of the example, cell of the start) shares of starts; a row is named by its cell and number of examples."""
    cell = np.array(list("ABCD"))[2 * ~own["settled"].to_numpy(bool) + ~own["correct"].to_numpy(bool)]
    counts = pd.DataFrame(
        {
            "A": own["settled_right"],
            "B": own["starts_settled"] - own["settled_right"],
            "C": own["starts_right"] - own["settled_right"],
            "D": own["starts"] - own["starts_settled"] - own["starts_right"] + own["settled_right"],
        }
    )
    summed = counts.groupby(cell).sum()
    summed.index = pd.Index(
        [f"{MEANING[letter]} ({np.count_nonzero(cell == letter)})" for letter in summed.index]
    )
    return summed.div(summed.sum(axis=1), axis=0)


def sentence(headlines: dict[str, Headline]) -> str:
    """What the figure shows, from the headlines of its first table."""
    found = {name: next(h for key, h in headlines.items() if key.endswith(name)) for name in WORDS}
    parts = [
        words.format(style.interval(found[name].value, *ci))
        for name, words in WORDS.items()
        if (ci := found[name].ci) is not None
    ]
    return ", and ".join(parts).capitalize() if parts else "Too few examples to say where other starts end"
