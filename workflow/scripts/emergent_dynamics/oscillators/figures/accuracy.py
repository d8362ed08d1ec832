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
    """accuracy.csv and gain.csv: a row per classifier and features, and field minus the best control, zero dashed.

    Where a field was trained, its gain over the best control stands below that of the fixed field, as a diamond.
    """
    blurred = sorted(name for name in table["features"].unique() if name.startswith("blur"))
    learnt = ["trained"] if "gain_trained" in gain else []
    features = [*learnt, "field", *reversed(blurred), "encoding", "raw"]
    rows = [(classifier, name) for classifier in reversed(CLASSIFIERS) for name in features]
    drawing, [[left, right]] = style.figure(
        1000, 110 + 26 * len(rows), columns=2, gap=190, width_ratios=(1.3, 1.0)
    )
    drawing.subplots_adjust(left=0.24 if learnt else 0.22)
    _estimates(left, table.set_index(["classifier", "features"]), rows, "accuracy")
    left.set_yticks(range(len(rows)), [f"{NAMES[classifier]}: {_told(name)}" for classifier, name in rows])
    left.set(xlabel="share of test images named rightly", title="Accuracy")
    for edge in range(len(features), len(rows), len(features)):
        left.axhline(edge - 0.5, color=COLOURS["grid"], linewidth=0.8)
    _gains(right, gain.set_index("classifier"), bool(learnt))
    style.letters(np.array([left, right]))
    style.conclude(drawing, _sentence(gain[gain["classifier"] == CLASSIFIERS[0]].iloc[0]))
    return drawing


def _told(features: str) -> str:
    """Features in words."""
    return "trained field" if features == "trained" else features.replace("_", " ")


def _gains(axis: Axes, gain: pd.DataFrame, learnt: bool) -> None:
    """Gains (classifier) of the field, and of the trained one, over the best control."""
    known = [classifier for classifier in reversed(CLASSIFIERS) if classifier in gain.index]
    _estimates(axis, gain, known, "gain", "field" if learnt else "")
    if learnt:
        names = {"gain_trained": "gain", "lo_trained": "lo", "hi_trained": "hi"}
        trained = gain[["noise", *names]].rename(columns=names)
        _estimates(axis, trained, known, "gain", "trained field", ("D", -0.2))
    style.theory_level(axis, 0.0, "no gain", along="y")
    axis.set_yticks(range(len(known)), [NAMES[name] for name in known])
    top = len(known) - (0.1 if learnt else 0.4)  # room for the legend
    axis.set(xlabel="gain over the best control", title="Gain", ylim=(-0.6, top))
    axis.xaxis.set_major_locator(MaxNLocator(4))
    if learnt or len(gain["noise"].unique()) > 1:
        axis.legend(loc="upper right" if learnt else "best", frameon=True, edgecolor="none")


def _estimates(
    axis: Axes,
    table: pd.DataFrame,
    rows: list,
    value: str,
    of: str = "",
    look: tuple[str, float] = ("o", 0.0),
) -> None:
    """Points with intervals along x, a row for each entry of the index, a colour for each noise.

    of : whose they are, for the legend; look : marker and shift of the rows.
    """
    noises = sorted(table["noise"].unique())
    marker, shift = look
    for j, noise in enumerate(noises):
        own = table[table["noise"] == noise].loc[rows]
        at = np.arange(len(rows)) + 0.16 * (j - (len(noises) - 1) / 2) + shift
        lo, hi = own["lo"].fillna(own[value]), own["hi"].fillna(own[value])
        ends = [(own[value] - lo).clip(0), (hi - own[value]).clip(0)]
        colour = CATEGORIES[j % len(CATEGORIES)]
        label = of if of and len(noises) == 1 else f"{of}{', ' if of else ''}noise {noise:g}"
        axis.errorbar(own[value], at, xerr=ends, fmt=marker, color=colour, elinewidth=1.3, label=label)


def _sentence(gain: pd.Series) -> str:
    """The gains of one classifier and noise in words."""
    name = NAMES[CLASSIFIERS[0]]
    sentence = (
        f"With {name} the field gains {style.interval(*gain[['gain', 'lo', 'hi']])} over its best control"
    )
    if "gain_trained" in gain:
        trained = style.interval(*gain[["gain_trained", "lo_trained", "hi_trained"]])
        sentence += f", and {trained} if it is trained"
    return sentence + (f"; {gain['n']} splits are too few for a verdict" if gain["n"] < FEW else "")
