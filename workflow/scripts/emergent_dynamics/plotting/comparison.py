"""The figure of a sweep: headlines against the swept parameter, with their intervals and expected values."""

import math
import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.findings.comparison import PREFIX
from emergent_dynamics.findings.comparison import axes as axes_of
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES

COLUMNS, WIDTH, HEIGHT = 4, 270, 190  # CSS pixels of a panel
MOST = 24  # panels; nobody reads a hundred
LETTERS, UNIT_LETTERS = 34, 15  # number of letters in a line of a title, of a unit beside a panel
WIDE = 30.0  # ratio of largest to smallest value from which on the axis is logarithmic


@style.styled()
def draw(table: pd.DataFrame, curves: pd.DataFrame) -> Figure:
    """The figure of a sweep: one panel for each of at most `MOST` headlines that are defined in some member.

    table : from `findings.comparison.tabulate`. curves : from `findings.comparison.trace`, drawn as dashed lines. The
    swept parameter with the most values is on the x axis; values of the others have different colours. Expected values
    are drawn as dashes. See `_chosen` for the order and the choice of the panels.
    """
    along, others = axes_of(table)
    defined = table[table["value"].notna()]
    shown, total = _chosen(defined), defined["headline"].nunique()
    rows = max(1, -(-len(shown) // COLUMNS))
    drawing, axes = style.figure(COLUMNS * WIDTH, rows * HEIGHT + 40, rows, COLUMNS)
    for axis, name in zip(axes.flat, shown, strict=False):
        _panel(axis, defined[defined["headline"] == name], along, others)
        for _, line in curves[curves["headline"] == name].groupby([*others, "headline"]):
            style.theory_line(axis, line[along], line["expected"], label="_")
    for axis in axes.flat[len(shown) :]:
        axis.set_visible(False)
    if others and shown:
        axes.flat[0].legend(loc="best", title=", ".join(others), fontsize="small")
    if len(shown) < total:
        style.conclude(drawing, f"{len(shown)} of {total} headlines; all are in headlines.csv")
    return drawing


def _chosen(defined: pd.DataFrame) -> list[str]:
    """The headlines of at most `MOST` panels: by rank, then those with an expected value, then by change.

    The change is how far apart the members are, in units of the median length of their intervals.
    """
    by_name = defined.groupby("headline", sort=False)
    length = (defined["hi"] - defined["lo"]).groupby(defined["headline"], sort=False).median()
    order = pd.DataFrame(
        {
            "rank": by_name["rank"].min().fillna(math.inf),
            "unexpected": by_name["expected"].count() == 0,
            "still": -((by_name["value"].max() - by_name["value"].min()) / length).fillna(0.0),
        }
    )
    return list(order.sort_values(["rank", "unexpected", "still"], kind="stable").index[:MOST])


def _panel(axis: Axes, rows: pd.DataFrame, along: str, others: list[str]) -> None:
    place = _places(axis, rows[along])
    for k, (key, own) in enumerate(rows.groupby(others, sort=True) if others else [((), rows)]):
        colour = CATEGORIES[k % len(CATEGORIES)]
        x = np.array([place[value] for value in own[along]])
        lo, hi = own["lo"].fillna(own["value"]), own["hi"].fillna(own["value"])
        style.estimates(axis, x, own["value"], lo, hi, colour, ", ".join(map(str, key)) or None)
        if own["expected"].notna().any():
            style.theory_line(axis, x, own["expected"], "_", linestyle="none", marker="_", markersize=16)
    unit = rows["unit"].iloc[0]
    axis.set(
        xlabel=along.removeprefix(PREFIX).replace("_", " "),
        ylabel="" if unit == "1" else textwrap.fill(unit, UNIT_LETTERS),
    )
    axis.set_title(_wrapped(rows["sentence"].iloc[0]), fontsize="small", loc="left")


def _places(axis: Axes, values: pd.Series) -> dict:
    """{value: position on the x axis}; sets the scale of the axis for numbers, or its ticks for text."""
    distinct = sorted(values.unique())
    if not pd.api.types.is_numeric_dtype(values):
        axis.set_xticks(range(len(distinct)), [str(value)[:12] for value in distinct])
        axis.set_xlim(-0.5, len(distinct) - 0.5)
        return {value: i for i, value in enumerate(distinct)}
    if distinct[0] > 0 and distinct[-1] / distinct[0] >= WIDE:
        axis.set_xscale("log")
    return {value: value for value in distinct}


def _wrapped(sentence: str) -> str:
    """A sentence on three lines at most."""
    words, lines = sentence.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > LETTERS and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines[:3]) + ("…" if len(lines) > 3 else "")
