"""What each head attends to and puts out, and how far the heads agree, against time."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.causal.figures import axes as own
from emergent_dynamics.causal.findings.heads import ALL
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS

MOST = 8  # heads in a panel


@style.styled()
def over_time(table: pd.DataFrame) -> Figure:
    """Draw heads.csv, of MOST heads at most: tokens attended to, length of the output beside that of the sum, and the
    agreement, with 1 / heads for orthogonal outputs.
    """
    heads = [head for head in table["head"].unique() if head != ALL]
    several = len(heads) > 1
    drawing, [axes] = style.figure(1080 if several else 900, 420, columns=3 if several else 2, sharex=True)
    later = table[table["time"] > 0]
    if later["time"].nunique() < 2:
        for axis in axes:
            style.nothing(axis, "fewer than two frames after the start")
        return drawing
    shown = [heads[i] for i in np.unique(np.linspace(0, len(heads) - 1, MOST).round().astype(int))]
    for place, head in enumerate(shown):
        look = {"color": CATEGORIES[place % len(CATEGORIES)], "label": f"head {head}"}
        _curve(axes[0], later, ("attended", head), **look)
        _curve(axes[1], later, ("output", head), **look)
    if several:
        _curve(axes[1], later, ("output", ALL), color=COLOURS["ink"], linewidth=2.2, label="sum of all heads")
        _curve(axes[2], later, ("agreement", ALL), color=COLOURS["data"])
        style.theory_level(axes[2], 1 / len(heads), "orthogonal outputs")
        axes[2].set(title="Agreement of the heads", ylim=(0, 1.02))
        axes[2].legend(loc="best")
        axes[1].legend(loc="best")
    axes[0].set(title="Tokens attended to", ylim=(1, None))
    style.log_ticks(axes[0], "y")
    axes[1].set(title="Length of the output", ylim=(0, None))
    for axis in axes:
        own.log_time(axis)
    style.letters(axes)
    style.conclude(drawing, _conclusion(table, several))
    return drawing


def _curve(axis: Axes, table: pd.DataFrame, which: tuple[str, str], **look: Any) -> None:
    """Draw the rows of one metric and head, with the band."""
    rows = table[(table["metric"] == which[0]) & (table["head"] == which[1])]
    style.band(axis, rows["time"], rows["lo"], rows["hi"], look["color"])
    axis.plot(rows["time"], rows["value"], **look)


def _conclusion(table: pd.DataFrame, several: bool) -> str:
    """The agreement, or the tokens that a single head attends to, at the first and at the last frame that has any."""
    rows = table[(table["metric"] == ("agreement" if several else "attended")) & (table["head"] == ALL)]
    rows = rows[rows["value"].notna()]
    if rows.empty:
        return "No head moves a token"
    first, last = (
        f"{style.interval(*row[['value', 'lo', 'hi']])}{' tokens' * (not several)} at t = {row['time']:.3g}"
        for _, row in rows.iloc[[0, -1]].iterrows()
    )
    return (
        f"Agreement of the heads, 1 if all are equal: {first}, {last}"
        if several
        else f"A token attends to {first}, to {last}"
    )
