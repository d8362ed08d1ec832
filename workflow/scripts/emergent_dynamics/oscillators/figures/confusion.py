"""The digits that are confused with each other."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.oscillators.classifiers import NAMES
from emergent_dynamics.plotting import style


@style.styled()
def draw(table: pd.DataFrame, classifier: str = "head") -> Figure:
    """Draw confusion.csv: the labels that images get from the field, for each noise; rows sum to 1."""
    own = table[(table["classifier"] == classifier) & (table["features"] == "field")]
    noises = sorted(own["noise"].unique())
    drawing, axes = style.figure(min(1080, 640 * len(noises)), 560, columns=len(noises))
    for axis, noise in zip(axes.flat, noises, strict=True):
        counts = own[own["noise"] == noise].pivot_table(
            index="true", columns="predicted", values="count", aggfunc="sum"
        )
        share = counts / counts.sum(axis=1).to_numpy()[:, None].clip(1)
        style.cells(axis, share.to_numpy(), "share of the true label", limits=(0, 1), aspect="equal")
        axis.set(xlabel="predicted", ylabel="true", title=f"Field, {NAMES[classifier]}, noise {noise:g}")
        for (row, column), count in np.ndenumerate(counts.to_numpy()):
            if count:
                light = share.to_numpy()[row, column] < 0.6
                axis.text(
                    column, row, int(count), ha="center", va="center", color="white" if light else "black"
                )
        axis.set_xticks(range(len(share)), share.columns)
        axis.set_yticks(range(len(share)), share.index)
    mistakes = own[own["true"] != own["predicted"]]
    wrong = pd.DataFrame(mistakes.groupby(["true", "predicted"], as_index=False)["count"].sum())
    if wrong["count"].sum():
        most = wrong.sort_values("count").iloc[-1]
        shown = int(own.loc[own["true"] == most["true"], "count"].sum())
        style.conclude(
            drawing,
            f"Most often {most['true']} is taken for {most['predicted']}: {int(most['count'])} of {shown} images",
        )
    return drawing
