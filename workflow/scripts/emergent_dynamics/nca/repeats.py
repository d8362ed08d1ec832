"""What repeats of one experiment have in common: minimum, mean and maximum over runs, generation by generation."""

from collections.abc import Mapping

import pandas as pd

MEASURES = ("gep", "gcvp", "clogv", "rwsp", "ghc", "exact", "alive")
COLUMNS = ["measure", "generation", "min", "mean", "max", "runs"]


def bands(pd_table: pd.DataFrame, gd_table: pd.DataFrame) -> pd.DataFrame:
    """generation, measure, min, mean, max, runs; both tables have one row a run and generation."""
    return _bands(pd_table.merge(gd_table, on=["run", "generation"]))


def sweep(tables: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> pd.DataFrame:
    """The same for every member of a sweep, with a column `member`; members that differ in their seed are one.

    tables : by name, "inheritance=0.1,seed=2", the tables of phenotypic and of genetic diversity.
    """
    merged: dict[str, list[pd.DataFrame]] = {}
    for name, (pd_table, gd_table) in tables.items():
        shared = ",".join(part for part in name.split(",") if not part.startswith("seed="))
        joined = pd_table.merge(gd_table, on=["run", "generation"])
        merged.setdefault(shared or "all seeds", []).append(joined)
    parts = [_bands(pd.concat(members)).assign(member=name) for name, members in merged.items()]
    return pd.concat(parts, ignore_index=True)[["member", *COLUMNS]]


def _bands(joined: pd.DataFrame) -> pd.DataFrame:
    long = joined.melt("generation", list(MEASURES), "measure")
    grouped = long.groupby(["measure", "generation"], sort=True)["value"]
    found = grouped.agg(["min", "mean", "max", "count"]).rename(columns={"count": "runs"})
    return found.reset_index()[COLUMNS]
