"""What differs between seeds: every scalar of the 2x2 over the members of a sweep that have all else in common."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline

OVER_SEEDS = (
    "accuracy",
    "auc_neg_lambda1_correct",
    "auc_neg_log_drift_correct",
    "contrast_correct_minus_wrong",
)
SHARES = ("accuracy", "converged", "fraction_", "mixture_", "auc_")  # statistics that cannot leave [0, 1]


def find(values: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """`seeds`, from the values that `gather` collects."""
    return {"seeds": table(values)}


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
        estimate = mean_interval(defined)
        bounds = (0.0, 1.0) if str(statistic).startswith(SHARES) else (None, None)
        low, high = np.clip([estimate.lo, estimate.hi], *bounds)
        rows.append(
            {
                "family": family,
                "table": name,
                "statistic": statistic,
                "mean": estimate.value,
                "ci_low": low,
                "ci_high": high,
                "sd": group["value"].std(ddof=1),
                "lowest": group["value"].min(),
                "highest": group["value"].max(),
                "n_seeds": estimate.n,
            }
        )
    return pd.DataFrame(rows)


def summarise(rows: Mapping[str, pd.DataFrame], unit: str) -> dict[str, Headline]:
    """Means over seeds at the last table of every family of a sweep, Student's t interval; n is the seeds,
    unit that of the exponents.
    """
    result: dict[str, Headline] = {}
    for key, frame in rows["seeds"].groupby("family", sort=False, dropna=False):
        family = str(key)
        last = frame[frame["table"] == frame["table"].iloc[-1]].set_index("statistic")
        for name in OVER_SEEDS:
            row = last.loc[name]
            result[f"{family}_{name}" if family else name] = Headline(
                float(row["mean"]),
                _pair(row),
                int(row["n_seeds"]),
                unit if name.startswith("contrast") else "1",
                note=f"{row['table']}: mean of training seeds, {row['lowest']:.3g} to {row['highest']:.3g}",
            )
    return result


def _pair(row: Mapping[Any, Any]) -> tuple[float, float] | None:
    low, high = float(row["ci_low"]), float(row["ci_high"])
    return None if np.isnan(low) or np.isnan(high) else (low, high)
