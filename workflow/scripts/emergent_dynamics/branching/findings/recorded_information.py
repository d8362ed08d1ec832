"""Information of the number of events after a stimulus about the label of the stimulus.

The information is that between the label and the class of the count: classes are about equally full and do not depend
on the labels, so that by the data-processing inequality the counts themselves tell at least as much. Estimate and
interval are those of the guessing game (`information.corrected_information`); the control is the plug-in estimate after
the labels have been exchanged among the trials (Panzeri et al. 2007, J Neurophysiol 98:1064).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.branching import shannon
from emergent_dynamics.branching.findings.information import CELL, corrected_information
from emergent_dynamics.branching.recording import Recording
from emergent_dynamics.branching.tables import bounds, measured, row
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate, proportion_interval

SHUFFLES = 999


def classes(counts: np.ndarray, most: int) -> np.ndarray:
    """Return (trial,) int64 the class of each count: at most `most` classes of neighbouring counts, about equally
    large.
    """
    edges = np.quantile(counts, np.arange(1, most) / most, method="higher")
    return np.searchsorted(np.unique(edges), counts, side="right")


def joint(labels: np.ndarray, responses: np.ndarray) -> np.ndarray:
    """Return (label, class) int64 the number of trials with each pair of a label and a class, both numbered from 0."""
    wide = int(responses.max()) + 1
    return np.bincount(labels * wide + responses, minlength=(int(labels.max()) + 1) * wide).reshape(-1, wide)


def find(recording: Recording, window: tuple[float, float], most: int, seed: int) -> dict[str, pd.DataFrame]:
    """Return the tables `recorded_information`, of one row, and `recorded_responses`, one row per label and class.

    window : start and end after a stimulus. most : largest number of classes of counts. seed : of the exchanges of
    labels.
    """
    shown, counts = recording.responses(window)
    names, labels = np.unique(shown, return_inverse=True)
    n = counts.size
    allowed = max(2, min(most, n // (CELL * max(names.size, 1))))
    _, responses = np.unique(classes(counts, allowed), return_inverse=True) if n else (0, labels)
    table = joint(labels, responses) if n else np.zeros((1, 1), np.int64)
    pairs = table.size
    plain = float(shannon.mutual_information(table)) if n else np.nan
    exchanged = _exchanged(labels, responses, seed) if n else np.empty(0)
    # Exchanges that give the same table differ in information by rounding.
    by_chance = proportion_interval(int((exchanged >= plain - 1e-12).sum()), exchanged.size)
    p = table.sum(1) / max(n, 1)
    entropy = float(-(p[p > 0] * np.log2(p[p > 0])).sum())
    found = _at_most(entropy, corrected_information(table, pairs))
    entry: dict[str, Any] = {"labels": names.size, "classes": table.shape[1], "n": n}
    entry |= {"entropy": entropy, "mi_plain": plain}
    entry |= bounds("mi", found) | {"mi_shuffled": exchanged.mean() if n else np.nan}
    entry |= bounds("by_chance", by_chance) | {"shuffles": exchanged.size, "reason": _reason(n, pairs)}
    return {
        "recorded_information": pd.DataFrame([entry]),
        "recorded_responses": _responses(names, responses, counts, table),
    }


def _at_most(entropy: float, found: Estimate) -> Estimate:
    """Return the estimate, limited to the entropy of the labels, which is known since the experimenter chose them."""
    value, lo, hi = (float(np.minimum(x, entropy)) for x in (found.value, found.lo, found.hi))
    return Estimate(value, lo, hi, found.n, found.standard_error)


def _reason(n: int, pairs: int) -> str:
    if n == 0:
        return "no trial whose window lies in the recording"
    few = f"{n} trials for {pairs} pairs of a label and a class of counts: fewer than {CELL} per pair"
    return few if n < CELL * pairs else ""


def _exchanged(labels: np.ndarray, responses: np.ndarray, seed: int) -> np.ndarray:
    """Return (shuffle,) plug-in estimates with the labels in random orders."""
    rng = np.random.default_rng(seed)
    tables = np.stack([joint(rng.permutation(labels), responses) for _ in range(SHUFFLES)])
    return shannon.mutual_information(tables)


def _responses(
    names: np.ndarray, responses: np.ndarray, counts: np.ndarray, table: np.ndarray
) -> pd.DataFrame:
    rows = []
    for k in range(table.shape[1] if counts.size else 0):
        inside = counts[responses == k]
        for name, trials in zip(names, table[:, k], strict=True):
            rows.append((name, inside.min(), inside.max(), trials))
    return pd.DataFrame(rows, columns=["label", "lowest", "highest", "trials"])


def summarise(
    tables: Mapping[str, pd.DataFrame], window: tuple[float, float], time_unit: str = "step"
) -> dict[str, Headline]:
    """Return headlines of the information with its interval, and of how often exchanged labels give as much.

    time_unit : of the window.
    """
    r = row(tables["recorded_information"])
    note = (
        f"{r['labels']} labels of {r['entropy']:.3g} bit, counts from {window[0]:g} to {window[1]:g} after the "
        f"stimulus ({time_unit}) in {r['classes']} classes; what the counts themselves tell is at least that"
    )
    return {
        "recorded_information": measured(
            r,
            "mi",
            "bit",
            "Information of the number of events about the label of the stimulus",
            rank=5,
            note=r["reason"] or note,
        ),
        "recorded_information_by_chance": measured(
            r,
            "by_chance",
            "share",
            "Share of random orders of the labels that give at least as much information",
            n="shuffles",
            note=r["reason"] or None,
        ),
    }
