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


def test_members_are_compared_at_the_last_generation_that_all_have():
    """Means of 5 and 9 genomes at generation 1, the end of the shorter member; later frames do not count."""
    rows = [("short", 0, 7.0), ("short", 1, 5.0), ("long", 0, 7.0), ("long", 1, 9.0), ("long", 2, 100.0)]
    table = pandas.DataFrame(rows, columns=["member", "generation", "mean"])
    table = pandas.concat(
        [table.assign(measure="exact"), table.assign(measure="alive", mean=2 * table["mean"])]
    )
    found = sweep.summarise(table)
    assert list(found) == ["sweep_exact", "sweep_alive"]
    assert (found["sweep_exact"].value, found["sweep_alive"].value) == (4, 8)
    assert (found["sweep_exact"].n, found["sweep_exact"].unit) == (2, "genomes")
    assert found["sweep_alive"].unit == "cells" and found["sweep_exact"].ci is None
    assert "in generation 1" in found["sweep_exact"].sentence and "means" in found["sweep_exact"].note


def test_all_seeds_of_one_setting_are_one_member():
    """A sweep over seeds alone has one member, named so; columns come in their order."""
    measures = dict.fromkeys(["gep", "gcvp", "clogv", "rwsp", "ghc", "exact", "alive"], 0)
    table = pandas.DataFrame({"run": [0], "generation": 0, **measures})
    parts = (
        table[["run", "generation", "gep", "gcvp", "clogv"]],
        table[["run", "generation", "rwsp", "ghc", "exact", "alive"]],
    )
    found = sweep.find({"seed=1": parts, "seed=2": parts})["sweep"]
    assert set(found["member"]) == {"all seeds"} and (found["runs"] == 2).all()
    assert list(found) == ["member", "measure", "generation", "min", "mean", "max", "runs"]
