"""What an experiment found: the 2x2 of every table, its controls and its evolution, as tidy tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.reasoning import (
    bootstrap,
    cells,
    contrasts,
    controls,
    diagnostics,
    evolution,
    sweep,
    tables,
)

Tables = Mapping[str, xr.Dataset]


@dataclass(frozen=True)
class Settings:
    """late_steps; threshold: otsu, pooled or log10 of a drift; leading: qr|qr_max|svd; resamples; seed."""

    late_steps: int
    threshold: str | float
    leading: str
    resamples: int
    seed: int

    def rule(self, found: Tables) -> str | float:
        """The threshold of every table: `pooled` is fitted on all of them together, and is a number from
        here on.
        """
        if self.threshold != "pooled":
            return self.threshold
        return cells.otsu(np.concatenate([self.log_drift(table) for table in found.values()]))

    def log_drift(self, table: xr.Dataset) -> np.ndarray:
        """(example,) log10 of late drift of z_H."""
        return cells.late_drift(table["drift_zH"].values, self.late_steps, float(table.attrs["floor"]))[0]


@dataclass(frozen=True)
class TwoByTwo:
    """One table cut into its cells: log drift, leading exponent, correctness, threshold, cell index
    (example,).
    """

    log_drift: np.ndarray
    exponent: np.ndarray
    correct: np.ndarray
    tau: float
    cell: np.ndarray


def cut(table: xr.Dataset, settings: Settings, rule: str | float) -> TwoByTwo:
    """The 2x2 of one table."""
    log_drift = settings.log_drift(table)
    correct = table["exact_correct"].values
    tau = cells.threshold(log_drift, rule)
    return TwoByTwo(
        log_drift,
        diagnostics.leading(table, settings.leading),
        correct,
        tau,
        cells.assign(log_drift, correct, tau),
    )


def examples(found: Tables, settings: Settings) -> pd.DataFrame:
    """One row per example: what the scatter and its viewer show."""
    return _stack(found, lambda table: _examples(table, cut(table, settings, settings.rule(found))))


def two_by_two(found: Tables, settings: Settings) -> dict[str, pd.DataFrame]:
    """`cells`, `contrasts`, `areas`, `scalars` and `sweep`, one after another for every table (column
    `table`).
    """
    rule = settings.rule(found)
    parts: dict[str, list[pd.DataFrame]] = {}
    for tag, table in found.items():
        x = cut(table, settings, rule)
        drawn = bootstrap.replicates(
            x.log_drift,
            x.exponent,
            x.correct,
            diagnostics.clusters(table),
            rule,
            settings.resamples,
            settings.seed,
        )
        interval = bootstrap.intervals(drawn)
        made = {
            "cells": _cells(table, x, interval, settings),
            "contrasts": contrasts.table(x.cell, x.exponent, settings.resamples, settings.seed, interval),
            "areas": _areas(x, interval),
            "scalars": _scalars(table, x, rule, interval, settings),
            "sweep": sweep.table(x.log_drift, x.exponent, x.correct),
        }
        for name, frame in made.items():
            frame.insert(0, "table", tag)
            parts.setdefault(name, []).append(frame)
    whole = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    contrasts.adjust(whole["contrasts"])
    sweep.adjust(whole["sweep"])
    return whole


def control(found: Tables, settings: Settings) -> dict[str, pd.DataFrame]:
    """`matched`, `increments` and `windows` of the headline tables."""
    rule = settings.rule(found)
    parts: dict[str, list[pd.DataFrame]] = {}
    for tag, table in tables.primary(found).items():
        x = cut(table, settings, rule)
        cluster = diagnostics.clusters(table)
        made = {
            "matched": controls.matched(
                x.exponent,
                x.log_drift,
                x.correct,
                _strata(table, x),
                cluster,
                settings.resamples,
                settings.seed,
            ),
            "increments": controls.increments(
                _predictors(table, x), x.correct, cluster, settings.resamples, settings.seed
            ),
            "windows": controls.windows(
                table["logR"].values,
                x.correct,
                x.log_drift < x.tau,
                table["drift_zH"].values,
                table["exact_t"].values,
                x.tau,
                settings.late_steps,
            ),
        }
        for name, frame in made.items():
            frame.insert(0, "table", tag)
            parts.setdefault(name, []).append(frame)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def over_training(found: Tables, settings: Settings) -> dict[str, pd.DataFrame]:
    """`evolution`, `transitions` and `persistence` of every series; no rows where there is none."""
    parts: dict[str, list[pd.DataFrame]] = {"evolution": [], "transitions": [], "persistence": []}
    for series, by_step in tables.steps(found).items():
        made = {
            "evolution": evolution.table(
                by_step, settings.late_steps, settings.leading, settings.resamples, settings.seed
            ),
            "transitions": evolution.transitions(by_step, settings.late_steps),
            "persistence": evolution.persistence(by_step, settings.leading),
        }
        for name, frame in made.items():
            frame.insert(0, "series", series)
            parts[name].append(frame)
    empty = pd.DataFrame(columns=["series", "step"])
    return {name: pd.concat(frames, ignore_index=True) if frames else empty for name, frames in parts.items()}


def _examples(table: xr.Dataset, x: TwoByTwo) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "idx": table["idx"].values,
            "base_puzzle": table["base_puzzle"].values,
            "log_drift": x.log_drift,
            "lambda1": x.exponent,
            "correct": x.correct.astype(int),
            "cell": np.array(list("ABCD"))[x.cell],
            "givens": table["givens"].values,
            "difficulty": table["difficulty"].values,
        }
    )


def _cells(
    table: xr.Dataset, x: TwoByTwo, interval: Mapping[str, tuple[float, float]], settings: Settings
) -> pd.DataFrame:
    """`cells.table` with bootstrap intervals of the share and of the median exponents."""
    frame = cells.table(
        x.cell, table["lyap_raw"].values, table["token_acc"].values, table["halted_at"].values.astype(int)
    )
    for i, name in enumerate("ABCD"):
        enough = np.count_nonzero(x.cell == i) >= cells.FEWEST
        frame.loc[i, "fraction"] = np.mean(x.cell == i)
        frame.loc[i, ["fraction_low", "fraction_high"]] = interval[f"fraction_{name}"]
        frame.loc[i, "lambda1_median"] = cells.median(x.exponent[x.cell == i])
        frame.loc[i, ["ci_low", "ci_high"]] = interval[f"lambda1_{name}"] if enough else (np.nan, np.nan)
    ends = bootstrap.spectra(
        table["lyap_raw"].values, x.cell, diagnostics.clusters(table), settings.resamples, settings.seed
    )
    for k in range(ends.shape[1]):
        frame[f"spectrum_{k + 1}_low"], frame[f"spectrum_{k + 1}_high"] = ends[:, k].T
    return frame


def _areas(x: TwoByTwo, interval: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """The five areas with bootstrap intervals and DeLong's (threshold held)."""
    converged = x.log_drift < x.tau
    pairs = {
        "neg_lambda1_correct": (-x.exponent, x.correct),
        "neg_log_drift_correct": (-x.log_drift, x.correct),
        "neg_lambda1_correct_within_converged": (-x.exponent[converged], x.correct[converged]),
        "neg_lambda1_correct_within_nonconverged": (-x.exponent[~converged], x.correct[~converged]),
        "neg_lambda1_converged": (-x.exponent, converged),
    }
    rows = []
    for name, (score, label) in pairs.items():
        area = contrasts.delong(score, label)
        low, high = interval[f"auc_{name}"]
        enough = np.isfinite(area.value)
        rows.append(
            {
                "area": name,
                "auc": area.value,
                "ci_low": low if enough else np.nan,
                "ci_high": high if enough else np.nan,
                "delong_low": area.low,
                "delong_high": area.high,
                "n_positive": area.n_positive,
                "n_negative": area.n_negative,
                "note": "" if enough else cells.INSUFFICIENT,
            }
        )
    return pd.DataFrame(rows)


def _scalars(
    table: xr.Dataset,
    x: TwoByTwo,
    rule: str | float,
    interval: Mapping[str, tuple[float, float]],
    settings: Settings,
) -> pd.DataFrame:
    """statistic, value, ci_low, ci_high: everything of `bootstrap.statistics`, then the evidence for the
    threshold.
    """
    values = bootstrap.statistics(x.log_drift, x.exponent, x.correct, rule)
    rows = [
        {"statistic": k, "value": v, "ci_low": interval[k][0], "ci_high": interval[k][1]}
        for k, v in values.items()
    ]
    shape = cells.bimodality(x.log_drift, x.tau)
    clipped = cells.late_drift(table["drift_zH"].values, settings.late_steps, float(table.attrs["floor"]))[1]
    first_is_not_largest = float(np.mean(table["lyap_raw"].values[:, 0] < table["lyap_sorted"].values[:, 0]))
    extra = {
        "separability": shape.separability,
        "sarle": shape.sarle,
        "mixture_threshold": shape.mixture_threshold,
        "bic_gain": shape.bic_gain,
        "bimodal": float(shape.bimodal),
        "drifts_clipped": float(clipped),
        "column_0_is_not_the_largest": first_is_not_largest,
        "moving_in_a_cycle": _cycling(table, x),
    }
    rows += [{"statistic": k, "value": v, "ci_low": np.nan, "ci_high": np.nan} for k, v in extra.items()]
    return pd.DataFrame(rows)


def _cycling(table: xr.Dataset, x: TwoByTwo) -> float:
    """Share of the moving examples that are back, closer than the threshold, after 2 steps or more: a cycle.
    NaN without a moving example or without recurrences.
    """
    back = table["recurrence"].values[x.log_drift >= x.tau, 1:]
    if not back.size or np.isnan(back).any():
        return np.nan
    return float(np.mean(back.min(axis=1) < 10.0**x.tau))


def _strata(table: xr.Dataset, x: TwoByTwo) -> dict[str, np.ndarray]:
    """Deciles of drift always; givens and quintiles of the search tree where the puzzles are known."""
    strata = {"drift_deciles": controls.quantile_strata(x.log_drift)}
    if (table["givens"].values >= 0).all():
        strata["givens"] = table["givens"].values
    if np.isfinite(table["difficulty"].values).all():
        strata["difficulty_quintiles"] = controls.quantile_strata(table["difficulty"].values, 5)
    return strata


def _predictors(table: xr.Dataset, x: TwoByTwo) -> dict[str, np.ndarray]:
    found = {"drift": x.log_drift, "lambda1": x.exponent}
    halting = table["q_halt"].values[:, -1]
    if np.isfinite(halting).all():
        found["q_halt"] = halting
    return found


def _stack(found: Tables, of: Callable[[xr.Dataset], pd.DataFrame]) -> pd.DataFrame:
    frames = []
    for tag, table in found.items():
        frame = of(table)
        frame.insert(0, "table", tag)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
