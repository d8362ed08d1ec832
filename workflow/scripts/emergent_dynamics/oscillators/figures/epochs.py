"""Losses per epoch."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS
from emergent_dynamics.statistics import mean_interval


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
    last = table[(table["epoch"] == table["epoch"].max()) & (table["noise"] == noises[0])]
    found = {
        name: mean_interval(own.to_numpy(), 0.0) for name, own in last.groupby("features")["validation_loss"]
    }
    if {"field", "raw"} <= set(found):
        field, raw = (
            style.interval(found[name].value, *(found[name].ci or (np.nan, np.nan)))
            for name in ("field", "raw")
        )
        splits = found["field"].n
        style.conclude(
            drawing,
            f"Loss on validation images of {splits} split{'s' if splits > 1 else ''} at noise {noises[0]:g}: "
            f"{field} with the field, {raw} with raw pixels",
        )
    return drawing
