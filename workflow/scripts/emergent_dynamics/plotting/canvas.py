"""Draw the frames of films: matplotlib draws axes, labels and colour bars once; what moves is painted per frame.

    drawing, [[axis]] = style.figure(900, 520)
    axis.set(xlim=(0, 10), ylim=(-1, 1), xlabel="x / m")
    stage = Canvas(drawing)
    pane = stage.pane(axis)
    for ...:  frame = stage.blank(); pane.disks(frame, x, y, rgb); stage.clock(frame, "t = 1.50"); yield frame

At 1400 x 800 pixels matplotlib takes 37 ms to redraw a frame; this takes 1 to 4 ms.
"""

from __future__ import annotations

import functools
from typing import Any, Literal, TypedDict, Unpack

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from emergent_dynamics.plotting import raster, style
from emergent_dynamics.plotting.colours import COLOURS, SEQUENTIAL, rgb, table
from emergent_dynamics.plotting.glyphs import glyphs

FILM_WIDTH = 1280  # smallest width of a film, device pixels


def film_scale(width: float) -> float:
    """Device pixels per CSS pixel of a film that is `width` CSS pixels wide.

    >>> film_scale(640), film_scale(1400)
    (2.0, 1.0)
    """
    return max(1.0, FILM_WIDTH / width)


class Canvas:
    """A figure as pixels. `scale` device pixels per CSS pixel, by default as many as make a film `FILM_WIDTH` wide.

    Width and height are made even, as the encoder requires.
    background : (height, width, 3) uint8; each frame starts as a copy of it.
    """

    def __init__(self, drawing: Figure, scale: float | None = None) -> None:
        self.figure = drawing
        scale = scale or film_scale(drawing.get_size_inches()[0] * style.CSS_DPI)
        self.scale = scale
        wide, high = (2 * round(inches * style.CSS_DPI * scale / 2) for inches in drawing.get_size_inches())
        drawing.set_dpi(style.CSS_DPI * scale)
        drawing.set_size_inches(wide / drawing.dpi, high / drawing.dpi)
        with style.styled():
            agg = FigureCanvasAgg(drawing)
            agg.draw()
        self.background = np.ascontiguousarray(np.asarray(agg.buffer_rgba())[:high, :wide, :3])
        self.height, self.width = self.background.shape[:2]

    def blank(self) -> np.ndarray:
        """A new frame that shows everything static."""
        return self.background.copy()

    def pane(self, axis: Axes) -> Pane:
        """The pane of one axis, on which shapes are painted in data coordinates, linear or logarithmic."""
        return Pane(self, axis)

    def text(
        self,
        frame: np.ndarray,
        text: str,
        x: float,
        y: float,
        *,
        align: str = "left",
        size: float = 13,
        colour: str = COLOURS["ink"],
    ) -> None:
        """Write on the frame at (x, y) CSS pixels from the left top corner; `align` left, right or center."""
        font = glyphs(size * self.scale)
        shift = {"left": 0.0, "right": 1.0, "center": 0.5}[align] * font.width(text)
        font.paste(frame, text, x * self.scale - shift, y * self.scale, rgb(colour))

    def clock(self, frame: np.ndarray, text: str, fraction: float | None = None) -> None:
        """Write a time label at the upper right; given a fraction from 0 to 1, draw a progress bar at the bottom."""
        self.text(frame, text, self.width / self.scale - 14, 8, align="right")
        if fraction is not None:
            thick = max(2, round(3 * self.scale))
            frame[-thick:] = rgb(COLOURS["grid"])
            frame[-thick:, : round(self.width * min(max(fraction, 0.0), 1.0))] = rgb(COLOURS["data"])


class Pane:
    """One axis of a canvas: `box` (top, bottom, left, right) in device pixels."""

    def __init__(self, canvas: Canvas, axis: Axes) -> None:
        self.canvas = canvas
        edges = axis.get_window_extent()
        self.box = (
            canvas.height - round(edges.y1),
            canvas.height - round(edges.y0),
            round(edges.x0),
            round(edges.x1),
        )
        self._to_pixels: Any = axis.transData.frozen()
        self._limits = axis.get_xlim(), axis.get_ylim()

    def pixels(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Convert data coordinates to device pixels from the left top corner, float64, of the same shapes."""
        flat = np.stack([np.ravel(x), np.ravel(y)], axis=1).astype(float)
        there = self._to_pixels.transform(flat)
        shape = np.shape(x)
        return there[:, 0].reshape(shape), (self.canvas.height - there[:, 1]).reshape(shape)

    def cells(
        self, frame: np.ndarray, values: np.ndarray, colours: np.ndarray, *, origin: str = "lower"
    ) -> None:
        """Fill the pane with a (row, column) integer map through a look-up table (k, 3) uint8.

        Row 0 lies at the bottom unless origin is "upper", the way imshow names it.
        """
        top, bottom, left, right = self.box
        rows, columns = _spread(values.shape[0], bottom - top), _spread(values.shape[1], right - left)
        shown = values[::-1] if origin == "lower" else values
        # `take` along the first axis copies whole rows of pixels: 0.9 ms for 1050 x 600, indexing took 6 ms.
        wide = np.take(colours[shown], columns, axis=1).reshape(len(values), -1)
        frame[top:bottom, left:right] = np.take(wide, rows, axis=0).reshape(len(rows), len(columns), 3)

    def disks(
        self,
        frame: np.ndarray,
        x: np.ndarray,
        y: np.ndarray,
        colours: np.ndarray | str,
        radius: np.ndarray | float = 4.0,
    ) -> None:
        """Paint disks at data coordinates (n,); colours a name, (3,) or (n, 3 or 4) uint8; radius in CSS pixels."""
        px, py = self.pixels(x, y)
        size = np.broadcast_to(np.asarray(radius, float) * self.canvas.scale, px.shape)
        raster.paint_disks(frame, px, py, _rgba(colours, px.size), np.ascontiguousarray(size), self.box)

    def lines(
        self,
        frame: np.ndarray,
        x: np.ndarray,
        y: np.ndarray,
        colours: np.ndarray | str,
        width: np.ndarray | float = 1.5,
    ) -> None:
        """Paint separate straight lines: x, y (n, 2) data coordinates of both ends; width in CSS pixels."""
        px, py = self.pixels(x, y)
        thick = np.broadcast_to(np.asarray(width, float) * self.canvas.scale, px.shape[:1])
        ends = np.stack([px[:, 0], py[:, 0], px[:, 1], py[:, 1]])
        raster.paint_lines(frame, ends, _rgba(colours, len(px)), np.ascontiguousarray(thick), self.box)

    def curve(
        self, frame: np.ndarray, x: np.ndarray, y: np.ndarray, colour: np.ndarray | str, width: float = 1.5
    ) -> None:
        """Paint a connected curve through the points (n,); NaN interrupts it."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        self.lines(frame, np.stack([x[:-1], x[1:]], axis=1), np.stack([y[:-1], y[1:]], axis=1), colour, width)


class GridLayout(TypedDict, total=False):
    """Texts and size of a grid; width and height in CSS pixels, 700 x 400 by default; row 0 is below for "lower"."""

    title: str
    xlabel: str
    ylabel: str
    value_label: str
    origin: Literal["lower", "upper"]
    width: int
    height: int


def grid_canvas(
    rows: int,
    columns: int,
    *,
    colour_map: str | None = SEQUENTIAL,
    limits: tuple[float, float] = (0.0, 1.0),
    extent: tuple[float, float, float, float] | None = None,
    scale: float | None = None,
    tall: int = 1,
    **layout: Unpack[GridLayout],
) -> tuple[Canvas, Pane]:
    """A canvas with one pane of rows x columns square cells, each as many whole pixels as fit.

    tall : height of a cell in its widths, for a single row, whose only number is not shown.

    extent (left, right, bottom, top) are the data coordinates of the edges, by default cell numbers. Without
    a colour map there is no colour bar. `pane.cells(frame, values, table(colour_map))` then fills it.
    """
    width, height = layout.get("width", 700), layout.get("height", 400)
    scale = scale or film_scale(width)
    margin = {"left": 62, "right": 96 if colour_map else 24, "top": 42, "bottom": 56}  # CSS pixels
    room = width - margin["left"] - margin["right"], height - margin["top"] - margin["bottom"]
    cell = min(room[0] * scale / columns, room[1] * scale / rows / tall)
    cell = (np.floor(cell) if cell >= 1 else cell) / scale
    wide, high = cell * columns, cell * rows * tall
    x0 = margin["left"] + (room[0] - wide) / 2
    y0 = margin["bottom"] + (room[1] - high) / 2
    x0, y0 = round(x0 * scale) / scale, round(y0 * scale) / scale
    drawing = Figure(figsize=(width / style.CSS_DPI, height / style.CSS_DPI), dpi=style.CSS_DPI)
    with style.styled():
        axis = drawing.add_axes((x0 / width, y0 / height, wide / width, high / height))
        axis.grid(False)
        axis.spines[:].set_visible(False)
        upwards = layout.get("origin", "lower") == "lower"
        edges = extent or ((0, columns, 0, rows) if upwards else (0, columns, rows, 0))
        axis.set(xlim=edges[:2], ylim=edges[2:])
        axis.set(xlabel=layout.get("xlabel", ""), ylabel=layout.get("ylabel", ""))
        if extent is None:  # the default extent: cell numbers
            axis.xaxis.set_major_locator(MaxNLocator(8, integer=True))
            axis.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        if rows == 1:
            axis.set(yticks=[])
        drawing.text(
            0.02, 1 - 12 / height, layout.get("title", ""), size=style.RC["axes.titlesize"], va="top"
        )
        if colour_map:
            beside = drawing.add_axes(((x0 + wide + 12) / width, y0 / height, 12 / width, high / height))
            beside.imshow(
                table(colour_map)[::-1, None], extent=(0, 1, *limits), aspect="auto", interpolation="bilinear"
            )
            beside.grid(False)
            beside.spines[:].set_visible(False)
            beside.set(xticks=[], ylabel=layout.get("value_label", ""))
            beside.yaxis.tick_right()
            beside.yaxis.set_label_position("right")
    canvas = Canvas(drawing, scale)
    return canvas, canvas.pane(axis)


@functools.lru_cache(maxsize=32)
def _spread(cells: int, pixels: int) -> np.ndarray:
    """Which cell each pixel shows, (pixels,)."""
    return (np.arange(pixels) * cells) // max(pixels, 1)


def _rgba(colours: np.ndarray | str, n: int) -> np.ndarray:
    """(n, 4) uint8 from a name, one colour or a colour each; without a fourth column they are opaque."""
    given = rgb(colours) if isinstance(colours, str) else np.asarray(colours, np.uint8)
    full = np.full((n, 4), 255, np.uint8)
    full[:, : given.shape[-1]] = given
    return full
