"""What differs between seeds: every scalar of the 2x2 over the members of a sweep that have all else in common."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.statistics import mean_interval

SHARES = ("accuracy", "converged", "fraction_", "mixture_", "auc_")  # statistics that cannot leave [0, 1]


def gather(scalars: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """family, seed, table, statistic, value from `scalars.csv` by member (`name/beta=9,seed=1`); the family is
    the member without its seed, empty where nothing else is swept.
    """
    frames = []
    for member, table in scalars.items():
        parts = member.rpartition("/")[2].split(",")
        seed = next((part.removeprefix("seed=") for part in parts if part.startswith("seed=")), "")
        family = ",".join(part for part in parts if not part.startswith("seed="))
        frames.append(table[["table", "statistic", "value"]].assign(family=family, seed=seed))
    return pd.concat(frames, ignore_index=True)


def table(values: pd.DataFrame) -> pd.DataFrame:
    """One row per family, table and statistic: mean over seeds with Student's t interval, sd, lowest, highest,
    n_seeds (those in which it is defined). One seed has no interval; that of a share or an area ends at 0 and 1.
    """
    rows = []
    for (family, name, statistic), group in values.groupby(["family", "table", "statistic"], sort=False):
        defined = group["value"].dropna().to_numpy(float)
        found = mean_interval(defined)
        bounds = (0.0, 1.0) if str(statistic).startswith(SHARES) else (None, None)
        low, high = np.clip([found.lo, found.hi], *bounds)
        rows.append(
            {
                "family": family,
                "table": name,
                "statistic": statistic,
                "mean": found.value,
                "ci_low": low,
                "ci_high": high,
                "sd": group["value"].std(ddof=1),
                "lowest": group["value"].min(),
                "highest": group["value"].max(),
                "n_seeds": found.n,
            }
        )
    return pd.DataFrame(rows)
