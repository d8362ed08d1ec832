"""Accuracy with and without the field, and the gain."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.oscillators.classifiers import CLASSIFIERS, NAMES
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS

FEW = 8  # number of splits below which an interval says little


@style.styled()
def draw(table: pd.DataFrame, gain: pd.DataFrame) -> Figure:
    """accuracy.csv and gain.csv: a row per classifier and features, and field minus the best control, zero dashed."""
    blurred = sorted(name for name in table["features"].unique() if name.startswith("blur"))
    learnt = ["trained"] if (table["features"] == "trained").any() else []
    features = [*learnt, "field", *reversed(blurred), "encoding", "raw"]
    rows = [(classifier, name) for classifier in reversed(CLASSIFIERS) for name in features]
    drawing, [[left, right]] = style.figure(
        1000, 110 + 26 * len(rows), columns=2, gap=190, width_ratios=(1.3, 1.0)
    )
    drawing.subplots_adjust(left=0.22)
    _estimates(left, table, ["classifier", "features"], rows, "accuracy")
    left.set_yticks(
        range(len(rows)), [f"{NAMES[classifier]}: {name.replace('_', ' ')}" for classifier, name in rows]
    )
    left.set(xlabel="share of test images named rightly", title="Accuracy")
    known = [classifier for classifier in reversed(CLASSIFIERS) if (gain["classifier"] == classifier).any()]
    _estimates(right, gain, ["classifier"], known, "gain")
    style.theory_level(right, 0.0, "no gain", along="y")
    right.set_yticks(range(len(known)), [NAMES[name] for name in known])
    right.set(
        xlabel="field minus best control",
        title="Gain",
        ylim=(-0.6, len(known) - 0.4),
    )
    for edge in range(len(features), len(rows), len(features)):
        left.axhline(edge - 0.5, color=COLOURS["grid"], linewidth=0.8)
    if len(gain["noise"].unique()) > 1:
        right.legend(loc="best")
    style.letters(np.array([left, right]))
    shown = gain[gain["classifier"] == CLASSIFIERS[0]].iloc[0]
    splits = f" in {shown['n']} splits, too few for a verdict" if shown["n"] < FEW else ""
    found = style.interval(*shown[["gain", "lo", "hi"]])
    style.conclude(
        drawing, f"With {NAMES[CLASSIFIERS[0]]} the field gains {found} over its best control{splits}"
    )
    return drawing


def _estimates(axis: Axes, table: pd.DataFrame, keys: list[str], rows: list, value: str) -> None:
    """Points with intervals along x, a row for each combination of `keys`, a colour for each noise."""
    noises = sorted(table["noise"].unique())
    for j, noise in enumerate(noises):
        own = table[table["noise"] == noise].set_index(keys).loc[rows]
        at = np.arange(len(rows)) + 0.16 * (j - (len(noises) - 1) / 2)
        lo, hi = own["lo"].fillna(own[value]), own["hi"].fillna(own[value])
        ends = [(own[value] - lo).clip(0), (hi - own[value]).clip(0)]
        colour = CATEGORIES[j % len(CATEGORIES)]
        axis.errorbar(
            own[value], at, xerr=ends, fmt="o", color=colour, elinewidth=1.3, label=f"noise {noise:g}"
        )
