"""Accuracy with and without the field, and the gain."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from emergent_dynamics.oscillators.classifiers import CLASSIFIERS, NAMES
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS

FEW = 8  # number of splits below which an interval says little


@style.styled()
def draw(table: pd.DataFrame, gain: pd.DataFrame) -> Figure:
    """Draw accuracy.csv, a row per classifier and features, and gain.csv, gains over the best control, zero dashed."""
    blurred = sorted(name for name in table["features"].unique() if name.startswith("blur"))
    learnt = ["trained"] if "gain_trained" in gain else []
    features = [*learnt, "field", *reversed(blurred), "encoding", "raw"]
    rows = [(classifier, name) for classifier in reversed(CLASSIFIERS) for name in features]
    width, gap = (1100, 300) if learnt else (1000, 190)
    drawing, [[left, right]] = style.figure(
        width, 110 + 26 * len(rows), columns=2, gap=gap, width_ratios=(1.3, 1.0)
    )
    drawing.subplots_adjust(left=0.22)
    _estimates(left, table.set_index(["classifier", "features"]), rows, "accuracy")
    left.set_yticks(range(len(rows)), [_told(*row) for row in rows])
    left.set(xlabel="share of test images classified correctly", title="Accuracy")
    for edge in range(len(features), len(rows), len(features)):
        left.axhline(edge - 0.5, color=COLOURS["grid"], linewidth=0.8)
    _gains(right, gain, [*learnt, "field"])
    style.letters(np.array([left, right]))
    style.conclude(drawing, _sentence(gain[gain["classifier"] == CLASSIFIERS[0]].iloc[0]))
    return drawing


def _told(classifier: str, features: str) -> str:
    """The label of a row as text."""
    return f"{NAMES[classifier]}: {'trained field' if features == 'trained' else features.replace('_', ' ')}"


def _gains(axis: Axes, gain: pd.DataFrame, fields: list[str]) -> None:
    """Draw the gains of the fields over the best control."""
    parts = [gain.assign(features="field")]
    if "trained" in fields:
        columns = {f"{name}_trained": name for name in ("gain", "lo", "hi")}
        trained = gain[["noise", "classifier", *columns]].rename(columns=columns)
        parts.append(trained.assign(features="trained"))
    every = pd.concat(parts).set_index(["classifier", "features"])
    known = [classifier for classifier in reversed(CLASSIFIERS) if (gain["classifier"] == classifier).any()]
    rows = [(classifier, name) for classifier in known for name in fields]
    _estimates(axis, every, rows, "gain")
    style.theory_level(axis, 0.0, "no gain", along="y")
    axis.set_yticks(range(len(rows)), [_told(*row) if len(fields) > 1 else NAMES[row[0]] for row in rows])
    axis.set(xlabel="gain over the best control", title="Gain", ylim=(-0.6, len(rows) - 0.4))
    axis.xaxis.set_major_locator(MaxNLocator(4))
    if len(gain["noise"].unique()) > 1:
        axis.legend(loc="best")


def _estimates(axis: Axes, table: pd.DataFrame, rows: list, value: str) -> None:
    """Draw points with intervals along x, with a row for each entry of the index and a colour for each noise."""
    noises = sorted(table["noise"].unique())
    for j, noise in enumerate(noises):
        own = table[table["noise"] == noise].loc[rows]
        at = np.arange(len(rows)) + 0.16 * (j - (len(noises) - 1) / 2)
        lo, hi = own["lo"].fillna(own[value]), own["hi"].fillna(own[value])
        ends = [(own[value] - lo).clip(0), (hi - own[value]).clip(0)]
        colour = CATEGORIES[j % len(CATEGORIES)]
        axis.errorbar(
            own[value], at, xerr=ends, fmt="o", color=colour, elinewidth=1.3, label=f"noise {noise:g}"
        )


def _sentence(gain: pd.Series) -> str:
    """The gains of one classifier and noise as text."""
    name = NAMES[CLASSIFIERS[0]]
    sentence = (
        f"With {name} the field gains {style.interval(*gain[['gain', 'lo', 'hi']])} over its best control"
    )
    if "gain_trained" in gain:
        trained = style.interval(*gain[["gain_trained", "lo_trained", "hi_trained"]])
        sentence += f", and {trained} if it is trained"
    return sentence + (f"; {gain['n']} splits are too few for a verdict" if gain["n"] < FEW else "")
