"""Colours of clades, as people with every kind of sight see them."""

import numpy as np
import pytest

from emergent_dynamics.nca.figures import clades

# Severity 1 of Machado, Oliveira & Fernandes 2009, on linear RGB.
SIGHTS = {
    "full": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab(colours, sight):
    """(n, 3) CIELAB (D65) of sRGB in 0 to 255."""
    srgb = np.asarray(colours) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(sight), 0, 1)
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    xyz = seen @ np.transpose(to_xyz) / [0.95047, 1, 1.08883]
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


@pytest.mark.parametrize("sight", SIGHTS)
def test_clades_are_told_apart(sight):
    """At least 28 between two clades, where a step that is just seen is 2.3, and 14 to grey, white and black.

    The colours before turned by the golden angle: founders 39 and 271 were 4.6 apart for a deuteranope.
    """
    table = clades.palette(range(1, 13), 12)
    places = lab(table[1:], SIGHTS[sight])
    distance = np.linalg.norm(places[:, None] - places[None], axis=2)
    assert distance[np.triu_indices(12, 1)].min() > 28
    others = lab([clades.palette([], 1)[1], [255] * 3, [0] * 3], SIGHTS[sight])
    assert np.linalg.norm(places[:, None] - others[None], axis=2).min() > 14


def test_named_founders_have_the_colours_in_order_and_others_are_grey():
    table = clades.palette([5, 2], 6)
    assert table[[5, 2]].tolist() == [[0x11, 0x88, 0x88], [0xFF, 0xCC, 0x00]]
    assert (table[[1, 3, 4, 6]] == 0xD9).all() and not table[0].any()
