"""Compute all findings of one trajectory in this process: what `findings.analyse` returns."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emergent_dynamics import store
from emergent_dynamics.findings import Analysis
from emergent_dynamics.oscillators import resources
from emergent_dynamics.oscillators.findings import (
    defects,
    energy,
    locking,
    lyapunov,
    order,
    projection,
    ring,
    spikes,
)

OF_A_TRAJECTORY = (order, energy, defects, spikes, locking, projection, ring, lyapunov)


def analyse(trajectory: str | Path, parameters: Mapping[str, Any]) -> Analysis:
    """The tables and headlines of a finished trajectory store; parameters : its complete experiment."""
    stored = store.open_complete(trajectory)
    tables: dict[str, Any] = {}
    headlines: dict[str, Any] = {}
    names = resources.findings(parameters)
    for finding in (one for one in OF_A_TRAJECTORY if one.__name__.rpartition(".")[2] in names):
        part = finding.find(stored, parameters)
        range_of = (energy.largest(stored, parameters),) if finding is energy else ()
        headlines |= finding.summarise(part, parameters, *range_of)
        tables |= part
    if resources.trains(parameters):
        part = _training(parameters)
        tables, headlines = tables | part[0], headlines | part[1]
    return Analysis(tables, headlines)


def _training(parameters: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    from emergent_dynamics.oscillators import classification  # imports torch: seconds
    from emergent_dynamics.oscillators.findings import training

    with tempfile.TemporaryDirectory() as folder:
        tables = training.find(classification.run(parameters, classification.Ledger(Path(folder), "")))
    return tables, training.summarise(tables, parameters)
