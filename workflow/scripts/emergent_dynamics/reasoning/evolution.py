"""The 2x2 over training: cells at each checkpoint, and the same examples followed from one to the next.

Fractions depend on the threshold, so each checkpoint is cut twice: at its own threshold (the seed's habit;
not comparable between checkpoints) and at one pooled over all of them (comparable).
"""

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.reasoning import bootstrap, cells, diagnostics
from emergent_dynamics.statistics import proportion_interval


def pooled_threshold(log_drift: Mapping[int, np.ndarray]) -> float:
    """Otsu's threshold of the log drifts of all checkpoints together."""
    return cells.otsu(np.concatenate(list(log_drift.values())))


def table(
    tables: Mapping[int, xr.Dataset], late_steps: int, estimator: str, resamples: int, seed: int
) -> pd.DataFrame:
    """One row per checkpoint and threshold: step, n, accuracy and cell fractions with intervals, median
    exponents.

    tables : diagnostics by training step. Intervals of fractions resample whole classes; own thresholds are
    refitted in each resample, the pooled one is held. ValueError when units differ.
    """
    diagnostics.same_unit({str(step): t for step, t in tables.items()})
    log_drift = {
        step: cells.late_drift(t["drift_zH"].values, late_steps, float(t.attrs["floor"]))[0]
        for step, t in tables.items()
    }
    pooled = pooled_threshold(log_drift)
    rows = []
    for step, one in sorted(tables.items()):
        correct = one["exact_correct"].values
        exponent = diagnostics.leading(one, estimator)
        rules: dict[str, str | float] = {"own": "otsu", "pooled": pooled}
        for which, rule in rules.items():
            found = bootstrap.statistics(log_drift[step], exponent, correct, rule)
            drawn = bootstrap.replicates(
                log_drift[step], exponent, correct, diagnostics.clusters(one), rule, resamples, seed
            )
            interval = bootstrap.intervals(drawn)
            row: dict[str, object] = {"step": step, "threshold": which, "n": len(correct)}
            for name, value in found.items():
                row[name] = value
                row[f"{name}_low"], row[f"{name}_high"] = interval[name]
            rows.append(row)
    return pd.DataFrame(rows)


def transitions(tables: Mapping[int, xr.Dataset], late_steps: int) -> pd.DataFrame:
    """Where examples go between consecutive checkpoints, joined by idx, cells cut at the pooled threshold.

    One row per (step, next step, from cell, to cell): n and the share of the from cell with its exact
    interval.
    """
    log_drift = {
        step: cells.late_drift(t["drift_zH"].values, late_steps, float(t.attrs["floor"]))[0]
        for step, t in tables.items()
    }
    pooled = pooled_threshold(log_drift)
    cell = {
        step: pd.Series(
            cells.assign(log_drift[step], t["exact_correct"].values, pooled), index=t["idx"].values
        )
        for step, t in tables.items()
    }
    rows = []
    steps = sorted(tables)
    for before, after in itertools.pairwise(steps):
        joined = pd.concat([cell[before], cell[after]], axis=1, join="inner", keys=["from", "to"])
        count = np.zeros((4, 4), int)
        np.add.at(count, (joined["from"].to_numpy(), joined["to"].to_numpy()), 1)
        for i in range(4):
            for j in range(4):
                share = proportion_interval(int(count[i, j]), int(count[i].sum()))
                rows.append(
                    {
                        "step": before,
                        "next_step": after,
                        "from": "ABCD"[i],
                        "to": "ABCD"[j],
                        "n": int(count[i, j]),
                        "share": share.value,
                        "ci_low": share.lo,
                        "ci_high": share.hi,
                    }
                )
    return pd.DataFrame(rows, columns=["step", "next_step", "from", "to", "n", "share", "ci_low", "ci_high"])


def persistence(tables: Mapping[int, xr.Dataset], estimator: str) -> pd.DataFrame:
    """Rank correlation of the examples' exponents between consecutive checkpoints: step, next_step, n,
    spearman.
    """
    rows = []
    steps = sorted(tables)
    for before, after in itertools.pairwise(steps):
        series = [
            pd.Series(diagnostics.leading(tables[s], estimator), index=tables[s]["idx"].values)
            for s in (before, after)
        ]
        joined = pd.concat(series, axis=1, join="inner").dropna()
        enough = len(joined) >= cells.FEWEST
        rho = float(joined.corr(method="spearman").to_numpy()[0, 1]) if enough else np.nan
        rows.append({"step": before, "next_step": after, "n": len(joined), "spearman": rho})
    return pd.DataFrame(rows, columns=["step", "next_step", "n", "spearman"])
