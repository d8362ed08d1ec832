"""What repeats of one experiment have in common: minimum, mean and maximum over runs, generation by generation."""

import pandas as pd

MEASURES = ("gep", "gcvp", "clogv", "rwsp", "ghc", "exact", "alive")


def bands(pd_table: pd.DataFrame, gd_table: pd.DataFrame) -> pd.DataFrame:
    """generation, measure, min, mean, max, runs; both tables have one row a run and generation."""
    joined = pd_table.merge(gd_table, on=["run", "generation"])
    long = joined.melt(["run", "generation"], list(MEASURES), "measure")
    grouped = long.groupby(["measure", "generation"], sort=True)["value"]
    found = grouped.agg(["min", "mean", "max", "count"]).rename(columns={"count": "runs"})
    return found.reset_index()
