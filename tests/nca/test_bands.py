"""Least, mean and most of the runs."""

import pandas

from emergent_dynamics.nca import bands


def test_bands_are_least_mean_and_most_of_the_runs():
    """Two runs, one generation: 1 and 3 give 1, 2, 3."""
    one = pandas.DataFrame({"run": [0, 1], "generation": 0, "gep": [1.0, 3.0], "gcvp": 0.0, "clogv": 0.0})
    two = pandas.DataFrame({"run": [0, 1], "generation": 0, "rwsp": 0, "ghc": 0, "exact": 0, "alive": 0})
    row = bands.over_runs(one, two).set_index("measure").loc["gep"]
    assert (row["min"], row["mean"], row["max"], row["runs"]) == (1, 2, 3, 2)
