"""Whether the field helps to classify images: accuracy with its settled state and with the same images without it.

Intervals are over the splits. With a separate test set all splits are tested on the same images. Intervals are then
over these images, each with its mean over the splits: they cover other images, but not other trainings.

A trained field is compared with the best control and with the fixed field in the same way.

The dynamics gain is field minus the best control (raw, encoding, blurred encoding), on the same splits. The best
control is chosen by its test accuracy, which favours the control: it makes the gain smaller.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from emergent_dynamics.findings import Headline
from emergent_dynamics.oscillators.classification import TEST_SHARE, VALIDATION_SHARE, Row
from emergent_dynamics.oscillators.classifiers import CLASSIFIERS, NAMES
from emergent_dynamics.statistics import Estimate, bounded_mean_interval

Tables = dict[str, pd.DataFrame]
Named = Mapping[tuple[Any, ...], np.ndarray]  # {(noise, features, classifier): (image,)}


def find(rows: Sequence[Row]) -> Tables:
    """The tables that follow from the rows of `classification.run`: training, accuracy, gain, epochs and confusion."""
    training, named = _training(rows), _named(rows)
    return {
        "training": training,
        "accuracy": _accuracies(training, named),
        "gain": _gains(training, named),
        "epochs": _epochs(rows),
        "confusion": _confusion(rows),
    }


def _training(rows: Sequence[Row]) -> pd.DataFrame:
    """Table `training`: noise, features, classifier, split, accuracy, n_test, alpha (ridge), epochs, stopped (head)."""
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
    """Table `epochs`: noise, features, split, epoch (from 1), training_loss, validation_loss, in nat per image."""
    flat = [
        (row["noise"], row["features"], row["split"], epoch + 1, *losses)
        for row in rows
        for epoch, losses in enumerate(row.get("log", []))
    ]
    return pd.DataFrame(
        flat, columns=["noise", "features", "split", "epoch", "training_loss", "validation_loss"]
    )


def _confusion(rows: Sequence[Row]) -> pd.DataFrame:
    """Table `confusion`: noise, features, classifier, true, predicted, count; test images of all splits together."""
    totals: dict[tuple[Any, ...], np.ndarray] = {}
    for row in rows:
        key = row["noise"], row["features"], row["classifier"]
        totals[key] = totals.get(key, 0) + np.array(row["confusion"])
    flat = []
    for key, counts in totals.items():
        classes = round(len(counts) ** 0.5)
        flat += [(*key, i // classes, i % classes, int(count)) for i, count in enumerate(counts)]
    return pd.DataFrame(flat, columns=["noise", "features", "classifier", "true", "predicted", "count"])


def corrected_interval(right: np.ndarray, n_test: int) -> Estimate:
    """Mean over random splits with the corrected resampled t interval (Nadeau & Bengio 2003, Mach. Learn. 52, 239).

    right : (split,) number of test images classified correctly, or a difference of two such numbers.
    n_test : number of test images of a split. The value is a share of n_test, a quotient of whole numbers. Splits share
    images, so they are not independent, and the variance is increased by n_test / n_train. The interval is NaN for one
    split, or if all values are equal, which does not make the mean certain.
    """
    n = len(right)
    mean = float(right.sum() / (n * n_test))
    if n < 2 or (right == right[0]).all():
        return Estimate(mean, np.nan, np.nan, n)
    share = TEST_SHARE / ((1 - TEST_SHARE) * (1 - VALIDATION_SHARE))
    error = float(np.std(right, ddof=1) / n_test * np.sqrt(1 / n + share))
    half = float(special.stdtrit(n - 1, 0.975)) * error
    return Estimate(mean, mean - half, mean + half, n, error)


def _named(rows: Sequence[Row]) -> Named:
    """(image,) share of splits that classify each image of a common test set correctly; empty without such a set."""
    marks: dict[tuple[Any, ...], list[np.ndarray]] = {}
    for row in rows:
        if "right" in row:
            bits = np.unpackbits(np.frombuffer(bytes.fromhex(row["right"]), np.uint8), count=row["n_test"])
            marks.setdefault((row["noise"], row["features"], row["classifier"]), []).append(bits)
    return {key: np.mean(own, axis=0) for key, own in marks.items()}


def _right(rows: pd.DataFrame) -> np.ndarray:
    """Number of test images classified correctly, as whole numbers."""
    return np.rint(rows["accuracy"].to_numpy() * rows["n_test"].to_numpy())


def _accuracies(training: pd.DataFrame, named: Named) -> pd.DataFrame:
    """Table `accuracy`: noise, features, classifier, accuracy, lo, hi, n (splits, or images of the test set)."""
    rows = []
    for key, own in training.groupby(["noise", "features", "classifier"], sort=True):
        n_test = own["n_test"].iloc[0]
        e = bounded_mean_interval(named[key]) if named else corrected_interval(_right(own), n_test)
        lo, hi = np.clip((e.lo, e.hi), 0.0, 1.0)  # accuracy is a share
        rows.append((*key, e.value, lo, hi, e.n))
    return pd.DataFrame(rows, columns=["noise", "features", "classifier", "accuracy", "lo", "hi", "n"])


def _gains(training: pd.DataFrame, named: Named) -> pd.DataFrame:
    """Table `gain`: noise, classifier, control (the best one), gain = field - control, lo, hi, gain_raw = field - raw,
    n.

    With a trained field also gain_trained = trained - control and gain_fixed = trained - field.
    """
    rows = []
    for (noise, classifier), own in training.groupby(["noise", "classifier"], sort=True):
        wide = own.assign(right=_right(own)).pivot_table(index="split", columns="features", values="right")
        best = wide.drop(columns=["field", "trained"], errors="ignore").sum().idxmax()
        row = {"noise": noise, "classifier": classifier, "control": best}
        pairs = [("", "field", best), ("_raw", "field", "raw")]
        if "trained" in wide:
            pairs += [("_trained", "trained", best), ("_fixed", "trained", "field")]
        for name, tried, control in pairs:
            if named:
                differences = named[noise, tried, classifier] - named[noise, control, classifier]
                e = bounded_mean_interval(differences, -1.0, 1.0)
            else:
                e = corrected_interval((wide[tried] - wide[control]).to_numpy(), own["n_test"].iloc[0])
            lo, hi = np.clip((e.lo, e.hi), -1.0, 1.0)  # a difference of shares
            row |= {f"gain{name}": e.value, f"lo{name}": lo, f"hi{name}": hi}
        rows.append(row | {"n": e.n})
    return pd.DataFrame(rows)


def summarise(tables: Tables, config: Mapping[str, Any]) -> dict[str, Headline]:
    """The dynamics gain and the field's accuracy, per noise and classifier.

    Gains have no expected value; the note states the smallest gain that could be detected.
    """
    headlines = {}
    unit = "splits" if config["training"]["test"]["path"] is None else "test images"
    noisiest = tables["gain"]["noise"].max()
    for row in tables["gain"].to_dict("records"):
        first = (row["classifier"], row["noise"]) == (CLASSIFIERS[0], noisiest)
        name = f"{row['classifier']}_noise_{row['noise']:g}"
        headlines[f"dynamics_gain_{name}"] = Headline(
            row["gain"],
            _interval(row),
            row["n"],
            "difference in accuracy",
            f"Accuracy on the field minus that on the best control, {_describe(row)}",
            rank=5 if first else None,
            note=f"field minus {row['control']}; {_power(row, unit)}",
        )
        if "gain_trained" in row:
            headlines |= _trained(row, name, unit)
    accuracy = tables["accuracy"]
    for row in accuracy[accuracy["features"] == "field"].to_dict("records"):
        name = f"{row['classifier']}_noise_{row['noise']:g}"
        headlines[f"accuracy_field_{name}"] = Headline(
            row["accuracy"],
            _interval(row),
            row["n"],
            "accuracy",
            f"Share of test images classified correctly from the field, {_describe(row)}",
            note=f"of {row['n']} {unit}" if _interval(row) else "no interval: one split, or all are equal",
        )
    return headlines


def _trained(row: Mapping[Any, Any], name: str, unit: str) -> dict[str, Headline]:
    """Headlines of the gain of the trained field over the best control and over the fixed field."""
    headlines = {}
    for part, other, text in (
        ("trained", row["control"], "the best control"),
        ("fixed", "field", "the fixed field"),
    ):
        own = {"lo": row[f"lo_{part}"], "hi": row[f"hi_{part}"], "n": row["n"]}
        headlines[f"trained_gain_over_{'control' if part == 'trained' else 'fixed'}_{name}"] = Headline(
            row[f"gain_{part}"],
            _interval(own),
            row["n"],
            "difference in accuracy",
            f"Accuracy on the trained field minus that on {text}, {_describe(row)}",
            note=f"trained minus {other}; {_power(own, unit)}",
        )
    return headlines


def _describe(row: Mapping[Any, Any]) -> str:
    return f"{NAMES[row['classifier']]}, noise {row['noise']:g}"


def _interval(row: Mapping[Any, Any]) -> tuple[float, float] | None:
    return None if np.isnan(row["lo"]) else (row["lo"], row["hi"])


def _power(row: Mapping[Any, Any], unit: str) -> str:
    """A text with the smallest gain that would be noticed, the half-width of the interval."""
    if _interval(row) is None:
        return "no interval: one split, or all are equal"
    half = (row["hi"] - row["lo"]) / 2
    return f"{row['n']} {unit} do not show a gain below {half:.2g}"
