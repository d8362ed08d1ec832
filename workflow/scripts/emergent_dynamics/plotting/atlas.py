"""The figure of the atlas: for each system a panel of order above one of growth rates; the rates have one scale."""

import math
import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from emergent_dynamics.atlas import Panel
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS

WIDTH, HEIGHT = 230, 500  # CSS pixels of a column
LEFT, RIGHT, TOP, BOTTOM, GAP = 54, 16, 76, 42, 52  # CSS pixels left free for labels
RATES = (-0.8, 1.1)  # nat per natural time; points beyond lie at the edge as triangles
LETTERS = 30  # number of letters in a line of a title
TITLE_X, TITLE_PAD = (
    -0.3,
    20,
)  # left end of a title in widths of the axes; points above them, with room for the sizes
FOOT = 22  # CSS pixels of a line of the legend of the whole figure
ROW = "row-"  # in the SVG, a point's id is this and the number of its row in the table
BEHIND = {
    "facecolor": COLOURS["paper"],
    "alpha": 0.7,
    "pad": 0.6,
    "linewidth": 0,
}  # a text that lies over lines
MARKS = 5  # number of marks in that legend


@style.styled()
def column(rows: pd.DataFrame, panel: Panel, ring: float | None = None) -> Figure:
    """The figure of one system. rows : its rows (`atlas.COLUMNS`). ring : value of the control to mark with a ring."""
    drawing, axes = style.figure(WIDTH, HEIGHT, 2, 1, gap=0)
    drawing.subplots_adjust(
        LEFT / WIDTH, BOTTOM / HEIGHT, 1 - RIGHT / WIDTH, 1 - TOP / HEIGHT, hspace=_between(HEIGHT)
    )
    _draw(axes[:, 0], rows, panel, ring)
    return drawing


@style.styled()
def overview(table: pd.DataFrame, panels: Mapping[str, Panel], rings: Mapping[str, float]) -> Figure:
    """The figure of all systems, one column per panel, in their order. table : the rows of all systems."""
    count = max(1, len(panels))
    foot = FOOT * math.ceil(MARKS / min(MARKS, count))
    width, height = count * WIDTH, HEIGHT + foot
    drawing, axes = style.figure(width, height, 2, count, gap=0)
    inner = WIDTH - LEFT - RIGHT
    drawing.subplots_adjust(
        LEFT / width, (BOTTOM + foot) / height, 1 - RIGHT / width, 1 - TOP / height,
        wspace=(LEFT + RIGHT) / inner, hspace=_between(HEIGHT),
    )  # fmt: skip
    for k, (system, panel) in enumerate(panels.items()):
        _draw(axes[:, k], table[table["system"] == system], panel, rings.get(system))
    _legend(drawing, axes[1, 0], min(MARKS, count))
    return drawing


@style.styled()
def settling(table: pd.DataFrame, panels: Mapping[str, Panel]) -> Figure:
    """Times to settle, a panel for each system that has any. table : the rows of all systems."""
    shown = {
        system: table[
            (table["system"] == system)
            & (table["series"] == panel.series)
            & (table["quantity"] == "relaxation")
        ]
        for system, panel in panels.items()
    }
    shown = {system: rows for system, rows in shown.items() if len(rows)}
    count = max(1, len(shown))
    drawing, axes = style.figure(2 * WIDTH * count, HEIGHT // 2 + 40, 1, count)
    if not shown:
        style.nothing(axes[0, 0], "no system of this run has a time to settle")
    for axis, (system, rows) in zip(axes[0], shown.items(), strict=False):
        colours = _shades(rows[rows["size"] < np.inf], measured=False)
        _curves(axis, rows, colours)
        _points(axis, rows, colours, True, None)
        axis.set_yscale("log")
        axis.set_xlabel(panels[system].control_label)
        axis.set_ylabel("time to settle (natural times)")
        axis.set_title(system, x=TITLE_X / 2, pad=TITLE_PAD)
        if panels[system].logarithmic:
            style.log_ticks(axis)
        _sizes(axis, rows[rows["size"] < np.inf], colours)
    return drawing


def _between(height: int) -> float:
    return GAP / ((height - TOP - BOTTOM - GAP) / 2)


def _draw(axes: np.ndarray, rows: pd.DataFrame, panel: Panel, ring: float | None) -> None:
    rows = rows[rows["series"] == panel.series]
    above, below = axes
    colours = _shades(rows)
    above.set_title(
        "\n".join(textwrap.wrap(panel.title, LETTERS)[:3]), fontsize=9.5, x=TITLE_X, pad=TITLE_PAD
    )
    for axis, quantity in ((above, "order"), (below, "onset"), (below, "growth")):
        _curves(axis, rows[rows["quantity"] == quantity], colours)
    _points(above, rows[rows["quantity"] == "order"], colours, True, ring)
    _points(below, rows[rows["quantity"] == "onset"], colours, False, None)
    _points(below, rows[rows["quantity"] == "growth"], colours, True, ring)
    _zeros(axes, rows, panel)
    for axis in axes:
        _critical(axis, rows[rows["quantity"] == "critical"], tick=axis is above)
        if panel.logarithmic:
            style.log_ticks(axis)
        axis.set_xlabel(panel.control_label, fontsize=9.5, labelpad=2)
        axis.tick_params(labelsize=8.5)
    above.set_ylim(0, None)
    above.set_ylabel(panel.order_label, fontsize=9.5, labelpad=2)
    below.set_ylim(*RATES)
    below.axhline(0, color=COLOURS["muted"], linewidth=1)
    below.set_ylabel("nat per natural time", fontsize=9.5, labelpad=1)
    _sizes(above, rows, colours)
    if panel.inset:
        _inset(below, rows[rows["quantity"] == "growth"], colours)


def _shades(rows: pd.DataFrame, measured: bool = True) -> dict[float, str]:
    """A colour for each finite size, or for each that is measured, darker for larger sizes; a single one is dark."""
    kept = np.isfinite(rows["size"]) & ((rows["n"] > 0) | (not measured))
    sizes = sorted(rows.loc[kept, "size"].unique())
    base = np.array(to_rgb(COLOURS["data"]))
    lightness = np.linspace(0.62, 0.0, len(sizes)) if len(sizes) > 1 else [0.0]
    return {size: to_hex(base + (1 - base) * white) for size, white in zip(sizes, lightness, strict=True)}


def _curves(axis: Axes, rows: pd.DataFrame, colours: Mapping[Any, str]) -> None:
    """Draw rows without measurement as dashed theory lines, in the colour of their size, dark for an infinite size."""
    alone = rows[(rows["n"] == 0) & rows["theory"].notna()]
    for size, own in alone.groupby("size", dropna=False):
        own = own.sort_values("control")
        style.theory_line(
            axis, own["control"], own["theory"], label="_", color=colours.get(size, COLOURS["theory"])
        )


def _points(
    axis: Axes, rows: pd.DataFrame, colours: Mapping[Any, str], filled: bool, ring: float | None
) -> None:
    """Draw measured values with intervals; rows with a note in grey, rates beyond the axis as triangles at its edge."""
    rate = rows["unit"].str.contains("per natural time").any()
    for index, row in rows[rows["value"].notna()].sort_values("size").iterrows():
        colour = COLOURS["muted"] if row["note"] else colours.get(row["size"], COLOURS["data"])
        face = colour if filled else COLOURS["paper"]
        if rate and not RATES[0] <= row["value"] <= RATES[1]:
            marker, edge = ("^", RATES[1]) if row["value"] > RATES[1] else ("v", RATES[0])
            drawn = axis.plot(row["control"], edge, marker, color=colour, markerfacecolor=face, clip_on=False)
            drawn[0].set_gid(f"{ROW}{index}")
            continue
        if not math.isnan(row["lo"]):
            axis.plot([row["control"]] * 2, [row["lo"], row["hi"]], color=colour, linewidth=1.1, zorder=3)
        axis.plot(
            row["control"], row["value"], "o", color=colour, markerfacecolor=face, markersize=4.5, zorder=4
        )
        pad = axis.plot(
            row["control"], row["value"], "o", markersize=11, alpha=0, zorder=9
        )  # the elements that show numbers under the pointer
        pad[0].set_gid(f"{ROW}{index}")
    largest = rows[(rows["control"] == ring) & rows["value"].notna()].sort_values("size").tail(1)
    for _, row in largest.iterrows():
        look: dict[str, Any] = {"markersize": 12, "markerfacecolor": "none", "markeredgewidth": 1.5}
        axis.plot(row["control"], row["value"], "o", color=COLOURS["highlight"], zorder=6, **look)


def _critical(axis: Axes, rows: pd.DataFrame, tick: bool) -> None:
    """Draw the measured critical value as a line, its interval as a band, and the exact value as a tick at the top."""
    for _, row in rows.iterrows():
        if not math.isnan(row["value"]):
            axis.axvline(row["value"], color=COLOURS["muted"], linewidth=1.4, zorder=1)
        if not math.isnan(row["lo"]):
            axis.axvspan(row["lo"], row["hi"], color=COLOURS["muted"], alpha=0.18, linewidth=0, zorder=0)
        if tick and not math.isnan(row["theory"]):
            transform = axis.get_xaxis_transform()
            axis.plot(
                row["theory"], 1, "v", color=COLOURS["theory"], transform=transform, clip_on=False, zorder=7
            )


def _zeros(axes: np.ndarray, rows: pd.DataFrame, panel: Panel) -> None:
    """Draw a dotted line where growth is zero without a critical point; the last one carries the panel's words."""
    shown = [zero for zero in panel.zeros if rows["control"].min() <= zero <= rows["control"].max()]
    for zero in shown:
        for axis in axes:
            axis.axvline(zero, color=COLOURS["muted"], linewidth=1.2, linestyle=":", zorder=1)
    if shown:
        axes[1].annotate(
            panel.zeros_label, (max(shown), 0.97), (-4, 0), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="right", va="top", fontsize=8, zorder=8, bbox=BEHIND,
        )  # fmt: skip


def _sizes(axis: Axes, rows: pd.DataFrame, colours: Mapping[Any, str]) -> None:
    """Write the sizes in their colours in one line above the axes, where no point can lie."""
    if len(colours) < 2:
        return
    texts = [f"{size:,.0f}" for size in colours]
    texts[-1] += f" {rows.loc[rows['size_name'] != '', 'size_name'].iloc[0]}"
    place: dict[str, Any] = {
        "xy": (TITLE_X, 1),
        "xytext": (0, 6),
        "xycoords": "axes fraction",
        "va": "bottom",
    }
    for text, colour in zip(texts, colours.values(), strict=True):
        written = axis.annotate(text, **place, textcoords="offset points", color=colour, fontsize=8)
        place |= {"xy": (1, 0), "xytext": (4, 0), "xycoords": written}


def _inset(axis: Axes, rows: pd.DataFrame, colours: Mapping[Any, str]) -> None:
    """Draw the growth rates a second time on a smaller scale, if the common scale hides their shape."""
    small = axis.inset_axes((0.24, 0.66, 0.36, 0.24))
    for size, own in rows[rows["value"].notna()].sort_values("control").groupby("size"):
        small.plot(own["control"], own["value"], "o-", color=colours.get(size), markersize=2.5, linewidth=0.9)
    small.tick_params(labelsize=6.5, length=2, pad=1)
    small.set_title("Growth, enlarged", fontsize=7, pad=2)
    small.grid(False)


def _legend(drawing: Figure, axis: Axes, columns: int) -> None:
    """Draw one legend of the marks for all systems."""
    look: dict[str, Any] = {"color": COLOURS["data"], "markersize": 5}
    marks = [
        axis.plot([], [], "o", markerfacecolor=COLOURS["paper"], **look)[0],
        axis.plot([], [], "o", **look)[0],
        axis.plot([], [], color=COLOURS["theory"], linestyle=(0, (5, 2.5)), linewidth=1.5)[0],
        axis.plot([], [], color=COLOURS["muted"], linewidth=1.4)[0],
        axis.plot([], [], "v", color=COLOURS["theory"])[0],
    ]
    texts = [
        "onset: growth of a little order", "growth: of a small disturbance", "theory", "critical point, measured",
        "exact",
    ]  # fmt: skip
    drawing.legend(marks, texts, loc="outside lower center", ncols=columns, fontsize=8.5)
