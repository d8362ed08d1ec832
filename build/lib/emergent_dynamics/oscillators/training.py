"""Does the field help to tell images apart? Accuracy on its settled state against the same images without it.

The dynamics gain is field minus the best control (raw, encoding, blurred encoding), on the same splits. The best
control is chosen by its test accuracy, which favours the control: the gain is not flattered.
"""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import stats
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier

from emergent_dynamics import streams
from emergent_dynamics.oscillators import features, head, images
from emergent_dynamics.statistics import Estimate
from emergent_dynamics.store import Headline

TEST_SHARE, VALIDATION_SHARE = 0.2, 0.2  # of all images; of the rest
KEEP_SECONDS = 5.0  # of a head's training that a kill may cost
RIDGES = (1.0, 10.0, 100.0, 1000.0)
CLASSIFIERS = ("ridge", "knn", "head")
Row = dict[str, Any]


class Ledger:
    """Finished rows, and the running head's state, in a folder that survives the job; for one fingerprint only."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.rows_file, self.state_file = folder / "training.json", folder / "training.pt"
        folder.mkdir(parents=True, exist_ok=True)
        self.fingerprint, self.kept = fingerprint, time.monotonic()
        self.rows: dict[str, list[Row]] = {}
        if self.rows_file.exists():
            held = json.loads(self.rows_file.read_text())
            if held["fingerprint"] == fingerprint:
                self.rows = held["rows"]
        if not self.rows:
            self.state_file.unlink(missing_ok=True)

    def finish(self, cell: str, rows: list[Row]) -> None:
        """Keep the rows of a cell; its head's state is no longer needed."""
        self.rows[cell] = rows
        temporary = self.rows_file.with_suffix(".tmp")
        temporary.write_text(json.dumps({"fingerprint": self.fingerprint, "rows": self.rows}))
        temporary.replace(self.rows_file)
        self.state_file.unlink(missing_ok=True)

    def keep(self, cell: str, state: head.State) -> None:
        """Keep the head's state after an epoch, if `KEEP_SECONDS` have passed: writing costs what an epoch does."""
        if time.monotonic() - self.kept < KEEP_SECONDS:
            return
        temporary = self.state_file.with_suffix(".tmp")
        torch.save({"cell": cell, "fingerprint": self.fingerprint, "state": state}, temporary)
        temporary.replace(self.state_file)
        self.kept = time.monotonic()

    def state(self, cell: str) -> head.State | None:
        """The head's state where this cell was interrupted."""
        if not self.state_file.exists():
            return None
        held = torch.load(self.state_file, weights_only=True)
        return held["state"] if (held["cell"], held["fingerprint"]) == (cell, self.fingerprint) else None


def split(n: int, seed: int, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices of training, validation and test images of one split: 64, 16 and 20 %."""
    order = streams.choice_without_replacement(seed, "oscillators.split", number, 0, n, n)
    n_test = round(TEST_SHARE * n)
    n_validation = round(VALIDATION_SHARE * (n - n_test))
    return order[n_test + n_validation :], order[n_test : n_test + n_validation], order[:n_test]


def run(given: Mapping[str, Any], ledger: Ledger) -> list[Row]:
    """A row per noise, features, split and classifier; cells that the ledger holds are not computed again."""
    pictures, labels = features.dataset(given)
    training = given["training"]
    for deviation in training["noise"]:
        for name in [*features.controls(given), "field"]:
            cells = {s: f"noise {deviation:g}, {name}, split {s}" for s in range(training["splits"])}
            if all(cell in ledger.rows for cell in cells.values()):
                continue
            x, changed = _both(name, pictures, deviation, given)
            for number, cell in cells.items():
                if cell not in ledger.rows:
                    rows = list(_cell(cell, x, changed, labels, given, number, ledger))
                    ledger.finish(
                        cell, [{"noise": deviation, "features": name, "split": number, **row} for row in rows]
                    )
    return [row for rows in ledger.rows.values() for row in rows]


def _both(
    name: str, pictures: np.ndarray, deviation: float, given: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray | None]:
    """Features of the images, and of one turned and moved copy of each, for training only."""
    training, seed = given["training"], given["seed"]
    x = features.compute(name, features.noisy(pictures, deviation, seed, 0), given, 0)
    if not (training["rotation"] or training["shift"]):
        return x, None
    copies = images.augment(pictures, training["rotation"], training["shift"], seed, 1)
    return x, features.compute(name, features.noisy(copies, deviation, seed, 1), given, 1)


def _cell(
    cell: str,
    x: np.ndarray,
    changed: np.ndarray | None,
    labels: np.ndarray,
    given: Mapping[str, Any],
    number: int,
    ledger: Ledger,
) -> Iterator[Row]:
    """The three classifiers on one split; ridge and head get features standardised by the training images.

    Neighbours are found among features as they are: standardising would give the noise of an empty corner full weight.
    """
    train, check, test = split(len(labels), given["seed"], number)
    own = x[train] if changed is None else np.concatenate([x[train], changed[train]])
    y = np.tile(labels[train], len(own) // len(train))
    mean, sd = own.mean(0), own.std(0)
    scale = 1 / np.where(sd > 1e-6, sd, 1.0)
    plain = own
    own, seen, asked = ((a - mean) * scale for a in (own, x[check], x[test]))
    classes = int(labels.max()) + 1

    ridges = [RidgeClassifier(alpha=alpha).fit(own, y) for alpha in RIDGES]
    best = int(np.argmax([r.score(seen, labels[check]) for r in ridges]))
    yield _row("ridge", ridges[best].predict(asked), labels[test], classes, alpha=RIDGES[best])
    yield _row("knn", KNeighborsClassifier(3).fit(plain, y).predict(x[test]), labels[test], classes)
    state = head.fit(
        head.Data(own, y),
        head.Data(seen, labels[check]),
        given["training"],
        given["seed"] + number,
        ledger.state(cell),
        lambda state: ledger.keep(cell, state),
    )
    found = head.predict(state, given["training"]["head"], asked, classes)
    yield _row("head", found, labels[test], classes, log=state["log"], stopped=state["stopped"])


def _row(classifier: str, found: np.ndarray, truth: np.ndarray, classes: int, **more: Any) -> Row:
    confusion = np.bincount(truth * classes + found, minlength=classes**2).tolist()
    return {
        "classifier": classifier,
        "accuracy": float((found == truth).mean()),
        "n_test": len(truth),
        "confusion": confusion,
        **more,
    }


def table(rows: list[Row]) -> pd.DataFrame:
    """training.csv: noise, features, classifier, split, accuracy, n_test, alpha (ridge), epochs and stopped (head)."""
    flat = [
        {
            key: row.get(key)
            for key in ("noise", "features", "classifier", "split", "accuracy", "n_test", "alpha", "stopped")
        }
        | {"epochs": len(row["log"]) if "log" in row else None}
        for row in rows
    ]
    found = pd.DataFrame(flat).astype({"alpha": float, "epochs": float})
    return found.sort_values(["noise", "features", "classifier", "split"], ignore_index=True)


def epochs(rows: list[Row]) -> pd.DataFrame:
    """epochs.csv: noise, features, split, epoch (from 1), training_loss, validation_loss, in nat per image."""
    flat = [
        (row["noise"], row["features"], row["split"], epoch + 1, *losses)
        for row in rows
        for epoch, losses in enumerate(row.get("log", []))
    ]
    return pd.DataFrame(
        flat, columns=["noise", "features", "split", "epoch", "training_loss", "validation_loss"]
    )


def confusion(rows: list[Row]) -> pd.DataFrame:
    """confusion.csv: noise, features, classifier, true, predicted, count; test images of all splits together."""
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


def accuracies(found: pd.DataFrame) -> pd.DataFrame:
    """accuracy.csv: noise, features, classifier, accuracy, lo, hi, n (splits)."""
    rows = []
    for key, own in found.groupby(["noise", "features", "classifier"], sort=True):
        e = corrected_interval(own["accuracy"].to_numpy())
        lo, hi = (e.lo, e.hi) if np.isnan(e.lo) else (max(e.lo, 0.0), min(e.hi, 1.0))  # a share
        rows.append((*key, e.value, lo, hi, e.n))
    return pd.DataFrame(rows, columns=["noise", "features", "classifier", "accuracy", "lo", "hi", "n"])


def gains(found: pd.DataFrame) -> pd.DataFrame:
    """gain.csv.

    Noise, classifier, control (the best one), gain = field - control, lo, hi, and gain_raw = field - raw.
    """
    rows = []
    for (noise, classifier), own in found.groupby(["noise", "classifier"], sort=True):
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


def summarise(found: pd.DataFrame) -> dict[str, Headline]:
    """The dynamics gain and the field's accuracy, per noise and classifier."""
    rows = {}
    own = accuracies(found[found["features"] == "field"]).assign(control="")
    for name, table, value in (("dynamics_gain", gains(found), "gain"), ("accuracy_field", own, "accuracy")):
        for row in table.to_dict("records"):
            ci = None if np.isnan(row["lo"]) else (row["lo"], row["hi"])
            note = f"field minus {row['control']}" if row["control"] else None
            label = f"{name}_{row['classifier']}_noise_{row['noise']:g}"
            rows[label] = Headline(row[value], ci, row["n"], "accuracy", note=note)
    return rows
