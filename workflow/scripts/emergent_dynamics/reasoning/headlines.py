"""The numbers a reader will quote, from the tables of `findings`, with their intervals and expectations."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.reasoning import cells, controls, tables, theory
from emergent_dynamics.statistics import proportion_interval
from emergent_dynamics.store import Headline

Tables = Mapping[str, xr.Dataset]
PARTLY = (0.5, 0.9)  # accuracies at which all four cells can be expected
OVER_SEEDS = (
    "accuracy",
    "auc_neg_lambda1_correct",
    "auc_neg_log_drift_correct",
    "contrast_correct_minus_wrong",
)


def two_by_two(found: Tables, made: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """The 2x2's numbers of the headline tables; the drift-only area always follows the exponent's."""
    result: dict[str, Headline] = {}
    chosen = tables.primary(found)
    for tag, table in chosen.items():
        prefix = f"{tag}_" if len(chosen) > 1 else ""
        n, unit = table.sizes["example"], str(table.attrs["unit"])
        scalars = _of(made["scalars"], tag).set_index("statistic").to_dict("index")
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
        for row in _of(made["cells"], tag).to_dict("records"):
            result[f"{prefix}lambda1_{row['cell'][0]}"] = Headline(
                row["lambda1_median"], _pair(row), int(row["n"]), unit, note=row["note"] or None
            )
        b, d = (int(_of(made["cells"], tag)["n"].iloc[i]) for i in (1, 3))
        wrong = proportion_interval(b, b + d)
        result[f"{prefix}wrong_that_settled"] = Headline(
            wrong.value, wrong.ci, wrong.n, "1", note="B of B + D, exact interval, threshold held"
        )
        for row in _of(made["contrasts"], tag).to_dict("records"):
            result[f"{prefix}contrast_{row['contrast']}"] = Headline(
                row["median_difference"],
                _pair(row),
                int(row["n_first"] + row["n_second"]),
                unit,
                note=row["note"] or f"permutation p = {row['p']:.2g}",
            )
        for row in _of(made["areas"], tag).to_dict("records"):
            result[f"{prefix}auc_{row['area']}"] = Headline(
                row["auc"], _pair(row), n, "1", note=row["note"] or None
            )
        _compare(result, prefix, tag)
    return result


def control(found: Tables, made: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """What remains of the exponent's AUC among examples of equal drift, and what it adds to drift; the bias
    of QR.
    """
    result: dict[str, Headline] = {}
    chosen = tables.primary(found)
    for tag, table in chosen.items():
        prefix = f"{tag}_" if len(chosen) > 1 else ""
        n = table.sizes["example"]
        for row in _of(made["matched"], tag).to_dict("records"):
            result[f"{prefix}auc_matched_{row['control']}"] = Headline(
                row["auc"], _pair(row), n, "1", note=f"drift alone {row['auc_drift']:.3f}"
            )
        early = _of(made["windows"], tag).query("last == @table.sizes['act_step'] // 2").iloc[0]
        if np.isfinite(early["auc_correct"]):
            result[f"{prefix}auc_early_window"] = Headline(
                float(early["auc_correct"]),
                (float(early["ci_low"]), float(early["ci_high"])),
                n,
                "1",
                note=f"-lambda1 of steps 1 to {int(early['last'])} against the outcome at the end; DeLong; "
                f"drift alone {early['auc_drift_correct']:.3f}",
            )
        gains = _of(made["increments"], tag).set_index("model").to_dict("index")
        if "gain" in gains.get("drift", {}):
            row = gains["drift"]
            low, high = float(row["gain_low"]), float(row["gain_high"])
            result[f"{prefix}auc_gain_over_drift"] = Headline(
                float(row["gain"]),
                None if np.isnan(low) else (low, high),
                n,
                "1",
                note="10-fold, lambda1 beside drift",
            )
        bias = controls.qr_bias(table["lyap_raw"].values[:, 0], table["lyap_svd"].values[:, 0])
        if bias["n"] >= 2 and int(table.attrs.get("dimensions", 1)) > 1:
            expected = theory.qr_alignment_bias(int(table.attrs["dimensions"]), table.sizes["act_step"])
            half = 1.96 * bias["sd"] / np.sqrt(bias["n"])
            result[f"{prefix}qr_bias"] = Headline(
                bias["mean"],
                (bias["mean"] - half, bias["mean"] + half),
                int(bias["n"]),
                str(table.attrs["unit"]),
                expected,
                "ln(n) / (2 T), a random tangent's alignment",
                bool(abs(bias["mean"] - expected) < 0.5 * expected),
                note=f"rank correlation of QR and SVD {bias['rank_correlation']:.3f}",
            )
        _compare(result, prefix, tag)
    return result


def over_training(made: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Accuracy and the shares of settled answers at the last checkpoint of each series, cut at the pooled
    threshold.
    """
    result: dict[str, Headline] = {}
    table = made["evolution"]
    for series, frame in table.groupby("series") if len(table) else ():
        last = frame[frame["threshold"] == "pooled"].sort_values("step").iloc[-1]
        for name in ("accuracy", "converged", "mixture_wrong_converged"):
            low, high = float(last[f"{name}_low"]), float(last[f"{name}_high"])
            result[f"{series}_last_{name}"] = Headline(
                float(last[name]),
                None if np.isnan(low) else (low, high),
                int(last["n"]),
                "1",
                note=f"step {int(last['step'])}, threshold pooled over the checkpoints",
            )
        own = frame[frame["threshold"] == "own"]
        fewest = own[[f"fraction_{c}" for c in "ABCD"]].min(axis=1) * own["n"]
        full = own["accuracy"].between(*PARTLY) & (fewest.round() >= cells.FEWEST)
        result[f"{series}_checkpoints_with_four_cells"] = Headline(
            float(full.sum()),
            None,
            len(own),
            "1",
            note=f"accuracy {PARTLY[0]} to {PARTLY[1]} and at least {cells.FEWEST} examples in every cell: steps "
            + (", ".join(str(step) for step in own.loc[full, "step"]) or "none"),
        )
    return result


def over_seeds(made: pd.DataFrame, unit: str) -> dict[str, Headline]:
    """Means over seeds at the last table of every family of a sweep, Student's t interval; n is the seeds,
    unit that of the exponents.
    """
    result: dict[str, Headline] = {}
    for key, frame in made.groupby("family", sort=False, dropna=False):
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


def _compare(result: dict[str, Headline], prefix: str, tag: str) -> None:
    """What was published about the file of this tag joins the headlines; they agree when intervals overlap."""
    for name, known in theory.PUBLISHED.get(tag, {}).items():
        if (found := result.get(f"{prefix}{name}")) is not None:
            low, high = known.interval or (known.value, known.value)
            ours = found.ci or (np.nan, np.nan)
            agree = bool(ours[0] <= high and low <= ours[1])
            result[f"{prefix}{name}"] = replace(found, expected=known.value, source=known.source, ok=agree)


def _of(frame: pd.DataFrame, tag: str) -> pd.DataFrame:
    return frame[frame["table"] == tag]


def _pair(row: Mapping[Any, Any]) -> tuple[float, float] | None:
    low, high = float(row["ci_low"]), float(row["ci_high"])
    return None if np.isnan(low) or np.isnan(high) else (low, high)


def _headline(row: Mapping[Any, Any], n: int, unit: str) -> Headline:
    return Headline(float(row["value"]), _pair(row), n, unit)
