"""What repeats of one experiment have in common: minimum, mean and maximum over runs, generation by generation."""

import pandas as pd

MEASURES = ("gep", "gcvp", "clogv", "rwsp", "ghc", "exact", "alive")
COLUMNS = ["measure", "generation", "min", "mean", "max", "runs"]


def over_runs(*tables: pd.DataFrame) -> pd.DataFrame:
    """measure, generation, min, mean, max, runs; of tables with one row per run and generation, or one joined table."""
    joined = tables[0]
    for table in tables[1:]:
        joined = joined.merge(table, on=["run", "generation"])
    long = joined.melt("generation", list(MEASURES), "measure")
    grouped = long.groupby(["measure", "generation"], sort=True)["value"]
    bands = grouped.agg(["min", "mean", "max", "count"]).rename(columns={"count": "runs"})
    return bands.reset_index()[COLUMNS]
