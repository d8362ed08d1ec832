"""Train three classifiers for every noise, set of features and random split; an interrupted run can be continued."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier

from emergent_dynamics import streams
from emergent_dynamics.oscillators import features, head, images, trained_field

TEST_SHARE, VALIDATION_SHARE = 0.2, 0.2  # shares of all images, and of the others
KEEP_SECONDS = 5.0  # seconds of training that are lost at most when the job is killed
RIDGES = (1.0, 10.0, 100.0, 1000.0)
Row = dict[str, Any]
Compute = Callable[[np.ndarray, Mapping[str, Any], int], np.ndarray]  # images, settings, copy -> features


class Ledger:
    """Keeps finished rows, and the state of the head in training, in a folder that outlives the job.

    Rows of another `fingerprint`, which identifies settings and code, are ignored.
    """

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
        """Write the rows of a cell; the state of its head is no longer needed."""
        self.rows[cell] = rows
        temporary = self.rows_file.with_suffix(".tmp")
        temporary.write_text(json.dumps({"fingerprint": self.fingerprint, "rows": self.rows}))
        temporary.replace(self.rows_file)
        self.state_file.unlink(missing_ok=True)

    def keep(self, cell: str, state: head.State) -> None:
        """Write the head's state after an epoch if `KEEP_SECONDS` have passed; writing takes as long as an epoch."""
        if time.monotonic() - self.kept < KEEP_SECONDS:
            return
        temporary = self.state_file.with_suffix(".tmp")
        torch.save({"cell": cell, "fingerprint": self.fingerprint, "state": state}, temporary)
        temporary.replace(self.state_file)
        self.kept = time.monotonic()

    def state(self, cell: str) -> head.State | None:
        """The state of the head when this cell was interrupted; None if it was not."""
        if not self.state_file.exists():
            return None
        held = torch.load(self.state_file, weights_only=True)
        return held["state"] if (held["cell"], held["fingerprint"]) == (cell, self.fingerprint) else None


class Material(NamedTuple):
    """The data that all cells of one noise and one set of features share.

    pictures (image, y, x), labels (image,): the last `tested` images are a separate test set. x : features (image,
    feature). changed : features of one turned and moved copy of each image, None without augmentation.
    """

    name: str
    deviation: float
    pictures: np.ndarray
    labels: np.ndarray
    tested: int
    x: np.ndarray
    changed: np.ndarray | None


def split(n: int, seed: int, number: int, tested: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices of training, validation and test images of one split of n images: 64, 16 and 20 %.

    tested : this number of last images are the test images of every split; the others are divided into 80 and 20 %.
    """
    n -= tested
    order = streams.choice_without_replacement(seed, "oscillators.split", number, 0, n, n)
    n_test = 0 if tested else round(TEST_SHARE * n)
    n_validation = round(VALIDATION_SHARE * (n - n_test))
    test = np.arange(n, n + tested) if tested else order[:n_test]
    return order[n_test + n_validation :], order[n_test : n_test + n_validation], test


def run(config: Mapping[str, Any], ledger: Ledger) -> list[Row]:
    """One row per noise, features, split and classifier; rows that the ledger already has are not computed again."""
    pictures, labels = features.dataset(config)
    training, tested = config["training"], 0
    own = features.test_set(config)
    if own is not None:
        pictures, labels, tested = (
            *map(np.concatenate, zip((pictures, labels), own, strict=True)),
            len(own[1]),
        )
    trained = [trained_field.NAME] if training["trained"]["enabled"] else []
    for deviation in training["noise"]:
        for name in [*features.controls(config), "field", *trained]:
            cells = {s: f"noise {deviation:g}, {name}, split {s}" for s in range(training["splits"])}
            if all(cell in ledger.rows for cell in cells.values()):
                continue
            learns = name == trained_field.NAME
            shared = None if learns else _both(partial(features.compute, name), pictures, deviation, config)
            for number, cell in cells.items():
                if cell not in ledger.rows:
                    both = shared or _trained_features(pictures, labels, deviation, config, number, tested)
                    material = Material(name, deviation, pictures, labels, tested, *both)
                    rows = list(_cell(cell, material, config, number, ledger))
                    ledger.finish(
                        cell, [{"noise": deviation, "features": name, "split": number, **row} for row in rows]
                    )
            del shared, both, material  # so that they are not held beside the next features
    return [row for rows in ledger.rows.values() for row in rows]


def _trained_features(
    pictures: np.ndarray,
    labels: np.ndarray,
    deviation: float,
    config: Mapping[str, Any],
    number: int,
    tested: int,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Features as from `_both`, of a field trained on the training images of one split, with early stopping."""
    train, check, _ = split(len(labels), config["seed"], number, tested)
    x, changed = _both(
        lambda shown, config, copy: trained_field.phases(shown, config), pictures, deviation, config
    )
    own = x[train] if changed is None else np.concatenate([x[train], changed[train]])
    y = np.tile(labels[train], len(own) // len(train))
    extract = trained_field.learn(
        head.Data(own, y), head.Data(x[check], labels[check]), config, config["seed"] + number
    )
    return extract(x), None if changed is None else extract(changed)


def _both(
    compute: Compute, pictures: np.ndarray, deviation: float, config: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray | None]:
    """Features of the images, and of one turned and moved copy of each (None without augmentation)."""
    training, seed = config["training"], config["seed"]
    x = compute(features.noisy(pictures, deviation, seed, 0), config, 0)
    if not (training["rotation"] or training["shift"]):
        return x, None
    copies = images.augment(pictures, training["rotation"], training["shift"], seed, 1)
    return x, compute(features.noisy(copies, deviation, seed, 1), config, 1)


def _copies(material: Material, train: np.ndarray, config: Mapping[str, Any]) -> Callable[[int], np.ndarray]:
    """Features of new turned and moved copies of the training images, by epoch; copies 0 and 1 are those of `_both`."""
    training, seed = config["training"], config["seed"]
    pictures = material.pictures[train]

    def copies(epoch: int) -> np.ndarray:
        turned = images.augment(pictures, training["rotation"], training["shift"], seed, 2 + epoch)
        seen = features.noisy(turned, material.deviation, seed, 2 + epoch)
        return features.compute(material.name, seen, config, 2 + epoch)

    return copies


def _cell(
    cell: str, material: Material, config: Mapping[str, Any], number: int, ledger: Ledger
) -> Iterator[Row]:
    """The three classifiers on one split; ridge and head get features standardised by the training images.

    Nearest neighbours use the features without standardising, which would give the noise of an empty corner full
    weight.
    """
    x, changed, labels, tested = material.x, material.changed, material.labels, material.tested
    train, check, test = split(len(labels), config["seed"], number, tested)
    own = x[train] if changed is None else np.concatenate([x[train], changed[train]])
    y = np.tile(labels[train], len(own) // len(train))
    mean, sd = own.mean(0), own.std(0)
    scale = 1 / np.where(sd > 1e-6, sd, 1.0)
    near = KNeighborsClassifier(3).fit(own, y).predict(x[test])
    seen, asked = ((a - mean) * scale for a in (x[check], x[test]))
    own -= mean  # in place: nothing else needs them as they were
    own *= scale
    classes = int(labels.max()) + 1

    ridges = [RidgeClassifier(alpha=alpha).fit(own, y) for alpha in RIDGES]
    best = int(np.argmax([r.score(seen, labels[check]) for r in ridges]))
    guesses = {"ridge": ridges[best].predict(asked), "knn": near}
    copies = _copies(material, train, config)

    def anew(epoch: int) -> np.ndarray:
        return np.concatenate([own[: len(train)], (copies(epoch) - mean) * scale])

    state = head.fit(
        head.Data(own, y),
        head.Data(seen, labels[check]),
        config["training"],
        config["seed"] + number,
        ledger.state(cell),
        lambda state: ledger.keep(cell, state),
        anew if config["training"]["anew"] else None,
    )
    guesses["head"] = head.predict(state, config["training"]["head"], asked, classes)
    more = {"ridge": {"alpha": RIDGES[best]}, "head": {"log": state["log"], "stopped": state["stopped"]}}
    for classifier, guess in guesses.items():
        yield _row(classifier, guess, labels[test], classes, **more.get(classifier, {})) | (
            {"right": np.packbits(guess == labels[test]).tobytes().hex()} if tested else {}
        )


def _row(classifier: str, guess: np.ndarray, truth: np.ndarray, classes: int, **more: Any) -> Row:
    confusion = np.bincount(truth * classes + guess, minlength=classes**2).tolist()
    return {
        "classifier": classifier,
        "accuracy": float((guess == truth).mean()),
        "n_test": len(truth),
        "confusion": confusion,
        **more,
    }
