"""Memory and time that a job of this system needs, from the size of its experiment; imports nothing heavy, since the
Snakefile imports it.
"""

from collections.abc import Mapping
from typing import Any

LIBRARIES = 360  # MB of NumPy, SciPy, Numba, pandas, xarray
PIECE = 100  # steps of a film whose brightnesses are computed together
BLOCK = 64  # MB of two blocks of the raster and their pieces while they are written


EVENT = 48  # bytes per event: time, unit, their order, the bin, the series and its counts
BIN = 64  # bytes per bin: the series at half of the width, the sums over it, a shuffled copy
MOST = 1e18  # bins; a finite number instead of the infinite one that a bin of no width would give


def _recording(experiment: Mapping[str, Any]) -> int:
    """Return an upper bound in bytes: events, bins, and the file itself where it can only be read as a whole."""
    from emergent_dynamics.branching import brought
    from emergent_dynamics.inputs.conditions import memory

    source, path = experiment["source"], experiment["recording"]["path"]
    return EVENT * brought.events(source, path) + round(BIN * _bins(experiment)) + 2 * memory(path)


def _bins(experiment: Mapping[str, Any]) -> float:
    """Return the number of bins of spikes; that of a record with time steps is at most the number of its rows."""
    from emergent_dynamics.branching import brought
    from emergent_dynamics.inputs.conditions import shape_of

    source, path = experiment["source"], experiment["recording"]["path"]
    width = experiment["criticality"]["bin"]
    rows = float(shape_of(path)[0])
    if source != "spikes":
        return 0.0 if source == "sizes" else rows
    bins = rows / width["intervals"] if isinstance(width, Mapping) else brought.span(path) / width
    return min(bins, MOST)


def _widest(experiment: Mapping[str, Any]) -> int:
    neurons = experiment["neurons"]
    return max(neurons) if isinstance(neurons, list | tuple) else neurons


def mem_mb(experiment: Mapping[str, Any]) -> int:
    """Return the memory in MB. The raster and its activity are processed in blocks; in memory are the activity of the
    graph, and a share of silent frames for every four depths of the network.
    """
    if experiment["source"] != "model":
        return round(LIBRARIES + BLOCK + _recording(experiment) / 1e6)
    frames = experiment["steps"] * experiment["runs"]
    shares = (
        48 * frames / (4 * experiment["layers"])
    )  # of findings.raster: BLOCK; and copies for their interval
    graph = experiment["graph"]
    members = len(graph["sigma"]) * len(graph["drive"]) * experiment["runs"]
    recurrent = members * (16 * graph["steps"] + 9 * graph["nodes"])
    records = len(graph["sigma"]) * experiment["runs"]
    recurrent += records * (12 * graph["record"]["steps"] + 9 * graph["nodes"] + 8 * 65 * 64)
    tables = 16 * len(graph["sigma"]) if graph["weights"] != "equal" else 16
    recurrent += experiment["runs"] * (tables * graph["nodes"] * graph["degree"] + 40 * graph["avalanches"])
    shapes = 24 * len(experiment["sigma"]) * experiment["runs"] * experiment["layers"] ** 2
    law = (
        48 * experiment["layers"] * _widest(experiment) ** 2
    )  # the joint law of size and count, one table per link
    sizes = 16 * len(experiment["sigma"]) * experiment["runs"] * experiment["layers"] * _widest(experiment)
    links = experiment["layers"] if isinstance(experiment["neurons"], list | tuple) else 1
    tables = (
        64 * len(experiment["sigma"]) * links * _widest(experiment) ** 2
    )  # alias tables, channels, joint tables
    megabytes = (shares + recurrent + shapes + law + sizes + tables) / 1e6
    return round(LIBRARIES + BLOCK + megabytes)


def scaling_mb(experiment: Mapping[str, Any]) -> int:
    """Return the memory in MB for the graph at its largest number of nodes: indices, targets and probabilities of its
    synapses.
    """
    graph, scaling = experiment["graph"], experiment["scaling"]
    synapses = max(scaling["nodes"], default=0) * graph["degree"]
    tables = 16 * len(scaling["sigma"]) + 24 if graph["weights"] != "equal" else 0
    drawn = 40 * scaling["avalanches"] + 16 * scaling["steps"]
    return round(LIBRARIES + BLOCK + (synapses * (40 + tables) + drawn) / 1e6)


def surrogates_mb(experiment: Mapping[str, Any]) -> int:
    """Return the memory in MB for surrogates: the recording, and a copy of its events at their new times."""
    return round(mem_mb(experiment) + _recording(experiment) / 1e6)


def clusters_mb(experiment: Mapping[str, Any]) -> int:
    """Return the memory in MB for coarse-graining: the recording, sums over pairs of units, and a piece of activity."""
    pairs, piece = 8 * 25 * 512**2, 8 * 4 * 512 * 20_000  # of coarse_graining: LARGEST, BLOCKS, PIECE
    return round(mem_mb(experiment) + (pairs + piece) / 1e6)


def film_mb(experiment: Mapping[str, Any]) -> int:
    """Return the memory in MB for films: twice a byte per cell of the stored windows, and a piece of a film."""
    film, layers = experiment["film"], experiment["layers"]
    panels, cells = len(film["sigma"]), layers * _widest(experiment)
    trials = film["trials"] * (layers + 3)  # steps of the guessing game, with the empty ones between trials
    stored = panels * (film["steps"] + 2 * trials)
    shown = (panels + 1) * (
        film["stretch"] * min(PIECE, max(film["steps"], trials)) + 200
    )  # and 100 frames on either side
    return round(LIBRARIES + BLOCK + cells * (2 * stored + shown) / 1e6)


def runtime(experiment: Mapping[str, Any]) -> int:
    """Return the time limit in minutes: ten, plus ten times the measured cost of the simulation (2 ns per layer and 10
    ns per synapse).
    """
    if experiment["source"] != "model":
        return 10 + _recording(experiment) // 10**9
    members = len(experiment["sigma"]) * experiment["runs"]
    chains = experiment["steps"] + experiment["avalanches"] + experiment["trials"]
    graph = experiment["graph"]
    driven = len(graph["sigma"]) * len(graph["drive"]) * experiment["runs"] * graph["steps"]
    recorded = len(graph["sigma"]) * experiment["runs"] * graph["record"]["steps"]
    seconds = (
        2e-9 * members * chains * experiment["layers"]
        + 1e-8 * (driven / 2 + recorded / 4) * graph["nodes"] * graph["degree"]
    )
    law = 1e-10 * len(experiment["sigma"]) * experiment["layers"] ** 2 * _widest(experiment) ** 3
    return round(10 + 10 * (seconds + law) / 60)
