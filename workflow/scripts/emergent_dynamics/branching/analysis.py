"""Computes all findings of one trajectory in the current process."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emergent_dynamics.branching import recording
from emergent_dynamics.branching.exponents import Windows
from emergent_dynamics.branching.findings import (
    avalanches,
    graph,
    graph_avalanches,
    guessing,
    information,
    mean_field,
    raster,
    ratio,
    ratio_process,
    recorded_avalanches,
    recorded_information,
    recorded_ratio,
    renormalisation,
    response,
    scaling,
    surrogates,
)
from emergent_dynamics.branching.finite_size import Sizes
from emergent_dynamics.branching.recording import Settings
from emergent_dynamics.branching.stored import Trajectory
from emergent_dynamics.findings import Analysis


def analyse(trajectory: str | Path, parameters: Mapping[str, Any]) -> Analysis:
    """Return the tables and headlines of every finding, in the order of the summary.

    trajectory : path of a finished store. parameters : the complete experiment.
    """
    if parameters["source"] != "model":
        return _recorded(trajectory, parameters)
    t = Trajectory(trajectory)
    p = t.p
    windows = Windows.of_network(p.layers, p.cells, parameters["windows"])
    tables = avalanches.find(t.tallies, t.laws, p, windows)
    tables |= raster.find(t.activity, p, parameters["raster"], windows)
    tables |= mean_field.find(p.avalanches, p.seed, p.neurons)
    tables |= information.find(t.joint, p) | guessing.find(t.joint, p)
    tables |= ratio.find(t.activity, t.tallies, t.laws, parameters["seen"], p) | ratio_process.find(p.seed)
    tables |= response.find(t.activity, p)
    tables |= graph.find(t.graph_activity, t.graph_record, p.graph) | graph_avalanches.find(
        *t.graph_avalanches, p
    )
    headlines = avalanches.summarise(tables, p) | raster.summarise(tables, p) | mean_field.summarise(tables)
    headlines |= information.summarise(tables, p) | guessing.summarise(tables, p)
    headlines |= ratio.summarise(tables, p) | ratio_process.summarise(tables) | response.summarise(tables, p)
    headlines |= graph.summarise(tables, p.graph) | graph_avalanches.summarise(tables, p)
    if parameters["scaling"]["nodes"]:
        tables |= scaling.find(p, Sizes.from_config(parameters["scaling"]))
        headlines |= scaling.summarise(tables)
    return Analysis(tables, headlines)


def _recorded(trajectory: str | Path, parameters: Mapping[str, Any]) -> Analysis:
    found, settings = recording.opened(trajectory), Settings.from_config(parameters)
    tables = recorded_avalanches.find(found, settings) | recorded_ratio.find(found, settings)
    headlines = recorded_avalanches.summarise(tables) | recorded_ratio.summarise(tables, found.time_unit)
    if found.given is None:
        tables |= surrogates.find(found, settings)
        headlines |= surrogates.summarise(tables)
    if found.units is not None:
        tables |= renormalisation.find(found, settings)
        headlines |= renormalisation.summarise(tables)
    if found.stimuli is not None:
        own = parameters["information"]
        window = tuple(own["window"])
        tables |= recorded_information.find(found, window, own["classes"], parameters["seed"])
        headlines |= recorded_information.summarise(tables, window, found.time_unit)
    return Analysis(tables, headlines)
