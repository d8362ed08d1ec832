"""How the number of events after a stimulus depends on its label."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style


@style.styled()
def draw(responses: pd.DataFrame, found: Mapping[str, Any]) -> Figure:
    """Draw the share of the trials of each label that fall into each class of counts.

    responses : `recorded_responses.csv`. found : the row of `recorded_information.csv`.
    """
    drawing, [[axis]] = style.figure(760, 430, 1, 1)
    wide = responses.pivot_table(index="label", columns=["lowest", "highest"], values="trials")
    share = wide.to_numpy() / wide.to_numpy().sum(1, keepdims=True)
    image = axis.imshow(share, aspect="auto", vmin=0, origin="lower", cmap="cividis")
    axis.grid(False)
    drawing.colorbar(image, ax=axis, label="share of the trials of the label")
    ends = wide.columns.to_frame().to_numpy()
    names = [f"{low}" if low == high else f"{low} to {high}" for low, high in ends]
    axis.set_xticks(range(len(names)), names)
    few = np.unique(np.linspace(0, len(wide) - 1, min(len(wide), 12)).round().astype(int))
    axis.set_yticks(few, [str(wide.index[i]) for i in few])
    axis.set(xlabel="events after the stimulus", ylabel="label", title="Counts of events by label")
    shown = style.interval(found["mi"], found["mi_lo"], found["mi_hi"])
    chance = f"{found['by_chance']:.2g} of the shuffled orders give as much"
    style.conclude(drawing, f"Counts tell {shown} bit of {found['entropy']:.3g} bit; {chance}")
    return drawing
