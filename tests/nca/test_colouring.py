"""Genomes as colours."""

import numpy as np

from emergent_dynamics.nca import colouring


def by_python(weights):
    """GHC as its authors compute it: Python's hash of ten times the weight rounded to two decimals, modulo 2."""
    colours = []
    for net in weights:
        bits = [hash(round(float(w), 2) * 10) % 2 for w in net[:24]]
        colours.append(int("".join(map(str, bits)), 2))
    return np.array(colours, np.uint32)


def test_the_closed_form_of_ghc_is_pythons_hash():
    """100,000 genomes with weights in [-10, 10], and every hundredth in that range: no mismatch."""
    weights = np.random.default_rng(1).uniform(-10, 10, (100_000, 24)).astype(np.float32)
    assert np.array_equal(colouring.ghc_colours(weights), by_python(weights))
    hundredths = np.zeros((2001, 24), np.float32)
    hundredths[:, 0] = np.arange(-1000, 1001) / 100
    assert np.array_equal(colouring.ghc_colours(hundredths), by_python(hundredths))


def test_rwsp_colours_wrap_as_a_cast_to_bytes():
    """w = 0.2, 1.0, -0.1 and 1.2 rounded to a decimal: 51, 255, trunc(-25.5) mod 256 = 231, 306 mod 256 = 50."""
    weights = np.zeros((1, 40), np.float32)
    weights[0, [0, 1, 2, 3]] = 0.21, 0.98, -0.12, 1.19
    assert colouring.rwsp_colours(weights, [0, 1, 2], 2)[0] == (51 << 16) + (255 << 8) + 231
    assert (
        colouring.rwsp_colours(weights, [3, 36, 37], 2)[0] == 50 << 16
    )  # parameters 36 and 37 are biases: black
