"""Means over the window in which a world has settled."""

import numpy as np
import pandas

from emergent_dynamics.nca import theory, window


def test_a_headline_says_whether_it_agrees():
    """Mean of two runs' means with Student's interval; ok by the anchor's tolerance; NaN carries a note."""
    table = pandas.DataFrame({"run": [0, 0, 1, 1], "gep": [1.0, 2.0, 3.0, 4.0]})
    found = window.headline(table, "gep", "1", theory.Anchor(2.6, 0.2, "a book"))
    assert found.value == 2.5 and found.n == 2 and found.ok
    empty = window.headline(table[:0], "gep", "1")
    assert np.isnan(empty.value) and empty.note
