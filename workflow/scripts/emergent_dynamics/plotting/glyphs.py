"""Text in films: matplotlib draws every character once, and copies are pasted into the frames."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

CHARACTERS = "".join(map(chr, range(32, 127))) + "±×·−–…°²³αβγδεθλμνρσςτφψωΔΣΩ∞≤≥≈→"


@dataclass(frozen=True)
class Glyphs:
    """One font size, in the order of CHARACTERS: coverage (character, row, column) uint8, advance (px)."""

    coverage: np.ndarray
    advance: np.ndarray

    def width(self, text: str) -> int:
        """Pixels that `text` takes."""
        return int(np.ceil(sum(self.advance[_index(c)] for c in text)))

    def paste(self, frame: np.ndarray, text: str, x: float, y: float, colour: np.ndarray) -> None:
        """Write `text` over `frame` (height, width, 3) uint8, which is changed; left top at pixel (x, y)."""
        rows, columns = self.coverage.shape[1:]
        top = round(y)
        for character in text:
            left = round(x)
            patch = frame[max(top, 0) : max(top + rows, 0), max(left, 0) : max(left + columns, 0)]
            cover = self.coverage[_index(character), max(-top, 0) :, max(-left, 0) :]
            cover = cover[: patch.shape[0], : patch.shape[1], None].astype(np.uint16)
            patch[...] = (patch * (255 - cover) + colour.astype(np.uint16) * cover + 127) // 255
            x += self.advance[_index(character)]


@functools.cache
def glyphs(size: float, weight: str = "normal") -> Glyphs:
    """DejaVu Sans at `size` pixels; its digits are equally wide, so changing numbers do not move."""
    height, width = int(np.ceil(size * 1.5)), int(np.ceil(size * 1.4))
    sheet = Figure(figsize=(width / 72, height * len(CHARACTERS) / 72), dpi=72, facecolor="white")
    canvas = FigureCanvasAgg(sheet)
    renderer = canvas.get_renderer()
    advance = np.zeros(len(CHARACTERS))
    font: dict[str, Any] = {"family": "DejaVu Sans", "size": size, "weight": weight, "parse_math": False}
    for i, character in enumerate(CHARACTERS):
        baseline = height * (len(CHARACTERS) - i) - round(size * 1.1)
        drawn = sheet.text(
            1 / width, baseline / (height * len(CHARACTERS)), character, color="black", va="baseline", **font
        )
        prop = drawn.get_fontproperties()
        both, _, _ = renderer.get_text_width_height_descent(f"|{character}|", prop, ismath=False)
        bars, _, _ = renderer.get_text_width_height_descent("||", prop, ismath=False)
        advance[i] = both - bars
    canvas.draw()
    ink = 255 - np.asarray(canvas.buffer_rgba())[..., 0]
    return Glyphs(ink.reshape(len(CHARACTERS), height, width), advance)


@functools.cache
def _index(character: str) -> int:
    at = CHARACTERS.find(character)
    return at if at >= 0 else CHARACTERS.index("?")
