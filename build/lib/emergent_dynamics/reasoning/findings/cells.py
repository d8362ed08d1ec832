"""The 2x2 of convergence and correctness: cells, contrasts, areas, scalars and thresholds of every table.

After seed 002. Intervals resample whole symmetry classes. Exponents are in the
table's unit, nat per ACT step unless a file says otherwise.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.reasoning import (
    bootstrap,
    contrasts,
    diagnostics,
    tables,
    theory,
    thresholds,
    two_by_two,
)
from emergent_dynamics.reasoning.parameters import Settings
from emergent_dynamics.reasoning.two_by_two import TwoByTwo
from emergent_dynamics.statistics import proportion_interval
from emergent_dynamics.store import Headline

Intervals = Mapping[str, tuple[float, float]]


def find(diagnosed: Mapping[str, xr.Dataset], settings: Settings) -> dict[str, pd.DataFrame]:
    """`cells`, `contrasts`, `areas`, `scalars`, `thresholds` and `examples`, a block of rows for every table.

    diagnosed : diagnostics by table name, which becomes the column `table`.
    """
    rule = two_by_two.shared_rule(diagnosed, settings)
    blocks: dict[str, list[pd.DataFrame]] = {}
    for name, table in diagnosed.items():
        for kind, rows in _tables(table, settings, rule).items():
            rows.insert(0, "table", name)
            blocks.setdefault(kind, []).append(rows)
    whole = {kind: pd.concat(some, ignore_index=True) for kind, some in blocks.items()}
    contrasts.adjust(whole["contrasts"])
    thresholds.adjust(whole["thresholds"])
    return whole


def _tables(table: xr.Dataset, settings: Settings, rule: str | float) -> dict[str, pd.DataFrame]:
    x = two_by_two.cut(table, settings, rule)
    interval = bootstrap.intervals(
        bootstrap.replicates(
            x.log_drift,
            x.exponent,
            x.correct,
            diagnostics.clusters(table),
            rule,
            settings.resamples,
            settings.seed,
        )
    )
    return {
        "cells": _cells(table, x, interval, settings),
        "contrasts": contrasts.table(x.cell, x.exponent, settings.resamples, settings.seed, interval),
        "areas": _areas(x, interval),
        "scalars": _scalars(table, x, rule, interval, settings),
        "thresholds": thresholds.table(x.log_drift, x.exponent, x.correct),
        "examples": _examples(table, x),
    }


def summarise(diagnosed: Mapping[str, xr.Dataset], rows: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """The 2x2's numbers of the headline tables; the drift-only area always follows the exponent's."""
    result: dict[str, Headline] = {}
    chosen = tables.primary(diagnosed)
    for tag, table in chosen.items():
        prefix = f"{tag}_" if len(chosen) > 1 else ""
        n, unit = table.sizes["example"], str(table.attrs["unit"])
        scalars = _of(rows["scalars"], tag).set_index("statistic").to_dict("index")
        right = proportion_interval(int(table["exact_correct"].values.sum()), n)
        expected = table.attrs.get("expected_accuracy")
        result[f"{prefix}accuracy"] = Headline(
            right.value,
            right.ci,
            n,
            "1",
            expected,
            None
            if expected is None
            else "transfer operator of the logistic search, theory.capture_probability",
            None if expected is None else bool(right.lo <= expected <= right.hi),
        )
        for name in ("tau", "converged"):
            result[f"{prefix}{name}"] = _headline(scalars[name], n, "log10 drift" if name == "tau" else "1")
        for row in _of(rows["cells"], tag).to_dict("records"):
            result[f"{prefix}lambda1_{row['cell'][0]}"] = Headline(
                row["lambda1_median"], _pair(row), int(row["n"]), unit, note=row["note"] or None
            )
        b, d = (int(_of(rows["cells"], tag)["n"].iloc[i]) for i in (1, 3))
        wrong = proportion_interval(b, b + d)
        result[f"{prefix}wrong_that_settled"] = Headline(
            wrong.value, wrong.ci, wrong.n, "1", note="B of B + D, exact interval, threshold held"
        )
        for row in _of(rows["contrasts"], tag).to_dict("records"):
            result[f"{prefix}contrast_{row['contrast']}"] = Headline(
                row["median_difference"],
                _pair(row),
                int(row["n_first"] + row["n_second"]),
                unit,
                note=row["note"] or f"permutation p = {row['p']:.2g}",
            )
        for row in _of(rows["areas"], tag).to_dict("records"):
            result[f"{prefix}auc_{row['area']}"] = Headline(
                row["auc"], _pair(row), n, "1", note=row["note"] or None
            )
        _compare(result, prefix, tag)
    return result


def _cells(table: xr.Dataset, x: TwoByTwo, interval: Intervals, settings: Settings) -> pd.DataFrame:
    """`medians` with bootstrap intervals of the share and of the median exponents."""
    frame = medians(
        x.cell, table["lyap_raw"].values, table["token_acc"].values, table["halted_at"].values.astype(int)
    )
    for i, name in enumerate("ABCD"):
        enough = np.count_nonzero(x.cell == i) >= two_by_two.FEWEST
        frame.loc[i, "fraction"] = np.mean(x.cell == i)
        frame.loc[i, ["fraction_low", "fraction_high"]] = interval[f"fraction_{name}"]
        frame.loc[i, "lambda1_median"] = two_by_two.median(x.exponent[x.cell == i])
        frame.loc[i, ["ci_low", "ci_high"]] = interval[f"lambda1_{name}"] if enough else (np.nan, np.nan)
    ends = bootstrap.spectra(
        table["lyap_raw"].values, x.cell, diagnostics.clusters(table), settings.resamples, settings.seed
    )
    for k in range(ends.shape[1]):
        frame[f"spectrum_{k + 1}_low"], frame[f"spectrum_{k + 1}_high"] = ends[:, k].T
    return frame


def _areas(x: TwoByTwo, interval: Intervals) -> pd.DataFrame:
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
                "note": "" if enough else two_by_two.INSUFFICIENT,
            }
        )
    return pd.DataFrame(rows)


def _scalars(
    table: xr.Dataset,
    x: TwoByTwo,
    rule: str | float,
    interval: Intervals,
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
    shape = two_by_two.bimodality(x.log_drift, x.tau)
    clipped = two_by_two.late_drift(
        table["drift_zH"].values, settings.late_steps, float(table.attrs["floor"])
    )[1]
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


def medians(
    cell: np.ndarray, spectrum: np.ndarray, token_acc: np.ndarray, halted_at: np.ndarray
) -> pd.DataFrame:
    """One row per cell. spectrum (example, exponent) in raw order; halted_at -1 is never, and is not
    averaged.

    Columns: cell, n, note, lambda1_median, lambda1_q25, lambda1_q75, token_acc_median, halted,
    halted_at_median, then spectrum_1..k (medians). Below FEWEST every statistic is NaN and `note` says so.
    """
    rows = []
    for i, name in enumerate(two_by_two.CELLS):
        here = cell == i
        n = int(here.sum())
        enough = n >= two_by_two.FEWEST
        leading = spectrum[here, 0]
        quarter, three = np.percentile(leading, [25, 75]) if enough else (np.nan, np.nan)
        halted = halted_at[here][halted_at[here] >= 0]
        rows.append(
            {
                "cell": name,
                "n": n,
                "note": "" if enough else two_by_two.INSUFFICIENT,
                "lambda1_median": two_by_two.median(leading),
                "lambda1_q25": quarter,
                "lambda1_q75": three,
                "token_acc_median": two_by_two.median(token_acc[here]),
                "halted": len(halted) / n if n else np.nan,
                "halted_at_median": two_by_two.median(halted),
                **{
                    f"spectrum_{k + 1}": two_by_two.median(spectrum[here, k])
                    for k in range(spectrum.shape[1])
                },
            }
        )
    return pd.DataFrame(rows)


def _compare(result: dict[str, Headline], prefix: str, tag: str) -> None:
    """What was published about the file of this tag joins the headlines; they agree when intervals overlap."""
    for name, known in theory.PUBLISHED.get(tag, {}).items():
        if (ours := result.get(f"{prefix}{name}")) is not None:
            low, high = known.interval or (known.value, known.value)
            ends = ours.ci or (np.nan, np.nan)
            agree = bool(ends[0] <= high and low <= ends[1])
            result[f"{prefix}{name}"] = replace(ours, expected=known.value, source=known.source, ok=agree)


def _of(frame: pd.DataFrame, tag: str) -> pd.DataFrame:
    return frame[frame["table"] == tag]


def _pair(row: Mapping[Any, Any]) -> tuple[float, float] | None:
    low, high = float(row["ci_low"]), float(row["ci_high"])
    return None if np.isnan(low) or np.isnan(high) else (low, high)


def _headline(row: Mapping[Any, Any], n: int, unit: str) -> Headline:
    return Headline(float(row["value"]), _pair(row), n, unit)
