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
    """Information and capacity, and the accuracy of the best guess, against sigma."""
    drawing, [[left, right]] = style.figure(1000, 420, 1, 2, gap=78)
    for rule, line in curve.groupby("rule"):
        style.theory_line(
            left, line["sigma"], line["mi"], label=f"exact, {rule}", linestyle="--" if rule == p.rule else ":"
        )
        if rule == p.rule:
            best = highest(line, "mi")
            left.axvline(
                best["sigma"], color=COLOURS["muted"], linewidth=1, label=f"peak at σ = {best['sigma']:g}"
            )
    style.estimates(
        left,
        table["sigma"],
        table["mi_corrected"],
        table["mi_lo"],
        table["mi_hi"],
        label="trials, bias corrected",
    )
    left.plot(table["sigma"], table["mi_sampled"], "x", color=COLOURS["highlight"], label="trials, plug-in")
    left.plot(table["sigma"], table["capacity"], "-", color=COLOURS["second"], label="capacity, exact")
    left.set(
        xlabel="branching ratio σ",
        ylabel="information (bit)",
        title=f"Inputs {p.inputs[0]} to {p.inputs[1]}, {p.layers} layers",
    )
    left.set_ylim(bottom=0)
    left.legend(loc="center right")
    style.theory_line(right, table["sigma"], table["map_accuracy"], label="exact")
    right.plot(table["sigma"], table["map_accuracy_sampled"], "o", color=COLOURS["data"], label="trials")
    style.theory_level(right, table["chance"].iloc[0], label="chance", linestyle=":")
    right.set(
        xlabel="branching ratio σ", ylabel="probability of a right guess", title="Best guess of the input"
    )
    right.set_ylim(bottom=0)
    right.legend()
    style.letters(np.array([left, right]))
    return drawing
