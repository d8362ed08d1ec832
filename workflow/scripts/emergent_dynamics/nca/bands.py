"""Minimum, mean and maximum over the runs of one experiment, generation by generation."""

import pandas as pd

MEASURES = ("gep", "gcvp", "clogv", "rwsp", "ghc", "exact", "alive")
COLUMNS = ["measure", "generation", "min", "mean", "max", "runs"]


def over_runs(*tables: pd.DataFrame) -> pd.DataFrame:
    """Return a table with measure, generation, min, mean, max and runs.

    tables : with one row per run and generation; they are joined on these.
    """
    joined = tables[0]
    for table in tables[1:]:
        joined = joined.merge(table, on=["run", "generation"])
    long = joined.melt("generation", list(MEASURES), "measure")
    grouped = long.groupby(["measure", "generation"], sort=True)["value"]
    bands = grouped.agg(["min", "mean", "max", "count"]).rename(columns={"count": "runs"})
    return bands.reset_index()[COLUMNS]
