"""One style for every static figure: sizes in CSS pixels, colour-blind safe roles, reproducible bytes.

Decorate a function that draws with `@styled()`; make its figure with `figure`, write it with `save`.
This module does not use pyplot and changes no setting permanently.
"""

from __future__ import annotations

import itertools
import math
import os
import re
import string
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.colorbar import Colorbar
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, StrMethodFormatter

from emergent_dynamics.findings.digits import write
from emergent_dynamics.plotting import paper
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS, DIVERGING, SEQUENTIAL

CSS_DPI = 96  # a CSS pixel is 1/96 inch, so an SVG shows in a browser at exactly the size asked for
LEFT, RIGHT, TOP, BOTTOM, ROW_GAP = 78, 20, 38, 54, 58  # CSS pixels, of a figure whose margins are fixed
TITLE, LINE, LETTER = 30, 19, 9.4  # CSS pixels of a title's first line, of each further one, of a letter
FALLBACK = "'DejaVu Sans', Verdana, sans-serif"  # fonts of an SVG; Verdana has the same proportions

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

RC: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": COLOURS["ink"],
    "axes.grid": True,
    "axes.labelcolor": COLOURS["ink"],
    "axes.labelsize": 10.5,
    "axes.linewidth": 0.8,
    "axes.prop_cycle": cycler(color=CATEGORIES),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11.5,
    "axes.titlepad": 8.0,
    "errorbar.capsize": 2.5,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
    "figure.titlesize": 13.0,
    "font.family": ["DejaVu Sans"],  # it comes with matplotlib, so glyphs are the same on every machine
    "font.size": 10.0,
    "grid.color": COLOURS["grid"],
    "grid.linewidth": 0.7,
    "image.cmap": SEQUENTIAL,
    "image.interpolation": "nearest",
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.0,
    "path.simplify_threshold": 0.2,
    "svg.fonttype": "none",  # text remains text, which can be read aloud, searched, and edited for a paper
    "svg.hashsalt": "emergent-dynamics",
    "text.color": COLOURS["ink"],
    "xtick.color": COLOURS["ink"],
    "xtick.labelsize": 9.5,
    "ytick.color": COLOURS["ink"],
    "ytick.labelsize": 9.5,
}


@contextmanager
def styled() -> Iterator[None]:
    """Apply the style, as a context manager or as the decorator `@styled()`; at the end the settings are restored."""
    with matplotlib.rc_context(RC):
        yield


class AxesOptions(TypedDict, total=False):
    """Options for the axes of a figure, as in matplotlib's `subplots`."""

    sharex: bool
    sharey: bool
    width_ratios: Sequence[float] | None
    height_ratios: Sequence[float] | None


def figure(
    width: int = 900,
    height: int = 520,
    rows: int = 1,
    columns: int = 1,
    *,
    gap: int | None = None,
    beside: int = 0,
    **axes_options: Unpack[AxesOptions],
) -> tuple[Figure, np.ndarray]:
    """Make a figure of width x height CSS pixels and its axes, an object array of shape (rows, columns).

    gap : CSS pixels between columns, with margins fixed; None fits all of them to the labels, which takes longer
        than to draw the figure. beside : CSS pixels left free on the right, for `legend_beside` with fixed margins.
    axes_options : of matplotlib's `subplots`.

    `[[axis]]` unpacks a single one: `drawing, [[axis]] = style.figure(700, 420)`.
    The report shows figures up to about 1100 x 650 without cutting them.
    """
    with styled():
        size = width / CSS_DPI, height / CSS_DPI
        drawing = Figure(figsize=size, dpi=CSS_DPI, layout="constrained" if gap is None else None)
        FigureCanvasAgg(drawing)
        axes = drawing.subplots(rows, columns, squeeze=False, **axes_options)
    if gap is not None:
        left, right = LEFT / width, 1 - (RIGHT + beside) / width
        bottom, top = BOTTOM / height, 1 - TOP / height
        inner = (
            (width - LEFT - RIGHT - beside - (columns - 1) * gap) / columns,
            (height - TOP - BOTTOM - (rows - 1) * ROW_GAP) / rows,
        )
        drawing.subplots_adjust(left, bottom, right, top, gap / inner[0], ROW_GAP / inner[1])
    return drawing, axes


def save(drawing: Figure, *paths: str | os.PathLike[str] | Sequence[str], scale: float = 2.0) -> None:
    """Write the figure to each path in the format of its suffix (.svg, .png, .pdf); equal figures give equal bytes.

    A path may be a list of them, as an output of a rule is. One that ends in `-<width>mm.pdf` is laid out for a paper,
    which changes the figure: name it last. `scale` is device pixels per CSS pixel of a PNG. A file appears whole or
    not at all.
    """
    subject = _subject(drawing)
    timeless = {
        ".svg": {"Date": None, "Creator": "emergent-dynamics", "Title": subject},
        ".png": {"Software": None, "Title": subject},
        ".pdf": {"CreationDate": None, "Producer": None, "Creator": "emergent-dynamics", "Title": subject},
    }
    listed = [[given] if isinstance(given, str | os.PathLike) else given for given in paths]
    for path in map(Path, itertools.chain.from_iterable(listed)):
        if asked := re.search(r"-(\d+)mm\.pdf$", path.name):
            paper.lay_out(drawing, int(asked[1]))
        if path.suffix not in timeless:
            raise ValueError(f"{path}: a figure ends in one of {', '.join(timeless)}")
        unfinished = path.with_name(f".{path.stem}.unfinished{path.suffix}")
        with styled():
            drawing.savefig(unfinished, dpi=CSS_DPI * scale, metadata=timeless[path.suffix])
        if path.suffix == ".svg":
            text = unfinished.read_text(encoding="utf-8").replace("'DejaVu Sans'", FALLBACK)
            unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)


def conclude(drawing: Figure, sentence: str) -> None:
    """Write one sentence about the figure above all panels. The figure becomes higher; the panels keep their size."""
    width, height = drawing.get_size_inches()
    lines = textwrap.wrap(sentence, int(width * CSS_DPI / LETTER))
    grown = height + (TITLE + (len(lines) - 1) * LINE) / CSS_DPI
    drawing.set_size_inches(width, grown)
    place: dict[str, Any] = {"x": 10 / CSS_DPI / width, "ha": "left", "size": 12.0, "weight": "bold"}
    if drawing.get_layout_engine() is None:
        places, kept = drawing.subplotpars, height / grown
        drawing.subplots_adjust(bottom=places.bottom * kept, top=places.top * kept)
        place |= {"y": 1 - 7 / CSS_DPI / grown, "va": "top"}
    drawing.suptitle("\n".join(lines), **place)


def interval(value: float, lo: float, hi: float) -> str:
    """A number with its interval for a title, with as many digits as the interval bears: "5.7 [5.5, 6.0]"."""
    known = (lo, hi) if math.isfinite(lo) and math.isfinite(hi) else None
    shown, *ends = write(value, known)
    return f"{shown} [{', '.join(ends)}]" if ends else shown


def _subject(drawing: Figure) -> str:
    """The title of a figure as plain text: its conclusion, or the titles of its panels."""
    panels = (axis.get_title(loc="left").strip() for axis in drawing.axes)
    return drawing.get_suptitle().replace("\n", " ") or "; ".join(filter(None, panels))


def theory_line(
    axis: Axes, x: Iterable[float], y: Iterable[float], label: str = "theory", **line: object
) -> Line2D:
    """Draw a theoretical curve: dark, dashed, above the data."""
    look = {"color": COLOURS["theory"], "linestyle": (0, (5, 2.5)), "linewidth": 1.5, "zorder": 5}
    (drawn,) = axis.plot(np.asarray(x), np.asarray(y), label=label, **(look | line))  # type: ignore[arg-type]
    return drawn


def theory_level(
    axis: Axes, value: float, label: str = "theory", *, along: str = "x", **line: object
) -> Line2D:
    """Draw a theoretical value as a line across the axis: horizontal (along x) or vertical (along y)."""
    look = {"color": COLOURS["theory"], "linestyle": (0, (5, 2.5)), "linewidth": 1.1, "zorder": 5}
    draw = axis.axhline if along == "x" else axis.axvline
    return draw(value, label=label, **(look | line))  # type: ignore[arg-type]


def band(
    axis: Axes,
    x: Iterable[float],
    lo: Iterable[float],
    hi: Iterable[float],
    colour: str = COLOURS["data"],
    label: str | None = None,
) -> FillBetweenPolyCollection:
    """Draw the interval of a curve as a band, lighter than the curve in the same colour; NaN leaves a gap."""
    edges = np.asarray(x, float), np.asarray(lo, float), np.asarray(hi, float)
    return axis.fill_between(*edges, color=colour, alpha=0.22, linewidth=0, label=label)


def estimates(
    axis: Axes,
    x: Iterable[float],
    value: Iterable[float],
    lo: Iterable[float],
    hi: Iterable[float],
    colour: str = COLOURS["data"],
    label: str | None = None,
) -> ErrorbarContainer:
    """Draw points with their intervals; lo and hi are the ends."""
    middle, low, high = (np.asarray(a, float) for a in (value, lo, hi))
    lengths = np.maximum([middle - low, high - middle], 0)
    return axis.errorbar(
        np.asarray(x), middle, lengths, color=colour, label=label, fmt="o", elinewidth=1.3, markersize=5
    )


def cells(
    axis: Axes,
    values: np.ndarray,
    label: str,
    *,
    colour_map: str = SEQUENTIAL,
    extent: tuple[float, float, float, float] | None = None,
    limits: tuple[float | None, float | None] = (None, None),
    aspect: Literal["auto", "equal"] = "auto",
) -> AxesImage:
    """Draw a map of (row, column) values with its colour bar; NaN stays blank, and row 0 is at the bottom.

    A diverging map without limits is centred on zero.
    """
    lo, hi = limits
    if colour_map == DIVERGING and lo is None and hi is None:
        hi = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 1.0
        lo = -hi
    with styled():
        axis.grid(False)
        shown = axis.imshow(
            values, cmap=colour_map, extent=extent, vmin=lo, vmax=hi, origin="lower", aspect=aspect
        )
        colour_bar(shown, axis, label)
    return shown


def colour_bar(shown: ScalarMappable, beside: Axes | Sequence[Axes], label: str, **bar: object) -> Colorbar:
    """Draw a colour bar to the right of one axis or several. bar : options of matplotlib's `colorbar`."""
    first = beside if isinstance(beside, Axes) else beside[0]
    look = {"fraction": 0.05, "pad": 0.02} | bar
    drawn = first.figure.colorbar(shown, ax=beside, **look)  # type: ignore[arg-type]
    drawn.set_label(label)
    drawn.outline.set_visible(False)
    return drawn


def letters(axes: np.ndarray) -> None:
    """Write a, b, c ... in bold to the left of the titles of the axes, in reading order; nothing for a single axis."""
    flat = np.asarray(axes).ravel()
    if flat.size > 1:
        for axis, letter in zip(flat, string.ascii_lowercase, strict=False):
            beside = {"xytext": (-0.5, 0), "textcoords": "offset fontsize", "ha": "right", "va": "bottom"}
            look = {"size": RC["axes.titlesize"], "weight": "bold"}
            title = axis.set_title(axis.get_title(loc="left"), loc="left")
            axis.annotate(letter, (0, 0), xycoords=title, **beside, **look)  # moves with the title


def log_ticks(axis: Axes, along: Literal["x", "y"] = "x") -> None:
    """Make an axis logarithmic with labels that never collide: 1, 2, 5 within two decades, else powers of ten."""
    axis.set(**{f"{along}scale": "log"})
    ruler = axis.xaxis if along == "x" else axis.yaxis
    lo, hi = sorted(ruler.get_view_interval())
    if hi / lo < 100:
        ruler.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ruler.set_major_formatter(StrMethodFormatter("{x:g}"))
        ruler.set_minor_formatter(NullFormatter())
    else:
        powers(axis, along)


def powers(axis: Axes, along: Literal["x", "y"] = "x") -> None:
    """Label an axis with powers of ten, 10⁻³; matplotlib's TeX labels take twice as long as the rest of a figure."""
    ruler = axis.xaxis if along == "x" else axis.yaxis
    ruler.set_major_formatter(FuncFormatter(lambda value, _: power(value)))
    ruler.set_minor_formatter(NullFormatter())


def power(value: float) -> str:
    """The text of a power of ten, its negative, or 0."""
    if value == 0:
        return "0"
    exponent = round(np.log10(abs(value)))
    return f"{'−' if value < 0 else ''}10{str(exponent).translate(RAISED)}"


def nothing(axis: Axes, reason: str) -> None:
    """Write on an axis the reason why there is nothing to show."""
    axis.grid(False)
    axis.set(xticks=[], yticks=[])
    remark(axis, reason)


def remark(axis: Axes, text: str) -> None:
    """Write a remark in the middle of an axis."""
    axis.text(
        0.5, 0.5, text, transform=axis.transAxes, ha="center", va="center", color=COLOURS["faint"], wrap=True
    )


def legend_beside(axis: Axes, title: str | None = None) -> None:
    """Draw the legend to the right of the axis, where it covers no data."""
    with styled():
        axis.legend(title=title, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)
