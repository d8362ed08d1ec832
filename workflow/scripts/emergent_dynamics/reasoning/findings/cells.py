"""The 2x2 of convergence and correctness: cells, contrasts, areas, scalars and thresholds of every table.

The definitions follow the original study (seed 002). Intervals resample whole symmetry classes. Exponents are in the
unit of the table, nat per ACT step unless a file states otherwise.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.reasoning import (
    bootstrap,
    clustered,
    contrasts,
    diagnostics,
    names,
    tables,
    theory,
    thresholds,
    two_by_two,
)
from emergent_dynamics.reasoning.parameters import Settings
from emergent_dynamics.reasoning.two_by_two import TwoByTwo

Intervals = Mapping[str, tuple[float, float]]
Rows = Mapping[str, pd.DataFrame]
RANK = {
    "auc_neg_lambda1_correct": 1,
    "auc_neg_log_drift_correct": 2,
    "accuracy": 4,
    "wrong_that_settled": 5,
}  # rank 3 is in `controls`
WITHOUT_EXPONENTS = {"accuracy", "tau", "converged", "wrong_that_settled", "auc_neg_log_drift_correct"}
AMONG = {
    "neg_lambda1_correct_within_converged": ["A", "B"],
    "neg_lambda1_correct_within_nonconverged": ["C", "D"],
}


def find(diagnosed: Mapping[str, xr.Dataset], settings: Settings) -> dict[str, pd.DataFrame]:
    """Return `cells`, `contrasts`, `areas`, `scalars`, `thresholds` and `examples`, with a block of rows for every
    table.

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
    sample = bootstrap.Sample(x.log_drift, x.exponent, x.correct, diagnostics.clusters(table))
    values, interval = bootstrap.estimates(sample, rule, settings.resamples, settings.seed)
    return {
        "cells": _cells(table, x, interval, settings),
        "contrasts": contrasts.table(x.cell, x.exponent, settings.resamples, settings.seed, interval),
        "areas": _areas(x, interval, diagnostics.clusters(table)),
        "scalars": _scalars(table, x, values, interval, settings),
        "thresholds": thresholds.table(x.log_drift, x.exponent, x.correct),
        "examples": _examples(table, x),
    }


def summarise(diagnosed: Mapping[str, xr.Dataset], rows: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Return headlines of the 2x2 for the headline tables; the area of drift alone follows that of the exponent.

    n is the number of symmetry classes, the independent units, among the examples from which a value was computed.
    """
    headlines: dict[str, Headline] = {}
    chosen = tables.primary(diagnosed)
    for place, (tag, table) in enumerate(chosen.items()):
        own = {name: tables.rows_of(frame, tag) for name, frame in rows.items()}
        numbers = {**_outcomes(table, own), **_medians(table, own), **_wrong(own)}
        numbers |= {**_contrasts(table, own), **_areas_of(own)}
        if not diagnostics.has_exponents(table):
            numbers = {name: number for name, number in numbers.items() if name in WITHOUT_EXPONENTS}
        for name, headline in numbers.items():
            expectation = headline.expectation or theory.published(tag, name)
            rank = RANK.get(name) if place == 0 else None
            prefix = f"{tag}_" if len(chosen) > 1 else ""
            headlines[prefix + name] = replace(headline, expectation=expectation, rank=rank)
    return headlines


def _outcomes(table: xr.Dataset, own: Rows) -> dict[str, Headline]:
    """Return headlines of the accuracy, the threshold and the share that settled."""
    examples = own["examples"]
    scalars = own["scalars"].set_index("statistic").to_dict("index")
    n = examples["base_puzzle"].nunique()
    right = clustered.share(examples["correct"].to_numpy() == 1, examples["base_puzzle"].to_numpy())
    sentence = "Share of examples that are wholly right after the last step"
    return {
        "accuracy": Headline.from_estimate(
            right, "share", sentence, expectation=theory.accuracy(table.attrs), note=_sample(examples)
        ),
        "tau": _interval_of(
            scalars["tau"],
            n,
            "log10 drift",
            "Threshold of late drift below which an example has settled",
            _sample(examples),
        ),
        "converged": _interval_of(
            scalars["converged"], n, "share", "Share of examples that have settled", _sample(examples)
        ),
    }


def _medians(table: xr.Dataset, own: Rows) -> dict[str, Headline]:
    """Return headlines of the median leading exponent of each cell."""
    unit, headlines = str(table.attrs["unit"]), {}
    for row in own["cells"].to_dict("records"):
        letter = row["cell"][0]
        here = own["examples"][own["examples"]["cell"] == letter]
        sentence = f"Median leading exponent of examples that are {names.CELL[letter]}"
        headlines[f"lambda1_{letter}"] = Headline(
            row["lambda1_median"],
            (row["ci_low"], row["ci_high"]),
            here["base_puzzle"].nunique(),
            unit,
            sentence,
            note=_note(row["note"], here, row["ci_low"]),
        )
    return headlines


def _wrong(own: Rows) -> dict[str, Headline]:
    """Return the headline of the share of wrong answers that settled, with the threshold held fixed."""
    wrong = own["examples"][own["examples"]["correct"] == 0]
    settled = clustered.share(wrong["cell"].to_numpy() == "B", wrong["base_puzzle"].to_numpy())
    note = "no example is wrong" if wrong.empty else "B of B + D, threshold held; " + _sample(wrong)
    return {
        "wrong_that_settled": Headline.from_estimate(
            settled, "share", "Share of wrong answers that have settled", note=note
        )
    }


def _contrasts(table: xr.Dataset, own: Rows) -> dict[str, Headline]:
    """Return headlines of the differences of medians between groups of cells."""
    unit, examples, headlines = str(table.attrs["unit"]), own["examples"], {}
    for row in own["contrasts"].to_dict("records"):
        used = examples[examples["cell"].isin(list("".join(contrasts.CONTRASTS[row["contrast"]])))]
        p = "" if np.isnan(row["p"]) else f"permutation p = {row['p']:.2g}; "
        headlines[f"contrast_{row['contrast']}"] = Headline(
            row["median_difference"],
            (row["ci_low"], row["ci_high"]),
            used["base_puzzle"].nunique(),
            unit,
            f"Difference of median leading exponents, {names.CONTRAST[row['contrast']]}",
            note=p + _note(row["note"], used, row["ci_low"]),
        )
    return headlines


def _areas_of(own: Rows) -> dict[str, Headline]:
    """Return headlines of the areas under the curve, with the number of the examples that each compares."""
    headlines = {}
    for row in own["areas"].to_dict("records"):
        used = own["examples"][own["examples"]["cell"].isin(AMONG.get(row["area"], list("ABCD")))]
        headlines[f"auc_{row['area']}"] = Headline(
            row["auc"],
            (row["ci_low"], row["ci_high"]),
            used["base_puzzle"].nunique(),
            "probability",
            f"Probability that {names.AREA[row['area']]}",
            note=_note(row["note"], used, row["ci_low"]),
        )
    return headlines


def _interval_of(row: Mapping[Any, Any], n: int, unit: str, sentence: str, note: str) -> Headline:
    """Return a headline of a scalar with its bootstrap interval, which is missing where all resamples are equal."""
    note += "; no interval: the same in every resample" if np.isnan(row["ci_low"]) else ""
    return Headline(row["value"], (row["ci_low"], row["ci_high"]), n, unit, sentence, note=note)


def _sample(used: pd.DataFrame) -> str:
    """State how many examples there are, and in how many classes where these are fewer."""
    classes = used["base_puzzle"].nunique()
    return f"{len(used)} examples" + (f" in {classes} symmetry classes" if classes < len(used) else "")


def _note(reason: str, used: pd.DataFrame, low: float) -> str:
    """State why there is no value or no interval, or else the size of the sample."""
    if reason:
        return reason
    missing = "" if np.isfinite(low) else "; no interval: too small or without variation in the resamples"
    return _sample(used) + missing


def _cells(table: xr.Dataset, x: TwoByTwo, interval: Intervals, settings: Settings) -> pd.DataFrame:
    """Return `medians` with bootstrap intervals of the share and of the median exponents."""
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


def _areas(x: TwoByTwo, interval: Intervals, cluster: np.ndarray) -> pd.DataFrame:
    """Return the five areas with bootstrap intervals and those of DeLong over classes (threshold held fixed)."""
    converged = x.converged
    every = np.ones(len(converged), bool)
    pairs = {
        "neg_lambda1_correct": (-x.exponent, x.correct, every),
        "neg_log_drift_correct": (-x.log_drift, x.correct, every),
        "neg_lambda1_correct_within_converged": (-x.exponent, x.correct, converged),
        "neg_lambda1_correct_within_nonconverged": (-x.exponent, x.correct, ~converged),
        "neg_lambda1_converged": (-x.exponent, converged, every),
    }
    rows = []
    for name, (score, label, among) in pairs.items():
        area = contrasts.delong(score[among], label[among], cluster[among])
        low, high = interval[f"auc_{name}"]
        if np.isnan(low):  # complete separation in the sample proves nothing about other examples
            low, high = area.low, area.high
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
    values: Mapping[str, float],
    interval: Intervals,
    settings: Settings,
) -> pd.DataFrame:
    """Return a table with statistic, value, ci_low and ci_high: those of `bootstrap.statistics`, then the evidence
    for the threshold.

    Two modes are reported only where they are also found with drift clipped at the level of float32, so that the
    result does not depend on the floor.
    """
    rows = [
        {"statistic": k, "value": v, "ci_low": interval[k][0], "ci_high": interval[k][1]}
        for k, v in values.items()
    ]
    shape = two_by_two.bimodality(x.log_drift, x.tau)
    coarse = two_by_two.log_drift_clipped(table, settings)
    coarse_shape = two_by_two.bimodality(coarse, two_by_two.otsu(coarse))
    clipped = two_by_two.late_drift(
        table["drift_zH"].values, settings.late_steps, float(table.attrs["floor"])
    )[1]
    first_is_not_largest = float(np.mean(table["lyap_raw"].values[:, 0] < table["lyap_sorted"].values[:, 0]))
    extra = {
        "separability": shape.separability,
        "sarle": shape.sarle,
        "sarle_clipped": coarse_shape.sarle,
        "mixture_threshold": shape.mixture_threshold,
        "bic_gain": shape.bic_gain,
        "bimodal": float(shape.bimodal and coarse_shape.bimodal),
        "drifts_clipped": float(clipped),
        "column_0_is_not_the_largest": first_is_not_largest,
        "moving_in_a_cycle": _cycling(table, x),
    }
    rows += [{"statistic": k, "value": v, "ci_low": np.nan, "ci_high": np.nan} for k, v in extra.items()]
    return pd.DataFrame(rows)


def _cycling(table: xr.Dataset, x: TwoByTwo) -> float:
    """Return the share of the moving examples that return, closer than the threshold, after 2 steps or more: a cycle.

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
    """Return a table of medians with one row per cell.

    spectrum : (example, exponent), in the order of the columns of the QR. A `halted_at` of -1 means that the network
    never halted, and is left out of the median.

    Columns: cell, n, note, lambda1_median, lambda1_q25, lambda1_q75, token_acc_median, halted, halted_at_median, then
    spectrum_1..k (medians). Below FEWEST examples every statistic is NaN, and `note` states this.
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
