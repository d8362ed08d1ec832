"""A ring: the phases of one run at the end, and how constant each unit's phase is, beside the published chimera."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.oscillators import ring_solution, theory
from emergent_dynamics.oscillators.figures.against_time import over_runs
from emergent_dynamics.oscillators.findings.ring import IN_PHASE, late_means
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS

PLACE = "place from the middle of the coherent part (rad)"


@style.styled()
def draw(table: pd.DataFrame, profile: pd.DataFrame, config: Mapping[str, Any]) -> Figure:
    """Draw ring.csv and profile.csv of the runs that are chimeras, or of all runs if none is."""
    means = late_means(table)
    chimeras = means.index[means["chimera"]]
    shown = profile[profile["run"].isin(chimeras)] if len(chimeras) else profile
    one = shown[shown["run"] == shown["run"].iloc[0]]
    drawing, axes = style.figure(1000, 420, columns=2, gap=92)
    phases, along = axes.flat
    phases.plot(one["place"], one["phase"], "o", color=COLOURS["data"], markersize=3)
    phases.set(xlabel=PLACE, ylabel="phase from the mean field (rad)", ylim=(-np.pi, np.pi))
    phases.set_title(f"Run {one['run'].iloc[0]} at the end")
    mean = shown.groupby("place")["order"].mean()
    along.plot(mean.index, mean, "o", color=COLOURS["data"], markersize=3, label="mean over runs")
    if theory.expected_chimera(config):
        found = ring_solution.solve(config["modulation"], config["lag"])
        assert found is not None
        place = mean.index.to_numpy()
        known = np.minimum(np.abs(ring_solution.local(found, place)), 1)
        style.theory_line(along, place, known, "Abrams and Strogatz")
    along.set(
        xlabel=PLACE, ylabel="order in time of a unit", title="Order in time, second half", ylim=(0, 1.03)
    )
    along.legend(loc="best")
    style.letters(axes)
    sentence = f"{len(chimeras)} of {len(means)} runs are chimeras"
    if len(chimeras):
        sentence += f"; their order parameter is {over_runs(means.loc[chimeras, 'uniform'].to_numpy())}"
    elif (means["uniform"] > IN_PHASE).all():
        sentence += ": all end in phase"
    style.conclude(drawing, sentence)
    return drawing
