"""Figures for papers: as wide as a column of a journal, with text of legible size."""

import textwrap

from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.lines import Line2D
from matplotlib.text import Text

PANEL_MM, LABEL_MM = 48.0, 3.6  # least height of a panel in a column, and of each of its labels along y
MM_PER_INCH, POINTS_PER_INCH = 25.4, 72
SMALLEST_TEXT, TICKS, TITLE = (
    6.0,
    9.5,
    12.0,
)  # points: smallest text that journals accept; text of a figure on a screen
LETTER = 0.68  # width of a bold letter in units of its height


def lay_out(drawing: Figure, width: int) -> None:
    """Make a figure `width` mm wide, with no text below 6 pt; it becomes higher where the text needs room.

    Where the text would be much larger than on the screen, panels that lie beside each other are put into one column.
    """
    before, height = drawing.get_size_inches()
    shrunk = width / MM_PER_INCH / before
    grown = max(1.0, SMALLEST_TEXT / (TICKS * shrunk))  # growth of the text relative to the figure
    for text in drawing.findobj(Text):
        text.set_fontsize(max(SMALLEST_TEXT, text.get_fontsize() * shrunk))
    for line in drawing.findobj(Line2D):
        line.set_linewidth(line.get_linewidth() * max(shrunk, 0.5))
        line.set_markersize(line.get_markersize() * max(shrunk, 0.5))
    high = height * shrunk * grown**0.5
    if grown > 1.2 and (panels := _stack(drawing)):
        high = sum(panels) / MM_PER_INCH
    drawing.set_size_inches(width / MM_PER_INCH, high)
    drawing.set_layout_engine("constrained", h_pad=0.03, w_pad=0.03)
    if drawing.get_suptitle():
        size = max(SMALLEST_TEXT, TITLE * shrunk)
        letters = int(width / MM_PER_INCH * POINTS_PER_INCH / (LETTER * size))
        lines = textwrap.wrap(drawing.get_suptitle().replace("\n", " "), letters)
        drawing.suptitle("\n".join(lines), x=0.01, ha="left", size=size, weight="bold")


def _stack(drawing: Figure) -> list[float]:
    """Put the panels into one column; returns the height of each in mm, or [] if they already are in one column."""
    panels = [axis for axis in drawing.axes if axis.get_subplotspec() and axis.get_label() != "<colorbar>"]
    if len({axis.get_subplotspec().colspan.start for axis in panels}) < 2:  # type: ignore[union-attr]
        return []
    heights = [max(PANEL_MM, LABEL_MM * len(axis.get_yticks())) for axis in panels]
    grid = GridSpec(len(panels), 1, figure=drawing, height_ratios=heights)
    for row, axis in enumerate(panels):
        axis.set_subplotspec(grid[row, 0])
        axis.tick_params(labelbottom=True, labelleft=True)
    return heights
