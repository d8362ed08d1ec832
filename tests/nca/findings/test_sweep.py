"""The members of a sweep side by side."""

import pandas

from emergent_dynamics.nca.findings import sweep


def test_seeds_of_a_sweep_are_one_band():
    """Two seeds of one setting, 1 and 3, and another setting: two members, the first from 1 to 3."""
    two = pandas.DataFrame({"run": [0], "generation": 0, "rwsp": 0, "ghc": 0, "exact": 0, "alive": 0})
    one = pandas.DataFrame({"run": [0], "generation": 0, "gep": 1.0, "gcvp": 0.0, "clogv": 0.0})
    tables = {
        "seed=1,budget=4": (one, two),
        "seed=2,budget=4": (one.assign(gep=3.0), two),
        "budget=8": (one, two),
    }
    found = sweep.find(tables)["sweep"]
    rows = found[found["measure"] == "gep"].set_index("member")
    assert list(rows.index) == ["budget=4", "budget=8"]
    assert rows.loc["budget=4", ["min", "mean", "max", "runs"]].tolist() == [1, 2, 3, 2]
