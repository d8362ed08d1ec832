"""Disagreement against time, beside what is exact."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS
from emergent_dynamics.voter import theory
from emergent_dynamics.voter.parameters import from_config


@style.styled()
def draw(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Figure:
    """consensus.csv with its band, and the exact mean."""
    drawing, [[axis]] = style.figure(700, 420)
    style.band(axis, table["time"], table["lo"], table["hi"])
    axis.plot(table["time"], table["disagreement"], color=COLOURS["data"], label="mean over runs, 95 %")
    exact = [theory.disagreement(from_config(parameters), int(t)).value for t in table["time"]]
    style.theory_line(axis, table["time"], exact, "exact")
    axis.set(xlabel="step", ylabel="probability that two voters disagree", ylim=(0, None))
    axis.legend()
    end = style.interval(*table.iloc[-1][["disagreement", "lo", "hi"]])
    style.conclude(drawing, f"At the end two voters disagree with probability {end}")
    return drawing
