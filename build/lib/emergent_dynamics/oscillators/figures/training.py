"""Accuracy with and without the field, the gain, and which digits are confused."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS
from emergent_dynamics.plotting.viewers import Column, table_page

NAMES = {"ridge": "ridge regression", "knn": "3 nearest neighbours", "head": "trained with Adam"}
CLASSIFIERS = tuple(NAMES)  # `training.CLASSIFIERS`, without importing torch to draw


@style.styled()
def accuracy(table: pd.DataFrame, gain: pd.DataFrame) -> Figure:
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


@style.styled()
def confusion(table: pd.DataFrame, classifier: str = "head") -> Figure:
    """confusion.csv: which label the field's images get, per noise; rows sum to 1."""
    own = table[(table["classifier"] == classifier) & (table["features"] == "field")]
    noises = sorted(own["noise"].unique())
    drawing, axes = style.figure(min(1080, 460 * len(noises)), 420, columns=len(noises))
    for axis, noise in zip(axes.flat, noises, strict=True):
        counts = own[own["noise"] == noise].pivot_table(
            index="true", columns="predicted", values="count", aggfunc="sum"
        )
        share = counts / counts.sum(axis=1).to_numpy()[:, None].clip(1)
        style.cells(axis, share.to_numpy(), "share of the true label", limits=(0, 1), aspect="equal")
        axis.set(xlabel="predicted", ylabel="true", title=f"field, {NAMES[classifier]}, noise {noise:g}")
        axis.set_xticks(range(len(share)), share.columns)
        axis.set_yticks(range(len(share)), share.index)
    return drawing


@style.styled()
def epochs(table: pd.DataFrame) -> Figure:
    """epochs.csv: losses per epoch of raw pixels and of the field, each split a line, validation solid."""
    noises = sorted(table["noise"].unique())
    drawing, axes = style.figure(min(1080, 460 * len(noises)), 380, columns=len(noises), sharey=True, gap=60)
    for axis, noise in zip(axes.flat, noises, strict=True):
        for name, colour in (("raw", COLOURS["muted"]), ("field", COLOURS["data"])):
            own = table[(table["noise"] == noise) & (table["features"] == name)]
            for k, (_, one) in enumerate(own.groupby("split")):
                label = f"{name}, validation" if k == 0 else None
                axis.plot(one["epoch"], one["validation_loss"], color=colour, lw=1.2, label=label)
                dotted = f"{name}, training" if k == 0 else None
                axis.plot(one["epoch"], one["training_loss"], color=colour, lw=0.9, ls=":", label=dotted)
        axis.set(xlabel="epoch", ylabel="loss (nat per image)", title=f"noise {noise:g}")
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes.flat[0].legend(loc="best")
    return drawing


def gains_page(table: pd.DataFrame, title: str) -> str:
    """gain.csv as a table to sort."""
    shown = table.round(4).assign(classifier=table["classifier"].map(NAMES))
    rows = [
        row | {"ci": _interval(row["lo"], row["hi"]), "ci_raw": _interval(row["lo_raw"], row["hi_raw"])}
        for row in shown.to_dict("records")
    ]
    columns = {
        "noise": Column("noise", "number"),
        "classifier": Column("classifier"),
        "control": Column("best control"),
        "gain": Column("field − control", "number"),
        "ci": Column("95 %", "interval"),
        "gain_raw": Column("field − raw", "number"),
        "ci_raw": Column("95 %", "interval"),
        "n": Column("splits", "integer"),
    }
    return table_page(
        rows, columns, title, "Dynamics gain: accuracy on the settled field minus that on the best control."
    )


def _interval(lo: float, hi: float) -> tuple[float, float] | None:
    return None if np.isnan(lo) else (lo + 0.0, hi + 0.0)  # not -0
