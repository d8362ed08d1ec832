"""Colours by role: data, theory and so on have the same colours in all systems; none contrasts red with green.

Categories are Okabe & Ito's (2008), apart under protanopia, deuteranopia and tritanopia, yellow darkened
to show on white. Colour maps are perceptually uniform; phases get a cyclic one.
"""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.colors import to_rgb

COLOURS: dict[str, str] = {
    "data": "#0072B2",
    "theory": "#222222",
    "interval": "#0072B2",
    "highlight": "#D55E00",
    "second": "#009E73",
    "muted": "#9AA0A6",
    "faint": "#6B7177",
    "grid": "#E4E6E8",
    "ink": "#26292C",
    "paper": "#FFFFFF",
    "void": "#15171A",
    "agrees": "#0072B2",
    "differs": "#D55E00",
}

CATEGORIES: tuple[str, ...] = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#7A5FA0",
    "#8C8C8C",
)

SEQUENTIAL = "viridis"
ACTIVITY = "inferno"  # nothing is black: for cells that are mostly silent
DIVERGING = "RdBu_r"
CYCLIC = "twilight"

GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))  # turning by it spreads successive hues evenly


def rgb(colour: str) -> np.ndarray:
    """The colour with a name or #rrggbb as (3,) uint8."""
    return np.round(np.array(to_rgb(colour)) * 255).astype(np.uint8)


def table(colour_map: str, size: int = 256) -> np.ndarray:
    """The map as a look-up table, (size, 3) uint8; a cyclic one leaves out its end, which is its start."""
    cyclic = colour_map in (CYCLIC, "twilight_shifted", "hsv")
    at = np.linspace(0, 1, size, endpoint=not cyclic)
    return np.round(matplotlib.colormaps[colour_map](at)[:, :3] * 255).astype(np.uint8)


def category_table(size: int) -> np.ndarray:
    """(size, 3) uint8: the eight categories, then colours of identities."""
    named = np.array([rgb(c) for c in CATEGORIES])
    more = identity_table(max(0, size - len(named)), first=len(named))
    return np.concatenate([named, more])[:size]


def identity_table(size: int, first: int = 0) -> np.ndarray:
    """(size, 3) uint8 for identities first, first + 1, ...: neighbours in the list are far apart in OKLab.

    The hue turns by the golden angle, lightness cycles through four levels, so equal ids have equal colours
    in every figure whatever the number of ids. Chroma 0.11 lies within sRGB for all these levels.
    """
    ids = np.arange(first, first + size)
    hue = ids * GOLDEN_ANGLE
    lightness = np.array([0.62, 0.78, 0.50, 0.70])[ids % 4]
    return oklab_to_srgb(lightness, 0.11 * np.cos(hue), 0.11 * np.sin(hue))


def oklab_to_srgb(lightness: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """OKLab to sRGB, (..., 3) uint8, clipped into the gamut. Ottosson 2020."""
    l_, m_, s_ = (
        (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3,
        (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3,
        (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3,
    )
    linear = np.stack(
        [
            4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
            -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
            -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_,
        ],
        axis=-1,
    ).clip(0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(encoded * 255).astype(np.uint8)
