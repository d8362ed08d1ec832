"""Compute all findings of one trajectory in this process; in the workflow each finding is a job of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emergent_dynamics import store
from emergent_dynamics.causal import groups, resources
from emergent_dynamics.causal.findings import (
    capture,
    centres,
    counts,
    heads,
    leaders,
    lifetime,
    limits,
    lineage,
    order,
    plateaus,
    thresholds,
)
from emergent_dynamics.causal.parameters import chord_gap
from emergent_dynamics.findings import Analysis


def analyse(trajectory: str | Path, parameters: Mapping[str, Any]) -> Analysis:
    """Tables and headlines of a finished trajectory store.

    parameters : the complete experiment, as the schema resolves it. Groups and order parameters of all frames are
    held in memory: 4 bytes per token, frame and run.
    """
    x = store.open_complete(trajectory)
    beta = float(parameters["beta"])
    grouped = groups.compute(x, chord_gap(parameters["gap"], beta))
    captured = capture.measure(x, beta, parameters["capture"])
    measured = order.measure(x, beta)
    lives = lifetime.find(grouped, x, parameters)
    tables = (
        leaders.find(grouped)
        | centres.find(x, grouped, beta, parameters["centres"])
        | thresholds.find(x, grouped, beta)
        | counts.find(grouped)
        | capture.find(captured)
        | lineage.find(grouped)
        | plateaus.find(grouped)
        | {name: table for name, table in lives.items() if len(table)}
        | order.find(measured, parameters)
    )
    headlines = (
        leaders.summarise(tables["leaders"], parameters)
        | centres.summarise(tables["centres"], parameters)
        | thresholds.summarise(tables["thresholds"], parameters)
        | counts.summarise(grouped, parameters)
        | capture.summarise(captured, parameters)
        | lineage.summarise(tables["lineage"], grouped)
        | plateaus.summarise(tables["plateaus"], grouped)
        | lifetime.summarise(lives, grouped, parameters)
        | order.summarise(measured, parameters)
    )
    value = limits.value_of(x, parameters)
    if value is not None:
        tables |= limits.find(x, value)
        headlines |= limits.summarise(tables["limits"], parameters, value)
    if "heads" in resources.findings(parameters):
        tables |= heads.find(x, parameters)
        headlines |= heads.summarise(tables["heads"])
    return Analysis(tables, headlines)
