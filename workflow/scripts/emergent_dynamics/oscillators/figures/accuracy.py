"""Accuracy with and without the field, and the gain."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.oscillators.classifiers import CLASSIFIERS, NAMES
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES


@style.styled()
def draw(table: pd.DataFrame, gain: pd.DataFrame) -> Figure:
    """accuracy.csv and gain.csv: a panel per classifier, and field minus the best control, with zero dashed."""
    drawing, axes = style.figure(1080, 420, columns=4)
    features = [
        "raw",
        "encoding",
        *sorted(f for f in table["features"].unique() if f.startswith("blur")),
        "field",
    ]
    noises = sorted(table["noise"].unique())
    lowest = max(0.0, float(table["lo"].min(skipna=True)) - 0.02) if table["lo"].notna().any() else 0.0
    for axis, classifier in zip(axes.flat, CLASSIFIERS, strict=False):
        for j, noise in enumerate(noises):
            own = (
                table[(table["classifier"] == classifier) & (table["noise"] == noise)]
                .set_index("features")
                .loc[features]
            )
            at = np.arange(len(features)) + 0.12 * (j - (len(noises) - 1) / 2)
            label = f"noise {noise:g}"
            style.estimates(
                axis, at, own["accuracy"], own["lo"], own["hi"], CATEGORIES[j % len(CATEGORIES)], label
            )
        axis.set_xticks(
            range(len(features)), [f.replace("_", " ") for f in features], rotation=60, ha="right"
        )
        axis.set(title=NAMES[classifier], ylabel="share of test images named rightly", ylim=(lowest, 1.0))
    axes.flat[0].legend(loc="best")
    last = axes.flat[3]
    for j, noise in enumerate(noises):
        own = gain[gain["noise"] == noise].set_index("classifier").loc[list(CLASSIFIERS)]
        at = np.arange(len(CLASSIFIERS)) + 0.12 * (j - (len(noises) - 1) / 2)
        style.estimates(
            last, at, own["gain"], own["lo"], own["hi"], CATEGORIES[j % len(CATEGORIES)], f"noise {noise:g}"
        )
    style.theory_level(last, 0.0, "no gain")
    last.set_xticks(range(len(CLASSIFIERS)), CLASSIFIERS, rotation=60, ha="right")
    last.set(title="dynamics gain", ylabel="field minus best control")
    style.letters(axes)
    return drawing
