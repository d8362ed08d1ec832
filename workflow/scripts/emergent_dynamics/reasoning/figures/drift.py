"""Late drift by correctness with the threshold, and the cells at every threshold."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS
from emergent_dynamics.reasoning.figures.palette import (
    CELL,
    MEANING,
    MOST_TABLES,
    RIGHT,
    WRONG,
    Tables,
    legend_below,
    name_of,
    rows_of,
)


@style.styled()
def draw(tables: Tables, chosen: list[str]) -> Figure:
    """Draw the histogram of log late drift by correctness with the threshold and its interval, and the number of
    examples in each cell at every threshold.
    """
    chosen = chosen[:MOST_TABLES]
    drawing, axes = style.figure(980, 60 + 390 * len(chosen), len(chosen), 2)
    for (left, right), tag in zip(axes, chosen, strict=True):
        examples, scalars = (
            rows_of(tables["examples"], tag),
            rows_of(tables["scalars"], tag).set_index("statistic").to_dict("index"),
        )
        bins = np.linspace(*_span(examples["log_drift"]), 60)
        for which, colour, name in ((1, RIGHT, "right"), (0, WRONG, "wrong")):
            here = examples.loc[examples["correct"] == which, "log_drift"]
            left.hist(here, bins=bins, color=colour, alpha=0.6, label=f"{name} (n = {len(here)})")
        tau = scalars["tau"]
        left.axvspan(tau["ci_low"], tau["ci_high"], color=COLOURS["muted"], alpha=0.35, linewidth=0)
        style.theory_level(left, tau["value"], f"threshold {_signed(tau['value'])}", along="y")
        left.set(xlabel="log₁₀ late drift of z_H", ylabel="examples", title=name_of(tag))
        legend_below(left)
        table = rows_of(tables["thresholds"], tag)
        for letter in "ABCD":
            right.plot(table["tau"], table[f"n{letter}"], color=CELL[letter], label=MEANING[letter])
        style.theory_level(right, tau["value"], "", along="y")
        right.set(xlabel="threshold, log₁₀ drift", ylabel="examples in the cell", title="Every threshold")
        legend_below(right)
    style.letters(axes)
    style.conclude(drawing, _conclusion(scalars))
    return drawing


def _conclusion(scalars: Mapping[Any, Mapping[Any, Any]]) -> str:
    """Return the sentence about the last table shown: the share that settles, and the evidence of two modes."""
    settled = scalars["converged"]
    share = style.interval(*(100 * settled[end] for end in ("value", "ci_low", "ci_high")))
    modes = "two modes" if scalars["bimodal"]["value"] else "no evidence of two modes"
    return f"{share} % of the examples drift less than the threshold at the end; the drifts show {modes}"


def _signed(value: float) -> str:
    """Return a number with two decimals and a minus sign like that of the axis labels."""
    return f"{value:.2f}".replace("-", "−")


def _span(values: pd.Series) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)
