"""Does the field help to tell images apart? Accuracy on its settled state against the same images without it.

The dynamics gain is field minus the best control (raw, encoding, blurred encoding), on the same splits. The best
control is chosen by its test accuracy, which favours the control: the gain is not flattered.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from emergent_dynamics.oscillators.classification import TEST_SHARE, VALIDATION_SHARE, Row
from emergent_dynamics.statistics import Estimate
from emergent_dynamics.store import Headline

Tables = dict[str, pd.DataFrame]


def find(rows: Sequence[Row]) -> Tables:
    """The tables of the rows of `classification.run`: training, accuracy, gain, epochs and confusion."""
    training = _training(rows)
    return {
        "training": training,
        "accuracy": _accuracies(training),
        "gain": _gains(training),
        "epochs": _epochs(rows),
        "confusion": _confusion(rows),
    }


def _training(rows: Sequence[Row]) -> pd.DataFrame:
    """training: noise, features, classifier, split, accuracy, n_test, alpha (ridge), epochs and stopped (head)."""
    flat = [
        {
            key: row.get(key)
            for key in ("noise", "features", "classifier", "split", "accuracy", "n_test", "alpha", "stopped")
        }
        | {"epochs": len(row["log"]) if "log" in row else None}
        for row in rows
    ]
    table = pd.DataFrame(flat).astype({"alpha": float, "epochs": float})
    return table.sort_values(["noise", "features", "classifier", "split"], ignore_index=True)


def _epochs(rows: Sequence[Row]) -> pd.DataFrame:
    """epochs: noise, features, split, epoch (from 1), training_loss, validation_loss, in nat per image."""
    flat = [
        (row["noise"], row["features"], row["split"], epoch + 1, *losses)
        for row in rows
        for epoch, losses in enumerate(row.get("log", []))
    ]
    return pd.DataFrame(
        flat, columns=["noise", "features", "split", "epoch", "training_loss", "validation_loss"]
    )


def _confusion(rows: Sequence[Row]) -> pd.DataFrame:
    """confusion: noise, features, classifier, true, predicted, count; test images of all splits together."""
    totals: dict[tuple[Any, ...], np.ndarray] = {}
    for row in rows:
        key = row["noise"], row["features"], row["classifier"]
        totals[key] = totals.get(key, 0) + np.array(row["confusion"])
    flat = []
    for key, counts in totals.items():
        classes = round(len(counts) ** 0.5)
        flat += [(*key, i // classes, i % classes, int(count)) for i, count in enumerate(counts)]
    return pd.DataFrame(flat, columns=["noise", "features", "classifier", "true", "predicted", "count"])


def corrected_interval(values: np.ndarray) -> Estimate:
    """Mean over random splits with the corrected resampled t interval (Nadeau & Bengio 2003, Mach. Learn. 52, 239).

    Splits share images, so their accuracies are not independent: the variance is widened by n_test / n_train.
    """
    n = len(values)
    mean = float(np.mean(values))
    if n < 2:
        return Estimate(mean, np.nan, np.nan, n)
    share = TEST_SHARE / ((1 - TEST_SHARE) * (1 - VALIDATION_SHARE))
    half = float(stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) * np.sqrt(1 / n + share))
    return Estimate(mean, mean - half, mean + half, n)


def _accuracies(training: pd.DataFrame) -> pd.DataFrame:
    """accuracy: noise, features, classifier, accuracy, lo, hi, n (splits)."""
    rows = []
    for key, own in training.groupby(["noise", "features", "classifier"], sort=True):
        e = corrected_interval(own["accuracy"].to_numpy())
        lo, hi = (e.lo, e.hi) if np.isnan(e.lo) else (max(e.lo, 0.0), min(e.hi, 1.0))  # a share
        rows.append((*key, e.value, lo, hi, e.n))
    return pd.DataFrame(rows, columns=["noise", "features", "classifier", "accuracy", "lo", "hi", "n"])


def _gains(training: pd.DataFrame) -> pd.DataFrame:
    """gain: noise, classifier, control (the best one), gain = field - control, lo, hi, and gain_raw = field - raw."""
    rows = []
    for (noise, classifier), own in training.groupby(["noise", "classifier"], sort=True):
        wide = own.pivot_table(index="split", columns="features", values="accuracy")
        best = wide.drop(columns="field").mean().idxmax()
        gain, over_raw = (
            corrected_interval((wide["field"] - wide[name]).to_numpy()) for name in (best, "raw")
        )
        rows.append(
            (
                noise,
                classifier,
                best,
                gain.value,
                gain.lo,
                gain.hi,
                over_raw.value,
                over_raw.lo,
                over_raw.hi,
                gain.n,
            )
        )
    names = ["noise", "classifier", "control", "gain", "lo", "hi", "gain_raw", "lo_raw", "hi_raw", "n"]
    return pd.DataFrame(rows, columns=names)


def summarise(tables: Tables, config: Mapping[str, Any]) -> dict[str, Headline]:
    """The dynamics gain and the field's accuracy, per noise and classifier."""
    rows = {}
    own = tables["accuracy"][tables["accuracy"]["features"] == "field"].assign(control="")
    for name, table, value in (
        ("dynamics_gain", tables["gain"], "gain"),
        ("accuracy_field", own, "accuracy"),
    ):
        for row in table.to_dict("records"):
            ci = None if np.isnan(row["lo"]) else (row["lo"], row["hi"])
            note = f"field minus {row['control']}" if row["control"] else None
            label = f"{name}_{row['classifier']}_noise_{row['noise']:g}"
            rows[label] = Headline(row[value], ci, row["n"], "accuracy", note=note)
    return rows
