"""Colours of founders' clades that can be distinguished with normal and with deficient colour vision."""

from collections.abc import Sequence

import numpy as np

# Twelve colours whose least distance in CIELAB is 28, and 14 to the grey of all others, white and black, as
# seen with normal vision, protanopia, deuteranopia and tritanopia (Machado, Oliveira & Fernandes 2009).
COLOURS = (
    "#118888", "#ffcc00", "#550099", "#aa0000", "#22ffbb", "#9988dd",
    "#003355", "#0000ff", "#552222", "#bbddff", "#ff8855", "#bb44ff",
)  # fmt: skip
OTHERS = "#d9d9d9"


def palette(named: Sequence[int], founders: int) -> np.ndarray:
    """Return (founders + 1, 3) uint8 colours by founder: the named ones in the order given, all others grey, 0 (no
    founder) black.
    """
    table = np.tile(_rgb(OTHERS), (founders + 1, 1))
    table[0] = 0
    for founder, colour in zip(named, COLOURS, strict=False):
        table[founder] = _rgb(colour)
    return table


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
