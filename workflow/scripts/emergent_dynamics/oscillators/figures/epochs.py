"""Losses per epoch."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def draw(table: pd.DataFrame) -> Figure:
    """Loss against epoch for classifiers of raw pixels and of the field: one line per split, solid for validation."""
    noises = sorted(table["noise"].unique())
    drawing, axes = style.figure(min(1080, 800 * len(noises)), 420, columns=len(noises), sharey=True, gap=60)
    for axis, noise in zip(axes.flat, noises, strict=True):
        for name, colour in (("raw", COLOURS["muted"]), ("field", COLOURS["data"])):
            own = table[(table["noise"] == noise) & (table["features"] == name)]
            for k, (_, one) in enumerate(own.groupby("split")):
                label = f"{name}, validation" if k == 0 else None
                axis.plot(one["epoch"], one["validation_loss"], color=colour, lw=1.2, label=label)
                dotted = f"{name}, training" if k == 0 else None
                axis.plot(one["epoch"], one["training_loss"], color=colour, lw=0.9, ls=":", label=dotted)
        axis.set(xlabel="epoch", ylabel="loss (nat per image)", title=f"Noise {noise:g}")
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes.flat[0].legend(loc="best")
    ends = table[table["epoch"] == table["epoch"].max()].groupby("features")["validation_loss"].mean()
    if {"field", "raw"} <= set(ends.index):
        style.conclude(
            drawing,
            f"Loss on validation images: {ends['field']:.2f} with the field, {ends['raw']:.2f} with raw pixels",
        )
    return drawing
