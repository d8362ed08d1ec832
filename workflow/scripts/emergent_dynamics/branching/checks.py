"""Checks of a branching experiment that involve several keys or the content of files, which the schema cannot
express.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from emergent_dynamics.branching import brought
from emergent_dynamics.branching.brought import COLUMNS
from emergent_dynamics.inputs.array import Unusable
from emergent_dynamics.inputs.conditions import Shape, Wanted, faults
from emergent_dynamics.inputs.content import exists
from emergent_dynamics.inputs.files import opened

STEPS_UNIT = 1000  # `steps` is a multiple of it, since the raster is stored in blocks
SHAPES: Mapping[str, Mapping[str, Shape]] = {
    "raster": {"(time, unit)": (None, None)},
    "spikes": {"(event,)": (None,), "(event, 1)": (None, 1), "(event, 2)": (None, 2)},
    "counts": {"(time,)": (None,), "(time, 1)": (None, 1)},
    "sizes": {"(avalanche,)": (None,), "(avalanche, 1)": (None, 1), "(avalanche, 2)": (None, 2)},
}
LATEST = 2.0**53  # largest time; beyond it not even whole numbers are exact
LOWEST = {"raster": 0.0, "counts": 0.0, "sizes": 1.0, "spikes": -LATEST}
LARGEST = 2.0**31 - 1  # largest count, size or number of a unit
MOMENTS = {"time", "t", "step", "frame", "bin", "index"}  # names of a column that is no unit of a raster


def check(experiment: Mapping[str, Any]) -> Iterator[tuple[str, object, str]]:
    """Yield (key, value, what is allowed) for every combination of values that cannot be simulated or analysed."""
    yield from _windows(experiment["criticality"])
    if experiment["source"] != "model":
        yield from _recording(experiment["source"], experiment["recording"])
        yield from _bin(experiment)
        yield from _stimuli(experiment)
        return
    for key in ("path", "stimuli"):
        if experiment["recording"][key] is not None:
            yield f"recording.{key}", experiment["recording"][key], "absent, as source is model"
    neurons, sigma = experiment["neurons"], experiment["sigma"]
    widths = neurons if isinstance(neurons, list | tuple) else [neurons]
    if len(widths) not in (1, experiment["layers"]):
        yield "neurons", neurons, f"must be one number, or {experiment['layers']} of them, one per layer"
    yield from _spontaneous("spontaneous", experiment["spontaneous"], sigma)
    film = experiment["film"]
    yield from _spontaneous("film.spontaneous", film["spontaneous"], film["sigma"])
    if experiment["steps"] < 4 * experiment["layers"]:
        yield "steps", experiment["steps"], "must be at least 4 times `layers`"
    for key, values in (("sigma", sigma), ("film.sigma", film["sigma"])):
        if experiment["rule"] == "noisy_or" and max(values) > min(widths):
            yield (
                key,
                max(values),
                "must be at most `neurons` with rule noisy_or (sigma / N is a probability)",
            )
    inputs = experiment["inputs"]
    if inputs is not None and not inputs[0] < inputs[1] <= widths[0]:
        yield (
            "inputs",
            inputs,
            "must be two numbers, the first smaller, the second at most `neurons` (of the first layer)",
        )
    train = experiment["train"]
    if train["interval"] and train["neurons"] > widths[0]:
        yield "train.neurons", train["neurons"], "must be at most `neurons` (of the first layer)"
    yield from _fitted(experiment["windows"], experiment["layers"])
    if experiment["raster"]["bin"] > experiment["steps"] // 4:
        yield "raster.bin", experiment["raster"]["bin"], "must be at most a quarter of `steps`"
    graph, nodes = experiment["graph"], experiment["scaling"]["nodes"]
    used = [("graph.sigma", graph["sigma"])] + [("scaling.sigma", experiment["scaling"]["sigma"])] * bool(
        nodes
    )
    for key, values in used:
        if graph["weights"] == "equal" and max(values) > graph["degree"]:
            yield key, max(values), "must be at most `graph.degree` (sigma / degree is a probability)"
    if len(nodes) in (1, 2):
        yield "scaling.nodes", nodes, "at least three numbers of nodes, or none"


def _fitted(windows: Mapping[str, Any], layers: int) -> Iterator[tuple[str, object, str]]:
    for name, window in windows.items():
        if window is None:
            continue
        if not window[0] < window[1]:
            yield f"windows.{name}", window, "must be two numbers, the first smaller"
        elif name != "tau" and window[1] >= layers:
            yield (
                f"windows.{name}",
                window,
                f"must end below {layers}: longer avalanches reach the last layer",
            )


def _spontaneous(key: str, value: Any, sigma: Any) -> Iterator[tuple[str, object, str]]:
    if isinstance(value, list | tuple) and len(value) != len(sigma):
        yield key, value, f"must be one number, or {len(sigma)} of them, one per sigma"


def _windows(own: Mapping[str, Any]) -> Iterator[tuple[str, object, str]]:
    for key in ("sizes", "durations"):
        low, high = own[key]
        if high is not None and high < (low or 1) + 1:
            yield f"criticality.{key}", own[key], "lowest, highest: the second larger than the first"


def _bin(experiment: Mapping[str, Any]) -> Iterator[tuple[str, object, str]]:
    """Check that a bin width given in units of time is a whole number of time steps, where the recording has time
    steps.
    """
    width, step = experiment["criticality"]["bin"], experiment["recording"]["time_step"]
    if experiment["source"] not in ("raster", "counts") or isinstance(width, Mapping):
        return
    steps = width / step
    if round(steps) < 1 or abs(steps - round(steps)) > 1e-9 * steps:
        allowed = f"a multiple of recording.time_step, {step:g}, or {{intervals: a number above 0}}"
        yield "criticality.bin", width, allowed


def _recording(source: str, own: Mapping[str, Any]) -> Iterator[tuple[str, object, str]]:
    path = own["path"]
    if path is None:
        yield "recording.path", None, f"a file, as source is {source}"
        return
    if not exists(path):
        return  # the configuration itself reports a missing file
    whole = source != "spikes"
    wanted = Wanted(SHAPES[source], LOWEST[source], LARGEST if whole else LATEST, integers=whole)
    found = list(_names(source, path)) or list(faults("recording.path", path, wanted))  # names say more
    yield from found
    if source == "spikes" and not found:
        yield from _units(path)


def _stimuli(experiment: Mapping[str, Any]) -> Iterator[tuple[str, object, str]]:
    """Check the file of stimuli, and the window in which events are counted after them."""
    path, window = experiment["recording"]["stimuli"], experiment["information"]["window"]
    if path is None:
        if window is not None:
            yield "information.window", window, "absent, as recording.stimuli is none"
        return
    if experiment["source"] == "sizes":
        yield "recording.stimuli", path, "absent, as source is sizes"
        return
    if window is None or not window[0] < window[1]:
        yield "information.window", window, "two times after a stimulus, [start, end], the first smaller"
        return
    found = list(faults("recording.stimuli", path, Wanted({"(trial, 2)": (None, 2)})))
    yield from found
    if found or not exists(path):
        return
    array = opened(path)
    names = [name.lower() for name in array.columns]
    if names and not {"time", "label"} <= set(names):
        yield "recording.stimuli", path, f"a table with the columns time and label; it has {', '.join(names)}"
        return
    labels = np.asarray(array.load()[:, names.index("label") if names else 1])
    if (labels != np.trunc(labels)).any() or np.abs(labels).max() > LARGEST or np.ptp(labels) == 0:
        yield "recording.stimuli", path, "a file with at least two labels, which are whole numbers"
    elif exists(experiment["recording"]["path"] or ""):
        yield from _shown(experiment, np.asarray(array.load()[:, names.index("time") if names else 0]))


def _shown(experiment: Mapping[str, Any], onset: np.ndarray) -> Iterator[tuple[str, object, str]]:
    """Check that the recording has times at which a stimulus (trial,) can have an effect."""
    own, (low, high) = experiment["recording"], experiment["information"]["window"]
    try:
        if experiment["source"] == "spikes":
            first, last = brought.ends(own["path"])
            inside = (onset + high > first) & (onset + low <= last)
        else:  # a window that leaves the recording is no trial
            first, last = 0.0, own["time_step"] * opened(own["path"]).shape[0]
            inside = (onset + low >= first) & (onset + high <= last)
    except Unusable:
        return  # another check reports it
    if not inside.any():
        allowed = f"times of the recording, which extends from {first:g} to {last:g} {own['time_unit']}"
        yield "recording.stimuli", own["stimuli"], f"{allowed}; all windows lie outside"


def _misnamed(source: str, names: list[str]) -> str:
    """Return what a table with these columns must be instead, or "" if they are columns of such a recording."""
    if not names:
        return ""
    if source == "raster":
        strange = sorted(MOMENTS & set(names))
        return f"a table whose columns are units; it has the column {strange[0]}" if strange else ""
    first, second = COLUMNS[source]
    found = f"it has {', '.join(names)}"
    if first not in names:
        return f"a table with the column {first}; {found}"
    return "" if set(names) <= {first, second} else f"a table of the columns {first} and {second}; {found}"


def _names(source: str, path: str) -> Iterator[tuple[str, object, str]]:
    """Check the names of the columns of a table; a file that cannot be read is reported by others."""
    if source == "counts":
        return
    try:
        names = [name.lower() for name in opened(path).columns]
    except Unusable:
        return
    if fault := _misnamed(source, names):
        yield "recording.path", path, fault


def _units(path: str) -> Iterator[tuple[str, object, str]]:
    """Check that the numbers of units are whole numbers from 0 on."""
    try:
        array = opened(path)
        names = [name.lower() for name in array.columns]
        if len(array.shape) == 2 and array.shape[1] == 2:
            units = array.load()[:, names.index("unit") if "unit" in names else 1]
            if (units != units.astype(int)).any() or units.min() < 0 or units.max() > LARGEST:
                yield "recording.path", path, "a file whose units are whole numbers from 0 on"
    except Unusable as error:
        yield "recording.path", path, f"a file of numbers; it {error}"
