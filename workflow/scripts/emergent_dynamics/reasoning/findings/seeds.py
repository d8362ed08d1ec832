"""Variation between seeds: every scalar of the 2x2 over the members of a sweep that differ in the seed only."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.findings import Headline
from emergent_dynamics.reasoning import names
from emergent_dynamics.statistics import bounded_mean_interval, mean_interval

OVER_SEEDS = {  # statistic: (sentence, unit); an empty unit is that of the exponents
    "accuracy": ("Mean over seeds of the share of examples that are wholly right", "share"),
    "auc_neg_lambda1_correct": (
        f"Mean over seeds of the probability that {names.AREA['neg_lambda1_correct']}",
        "probability",
    ),
    "auc_neg_log_drift_correct": (
        f"Mean over seeds of the probability that {names.AREA['neg_log_drift_correct']}",
        "probability",
    ),
    "contrast_correct_minus_wrong": (
        f"Mean over seeds of the difference of median leading exponents, {names.CONTRAST['correct_minus_wrong']}",
        "",
    ),
}
RANK = {"auc_neg_lambda1_correct": 1, "auc_neg_log_drift_correct": 2, "accuracy": 3}
# Statistics that cannot leave [0, 1]; `mixture_threshold` is a drift.
SHARES = ("accuracy", "converged", "fraction_", "mixture_wrong_", "mixture_correct_", "auc_")


def find(values: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Make the table `seeds` from the values that `gather` collects."""
    return {"seeds": table(values)}


def gather(scalars: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return family, seed, table, statistic and value from `scalars.csv` by member (`name/beta=9,seed=1`).

    The family is the name of the member without its seed, empty where nothing else is swept.
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
        share = str(statistic).startswith(SHARES)
        estimate = bounded_mean_interval(defined) if share else mean_interval(defined)
        certain = estimate.standard_error is None and not share  # equal for all seeds: no interval
        rows.append(
            {
                "family": family,
                "table": name,
                "statistic": statistic,
                "mean": estimate.value,
                "ci_low": np.nan if certain else estimate.lo,
                "ci_high": np.nan if certain else estimate.hi,
                "sd": group["value"].std(ddof=1),
                "lowest": group["value"].min(),
                "highest": group["value"].max(),
                "n_seeds": estimate.n,
            }
        )
    return pd.DataFrame(rows)


def summarise(rows: Mapping[str, pd.DataFrame], unit: str) -> dict[str, Headline]:
    """Return headlines of the means over seeds at the last table of every family of a sweep; n is the number of
    seeds.

    unit : of the exponents.
    """
    headlines: dict[str, Headline] = {}
    for place, (key, frame) in enumerate(rows["seeds"].groupby("family", sort=False, dropna=False)):
        family = str(key)
        last = frame[frame["table"] == frame["table"].iloc[-1]].set_index("statistic")
        for name, (sentence, own_unit) in OVER_SEEDS.items():
            row = last.loc[name]
            headlines[f"{family}_{name}" if family else name] = Headline(
                row["mean"],
                (row["ci_low"], row["ci_high"]),
                int(row["n_seeds"]),
                own_unit or unit,
                sentence,
                rank=RANK.get(name) if place == 0 else None,
                note=_note(row),
            )
    return headlines


def _note(row: Mapping[Any, Any]) -> str:
    """State the table and the range of the values, or why there is no value or no interval."""
    if not row["n_seeds"]:
        return f"{row['table']}: undefined for every seed"
    one = "; one seed has no interval" if row["n_seeds"] == 1 else ""
    return f"{row['table']}: {row['lowest']:.3g} to {row['highest']:.3g} over the seeds{one}"
