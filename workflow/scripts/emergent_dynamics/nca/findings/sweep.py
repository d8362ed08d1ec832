"""The members of a sweep side by side: every measure of diversity, least, mean and most over runs and seeds."""

from collections.abc import Mapping

import pandas as pd

from emergent_dynamics.nca import bands
from emergent_dynamics.store import Headline


def find(members: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """The table sweep: bands of every member with a column `member`; members that differ in their seed are one.

    members : by name, "inheritance=0.1,seed=2", the tables pd and gd.
    """
    merged: dict[str, list[pd.DataFrame]] = {}
    for name, (phenotypes, genotypes) in members.items():
        shared = ",".join(part for part in name.split(",") if not part.startswith("seed="))
        joined = phenotypes.merge(genotypes, on=["run", "generation"])
        merged.setdefault(shared or "all seeds", []).append(joined)
    parts = [bands.over_runs(pd.concat(seeds)).assign(member=name) for name, seeds in merged.items()]
    return {"sweep": pd.concat(parts, ignore_index=True)[["member", *bands.COLUMNS]]}


def summarise(table: pd.DataFrame) -> dict[str, Headline]:
    """Nothing yet: a sweep is compared by its bands."""
    return {}
