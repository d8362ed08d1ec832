"""Grids of glowing cells, one per neuron, which the films of the network share."""

from collections.abc import Iterator

import numpy as np

from emergent_dynamics.branching.figures.smoothing import TAPS, smooth
from emergent_dynamics.branching.resources import PIECE
from emergent_dynamics.plotting import canvas, colours, style

GLOW = colours.table(colours.ACTIVITY, 256)[24:]  # so a silent cell is not quite black
CELLS = np.append(GLOW, [[255, 255, 255]], axis=0).astype(np.uint8)  # last: absent neuron


def glow(brightness: np.ndarray) -> np.ndarray:
    """Return rows (uint8) of the colour table `GLOW` for brightnesses from 0 to 1; values outside are clipped."""
    return (np.clip(brightness, 0.0, 1.0) * (len(GLOW) - 1)).astype(np.uint8)


def picture(mask: np.ndarray, widths: np.ndarray, smoothing: str, stretch: int) -> np.ndarray:
    """Return (frame, layer, neuron) rows (uint8) of the colour table `CELLS`, in which neurons that do not exist are
    white. Layer by layer, since brightnesses take four times as much memory.
    """
    levels = np.empty((len(mask) * stretch, *mask.shape[1:]), np.uint8)
    for layer in range(mask.shape[1]):
        levels[:, layer] = glow(smooth(mask[:, layer], smoothing, stretch))
    levels[:, np.arange(mask.shape[2]) >= widths[:, None]] = len(CELLS) - 1
    return levels


def pictures(mask: np.ndarray, widths: np.ndarray, smoothing: str, stretch: int) -> Iterator[np.ndarray]:
    """Yield the frames of `picture` one by one, of which only `PIECE` steps are held.

    A spike that is `TAPS` frames away brightens nothing: its brightness is less than 1e-26.
    """
    margin = -(-TAPS // stretch)
    for start in range(0, len(mask), PIECE):
        first, stop = max(0, start - margin), min(len(mask), start + PIECE)
        levels = picture(mask[first : stop + margin], widths, smoothing, stretch)
        yield from levels[(start - first) * stretch : (stop - first) * stretch]


def panels(
    name: str, titles: list[str], layers: int, neurons: int, width: int, columns: int
) -> tuple[canvas.Canvas, list[canvas.Pane]]:
    """Return a canvas and its panes of layers x neurons, one pane per title and `columns` panes in a row; `width` in
    pixels.
    """
    rows = -(-len(titles) // columns)
    high = 78 + rows * (round(width / columns * neurons / layers * 0.92) + 34)
    drawing, axes = style.figure(width, high, rows, columns, sharex=True, sharey=True)
    drawing.suptitle(name, fontsize=11.5)
    for axis, title in zip(axes.flat, titles, strict=False):
        axis.set(xlim=(0, layers), ylim=(0, neurons))
        axis.set_title(title, fontsize=10)
        axis.grid(False)
    for axis in axes.flat[len(titles) :]:
        axis.set_axis_off()
    drawing.supxlabel("layer", fontsize=10)
    drawing.supylabel("neuron", fontsize=10)
    stage = canvas.Canvas(drawing)
    return stage, [stage.pane(axis) for axis in axes.flat[: len(titles)]]
