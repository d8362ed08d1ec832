"""Which digits are confused."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.oscillators.classifiers import NAMES
from emergent_dynamics.plotting import style


@style.styled()
def draw(table: pd.DataFrame, classifier: str = "head") -> Figure:
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
