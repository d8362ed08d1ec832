"""The members of a sweep side by side: every measure of diversity, least, mean and most over runs and seeds."""

from collections.abc import Mapping

import pandas as pd

from emergent_dynamics.findings import Headline
from emergent_dynamics.nca import bands

MEASURES = {"exact": ("genomes", "genomes"), "alive": ("cells", "living cells")}


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
    """How far the members of a sweep lie apart in the means of each measure, at the last generation that all have.

    table : sweep.
    """
    last = table.groupby("member")["generation"].max().min()
    means = table[table["generation"] == last].pivot_table("mean", "member", "measure")
    return {
        f"sweep_{name}": Headline(
            means[name].max() - means[name].min(),
            None,
            len(means),
            unit,
            f"Difference between the members of the sweep with most and with fewest {what}, in generation {last}",
            note="no interval: members are compared by their means only",
        )
        for name, (unit, what) in MEASURES.items()
    }
