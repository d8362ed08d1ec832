"""Information between the first layer and the last, and how well the input can be guessed."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tables import highest
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def draw(table: pd.DataFrame, curve: pd.DataFrame, p: Parameters) -> Figure:
    """Draw the information, the accuracy of the best guess, and the capacity of the network, against sigma."""
    drawing, [[left, right, last]] = style.figure(1200, 400, 1, 3, gap=78)
    for rule, line in curve.groupby("rule"):
        style.theory_line(
            left, line["sigma"], line["mi"], label=f"exact, {rule}", linestyle="--" if rule == p.rule else ":"
        )
    ends = table["mi_corrected"], table["mi_lo"], table["mi_hi"]
    style.estimates(left, table["sigma"], *ends, label="trials, bias corrected")
    left.plot(table["sigma"], table["mi_sampled"], "x", color=COLOURS["highlight"], label="trials, plug-in")
    left.set(ylabel="information (bit)", title=f"Inputs {p.inputs[0]} to {p.inputs[1]}, {p.layers} layers")
    left.set_ylim(0, 1.45 * max(curve["mi"].max(), table["mi_sampled"].max(), 1e-9))
    left.legend(loc="upper right", fontsize=8.5)
    style.theory_line(right, table["sigma"], table["map_accuracy"], label="exact")
    right.plot(table["sigma"], table["map_accuracy_sampled"], "o", color=COLOURS["data"], label="trials")
    style.theory_level(right, table["chance"].iloc[0], label="chance", linestyle=":")
    right.set(ylabel="probability of a right guess", title="Best guess of the input", ylim=(0, None))
    right.legend()
    last.plot(table["sigma"], table["capacity"], "o-", color=COLOURS["second"])
    last.set(ylabel="capacity (bit)", title="Best inputs, exact", ylim=(0, None))
    for axis in (left, right, last):
        axis.set(xlabel="branching ratio σ")
        axis.axvline(1.0, color=COLOURS["muted"], linewidth=1)
    style.letters(np.array([left, right, last]))
    best = highest(curve[curve["rule"] == p.rule], "mi")
    where = "" if best["sigma"] == 1.0 else ", not at 1"
    style.conclude(
        drawing, f"Information peaks at σ = {best['sigma']:g}{where}, with {best['mi']:.3g} bit (exact)"
    )
    return drawing
