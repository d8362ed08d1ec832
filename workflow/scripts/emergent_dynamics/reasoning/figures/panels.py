"""The four static figures: drift and its threshold, exponents of the cells, areas and windows, evolution."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS

Made = Mapping[str, pd.DataFrame]
RIGHT, WRONG = COLOURS["data"], COLOURS["highlight"]
CELL = {"A": CATEGORIES[0], "B": CATEGORIES[1], "C": CATEGORIES[5], "D": CATEGORIES[4]}
MEANING = {"A": "settled, right", "B": "settled, wrong", "C": "moving, right", "D": "moving, wrong"}
MOST_TABLES = 4  # rows of a figure; the tables of more files are in the CSV
AREAS = {
    "neg_lambda1_correct": "−λ₁ → right",
    "neg_log_drift_correct": "−log drift → right",
    "neg_lambda1_correct_within_converged": "−λ₁ → right, settled only",
    "neg_lambda1_correct_within_nonconverged": "−λ₁ → right, moving only",
    "neg_lambda1_converged": "−λ₁ → settled",
}


def drawings(made: Made, chosen: list[str], unit: str) -> dict[str, Figure]:
    """The figures by name. chosen : headline tables; unit : of the exponents."""
    shown = chosen[:MOST_TABLES]
    return {
        "drift": drift(made, shown),
        "cells": cells(made, shown, unit),
        "areas": areas(made, shown, unit),
    }


@style.styled()
def drift(made: Made, chosen: list[str]) -> Figure:
    """Histogram of log late drift by correctness with the threshold and its interval; beside it what the
    sweep of the threshold does to the cells."""
    drawing, axes = style.figure(980, 60 + 390 * len(chosen), len(chosen), 2)
    for (left, right), tag in zip(axes, chosen, strict=True):
        examples, scalars = (
            _of(made["examples"], tag),
            _of(made["scalars"], tag).set_index("statistic").to_dict("index"),
        )
        bins = np.linspace(*_span(examples["log_drift"]), 60)
        for which, colour, name in ((1, RIGHT, "right"), (0, WRONG, "wrong")):
            here = examples.loc[examples["correct"] == which, "log_drift"]
            left.hist(here, bins=bins, color=colour, alpha=0.6, label=f"{name} (n = {len(here)})")
        tau = scalars["tau"]
        left.axvspan(tau["ci_low"], tau["ci_high"], color=COLOURS["muted"], alpha=0.35, linewidth=0)
        style.theory_level(left, tau["value"], f"threshold {_signed(tau['value'])}", along="y")
        verdict = "two modes" if scalars["bimodal"]["value"] else "no evidence of two modes"
        left.set(xlabel="log₁₀ late drift of z_H", ylabel="examples", title=f"{tag}: {verdict}")
        legend_below(left)
        table = _of(made["sweep"], tag)
        for letter in "ABCD":
            right.plot(
                table["tau"], table[f"n{letter}"], color=CELL[letter], label=f"{letter}  {MEANING[letter]}"
            )
        style.theory_level(right, tau["value"], "", along="y")
        right.set(xlabel="threshold, log₁₀ drift", ylabel="examples in the cell", title="every threshold")
        legend_below(right)
    style.letters(axes)
    return drawing


@style.styled()
def cells(made: Made, chosen: list[str], unit: str) -> Figure:
    """Leading exponent of every example by cell, median and interval; beside it the median spectrum of each
    cell.
    """
    drawing, axes = style.figure(980, 60 + 360 * len(chosen), len(chosen), 2)
    for (left, right), tag in zip(axes, chosen, strict=True):
        examples, table = _of(made["examples"], tag), _of(made["cells"], tag)
        for i, row in enumerate(table.to_dict("records")):
            letter = row["cell"][0]
            y = examples.loc[examples["cell"] == letter, "lambda1"].to_numpy()
            x = i + 0.36 * (np.argsort(np.argsort(np.arange(len(y)) * 0.618034 % 1)) / max(len(y), 1) - 0.5)
            left.plot(x, y, ".", markersize=2.5, alpha=0.35, color=CELL[letter])
            style.estimates(
                left, [i], [row["lambda1_median"]], [row["ci_low"]], [row["ci_high"]], COLOURS["ink"]
            )
            _spectrum(right, row, letter)
        counts = [f"{r['cell'][0]}\nn = {r['n']}" for r in table.to_dict("records")]
        left.set_xticks(range(4), counts)
        left.set_xlim(-0.5, 3.5)
        left.axhline(0.0, color=COLOURS["faint"], linewidth=0.8)
        left.set(ylabel=f"λ₁ / {unit}", title=f"{tag}: leading exponent")
        right.axhline(0.0, color=COLOURS["faint"], linewidth=0.8)
        right.set(xlabel="exponent, order of the QR columns", ylabel=f"median λ / {unit}", title="spectrum")
        right.set_xticks(range(1, 1 + len(_spectrum_columns(table))))
        right.legend()
    style.letters(axes)
    return drawing


@style.styled()
def areas(made: Made, chosen: list[str], unit: str) -> Figure:
    """Areas under the ROC curve, drift alone beside the exponent, and matched controls; the exponent's
    window.
    """
    drawing, axes = style.figure(1080, 60 + 420 * len(chosen), len(chosen), 2, width_ratios=[1.25, 1])
    for (left, right), tag in zip(axes, chosen, strict=True):
        rows = [(AREAS[r["area"]], r) for r in _of(made["areas"], tag).to_dict("records")]
        rows += [
            (f"−λ₁ → right, equal {r['control'].replace('_', ' ')}", r)
            for r in _of(made["matched"], tag).to_dict("records")
            if r["control"] != "none"
        ]
        for i, (name, row) in enumerate(rows):
            place = len(rows) - 1 - i
            colour = COLOURS["second"] if "drift →" in name else COLOURS["data"]
            if np.isfinite(row["auc"]):
                left.plot([row["ci_low"], row["ci_high"]], [place, place], color=colour, linewidth=2)
                left.plot(row["auc"], place, "o", color=colour)
                left.plot(row.get("auc_drift", np.nan), place, "o", color=COLOURS["second"], fillstyle="none")
            else:
                left.text(0.5, place, " insufficient (n<8)", va="center", color=COLOURS["faint"])
        left.set_yticks(range(len(rows)), [name for name, _ in reversed(rows)])
        style.theory_level(left, 0.5, "", along="y")
        left.plot(
            [], [], "o", color=COLOURS["second"], fillstyle="none", label="−log drift in the same strata"
        )
        left.set(xlabel="area under the ROC curve", title=f"{tag}: what predicts what", xlim=(0, 1.02))
        legend_below(left)
        _windows(right, _of(made["windows"], tag), unit)
    style.letters(axes)
    return drawing


@style.styled()
def evolution(made: Made, unit: str) -> Figure:
    """Cell fractions at the pooled threshold (own threshold faint) and median exponents over training."""
    table = made["evolution"]
    series = list(dict.fromkeys(table["series"]))
    drawing, axes = style.figure(980, 60 + 390 * len(series), len(series), 2)
    for (left, right), name in zip(axes, series, strict=True):
        here = table[table["series"] == name]
        pooled, own = (here[here["threshold"] == which].sort_values("step") for which in ("pooled", "own"))
        for letter in "ABCD":
            left.plot(own["step"], own[f"fraction_{letter}"], color=CELL[letter], alpha=0.5, linestyle=":")
            for axis, column in ((left, f"fraction_{letter}"), (right, f"lambda1_{letter}")):
                low, high = pooled[f"{column}_low"], pooled[f"{column}_high"]
                style.estimates(axis, pooled["step"], pooled[column], low, high, CELL[letter])
                axis.plot(
                    pooled["step"], pooled[column], color=CELL[letter], label=f"{letter}  {MEANING[letter]}"
                )
        left.plot(pooled["step"], pooled["accuracy"], color=COLOURS["ink"], label="accuracy")
        style.band(left, pooled["step"], pooled["accuracy_low"], pooled["accuracy_high"], COLOURS["ink"])
        left.plot([], [], color=COLOURS["muted"], linestyle=":", label="cut at its own threshold")
        left.set(
            xlabel="training step", ylabel="share of examples", title=f"{name}: cells", ylim=(-0.02, 1.02)
        )
        right.set(xlabel="training step", ylabel=f"median λ₁ / {unit}", title="exponents")
        right.axhline(0.0, color=COLOURS["faint"], linewidth=0.8)
        legend_below(left)
    style.letters(axes)
    return drawing


def _windows(axis: Axes, table: pd.DataFrame, unit: str) -> None:
    if not len(table) or table["auc_correct"].isna().all():
        style.nothing(axis, "no exponents step by step in this source")
        return
    lines = {
        "auc_correct": (COLOURS["data"], "-", "area, −λ₁ → right"),
        "auc_drift_correct": (COLOURS["second"], "-", "area, −log drift → right"),
        "settled": (COLOURS["muted"], "-", "share settled by step t"),
        "lambda1_correct": (RIGHT, "--", "median λ₁, right"),
        "lambda1_wrong": (WRONG, "--", "median λ₁, wrong"),
    }
    for column, (colour, stroke, label) in lines.items():
        axis.plot(table["last"], table[column], color=colour, linestyle=stroke, label=label)
    axis.set(
        xlabel="window: steps 1 to t", ylabel=f"area, share, or λ₁ / {unit}", title="how much window it takes"
    )
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_below(axis)


def legend_below(axis: Axes) -> None:
    """The legend under the axis, where it covers no data."""
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2)


def _signed(value: float) -> str:
    """Two digits with a minus sign, as the ticks have it."""
    return f"{value:.2f}".replace("-", "−")


def _spectrum(axis: Axes, row: Mapping[Any, Any], letter: str) -> None:
    columns = _spectrum_columns(row)
    values, low, high = ([row[f"{name}{end}"] for name in columns] for end in ("", "_low", "_high"))
    at = range(1, len(values) + 1)
    if np.isfinite(values).any():
        axis.plot(at, values, color=CELL[letter], alpha=0.5)
        style.estimates(axis, at, values, low, high, CELL[letter], f"{letter}  {MEANING[letter]}")
    else:
        axis.plot([], [], color=CELL[letter], label=f"{letter}  {row['note']}")


def _spectrum_columns(names: Iterable[Any]) -> list[str]:
    return [name for name in names if re.fullmatch(r"spectrum_\d+", str(name))]


def _of(frame: pd.DataFrame, tag: str) -> pd.DataFrame:
    return frame[frame["table"] == tag]


def _span(values: pd.Series) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)
