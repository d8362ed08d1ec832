"""How often intervals cover: the count."""

import numpy as np
import pandas as pd

from performance import interval_coverage as coverage


def test_the_share_is_that_of_intervals_that_hold_the_truth():
    """Of `a` theory knows 2, which two of three intervals hold; of `b` nothing, the mean is 1; `c` has no interval."""
    rows = [
        *((seed, "a", 2.0, lo, lo + 1, 2.0) for seed, lo in ((1, 1.5), (2, 2.0), (9, 2.1))),
        *((seed, "b", value, value - 0.6, value + 0.6, np.nan) for seed, value in ((1, 0.5), (2, 1.5))),
        (3, "b", 1.0, np.nan, np.nan, np.nan),
        (1, "c", 1.0, np.nan, np.nan, np.nan),
    ]
    rows = pd.DataFrame(rows, columns=["seed", "headline", "value", "lo", "hi", "exact"])
    table = coverage.share(rows, {})
    assert table.to_dict("records") == [
        {"headline": "a", "truth": 2.0, "kind": "exact", "repeats": 3, "covered": 2, "first": 2},
        {"headline": "b", "truth": 1.0, "kind": "mean", "repeats": 2, "covered": 2, "first": 2},
    ]
    half = coverage.share(rows, {"b": lambda means: means["a"] / 2 - 0.6})
    assert half["truth"].tolist() == [2.0, 0.4] and half["covered"].tolist() == [2, 1]
