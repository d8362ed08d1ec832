"""Headlines of a world that has settled: which generations count, and what is known about them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.nca import theory
from emergent_dynamics.nca.theory import Anchor
from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline

SETTLED = 150  # generations after which the share of living cells no longer drifts, whatever the founders


def stationary(table: pd.DataFrame, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of the second half of the run, at most the generations 500 to 1000 from which the known values come."""
    end = min(parameters["generations"], 1000)
    return table[(table["generation"] >= end / 2) & (table["generation"] <= end)]


def headline(window: pd.DataFrame, name: str, unit: str, anchor: Anchor | None = None) -> Headline:
    """Mean over generations of each run, then over runs (Student's interval, none for a single run)."""
    per_run = window.groupby("run")[name].mean()
    estimate = mean_interval(per_run.to_numpy())
    note = "no generation with a net" if np.isnan(estimate.value) else None
    if anchor is None:
        return Headline(estimate.value, estimate.ci, estimate.n, unit, note=note)
    ok = bool(abs(estimate.value - anchor.value) <= anchor.tolerance)
    return Headline(estimate.value, estimate.ci, estimate.n, unit, anchor.value, anchor.source, ok, note)


def anchors(parameters: Mapping[str, Any]) -> dict[str, Anchor]:
    """The stationary values known for this world; none for another, or for a run too short to have settled."""
    same = all(parameters[key] == value for key, value in theory.STATIONARY_WORLD.items())
    if not same or parameters["generations"] < 1000:
        return {}
    shown = parameters.get("rwsp") == theory.RWSP_SHOWN
    return {name: known for name, known in theory.STATIONARY.items() if name != "rwsp" or shown}


def early_life(parameters: Mapping[str, Any]) -> Anchor | None:
    """The share of living cells known for generations 150 to 200 of some of the thesis' experiments."""
    known = theory.EARLY_ALIVE.get(tuple(parameters[key] for key in theory.EARLY_KEYS))
    others = theory.STATIONARY_WORLD.keys() - theory.EARLY_KEYS
    same = all(parameters[key] == theory.STATIONARY_WORLD[key] for key in others)
    if known is None or not same or parameters["generations"] < 200:
        return None
    return Anchor(known, theory.EARLY_TOLERANCE, theory.EARLY_SOURCE)


def dense_life(parameters: Mapping[str, Any]) -> Anchor | None:
    """The mean-field share of living cells, where it is more than a bound: the published rule, IP at least 0.5."""
    settled = parameters["generations"] >= 2 * SETTLED and parameters["rule"] == "thesis2024"
    if not settled or parameters["inheritance"] < 0.5 or parameters["catastrophe"]["every"]:
        return None
    expected = theory.mean_field_alive(parameters["inheritance"], float(parameters["budget"]))
    return Anchor(expected, theory.MEAN_FIELD_TOLERANCE, theory.MEAN_FIELD)
