"""Reads a recording of the user (raster, spike times, counts or avalanche sizes) into a store, part by part."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emergent_dynamics.branching.brought import column
from emergent_dynamics.inputs.files import opened, read
from emergent_dynamics.store import Variable

State = dict[str, np.ndarray]
PART = 1 << 22  # values that are read together
LOGS = {
    "event/time": ("float64", "time of an event"),
    "event/unit": ("int32", "unit of the event"),
    "bin/count": ("int64", "events in a time step"),
    "avalanche/size": ("int64", "size of an avalanche"),
    "avalanche/duration": ("int64", "duration of the avalanche, 0: not known"),
}
STIMULI = {"stimulus/time": "time of a stimulus", "stimulus/label": "label of the stimulus"}
HELD = {
    "raster": ("event/time", "event/unit"),
    "spikes": ("event/time", "event/unit"),
    "counts": ("bin/count",),
    "sizes": ("avalanche/size", "avalanche/duration"),
}


def stimuli(path: str | None) -> State:
    """Return the times and the labels of stimuli as the store keeps them; {} where no file is given."""
    if path is None:
        return {}
    array, values = opened(path), read(path)
    time, label = (values[:, column(array, "stimuli", number)] for number in (0, 1))
    return {"stimulus/time": time.astype(np.float64), "stimulus/label": label.astype(np.int64)}


class RecordingSimulation:
    """A user's file in the form that the driver takes (`driver.Simulation`): one part of its rows per frame."""

    stream_dim = "part"
    divisible = True
    horizon: tuple[str, ...] = ()

    def __init__(self, experiment: Mapping[str, Any]) -> None:
        self.source, self.own = experiment["source"], experiment["recording"]
        self.array = opened(self.own["path"])
        self.values = self.array.load()
        self.stimuli = stimuli(self.own["stimuli"])
        rows = self.array.shape[0]
        width = max(1, self.array.bytes // (rows * self.array.dtype.itemsize))
        whole = self.source == "spikes"  # all times are needed at once, to be sorted
        self.rows = rows if whole else max(1, PART // width)
        self.schedule = np.arange(-(-rows // self.rows))

    def variables(self) -> dict[str, Variable]:
        """The number of rows read so far, and the records of this kind of recording."""
        found = {
            "rows": Variable(("part",), (self.schedule.size,), "int64", "rows of the file read so far", "1")
        }
        for name in HELD[self.source]:
            dtype, text = LOGS[name]
            units = self.own["time_unit"] if name == "event/time" else "1"
            dims = (name.partition("/")[0],)
            found[name] = Variable(dims, (0,), dtype, text, units, kind="log", codec="table")
        for name, values in self.stimuli.items():
            units = self.own["time_unit"] if name == "stimulus/time" else "1"
            text, dims = STIMULI[name], (name.partition("/")[0],)
            found[name] = Variable(dims, values.shape, str(values.dtype), text, units, kind="static")
        return found

    def initial(self) -> State:
        """Return the first part of the file, and the stimuli."""
        return self._read(0, 1) | self.stimuli

    def advance(self, state: State, start: float, stop: float) -> State:
        """Return parts start + 1 to stop of the file."""
        return self._read(int(start) + 1, int(stop) + 1)

    def observe(self, state: State) -> dict[str, np.ndarray]:
        """Return the number of rows read so far."""
        return {"rows": state["rows"]}

    def finish(self, state: State) -> dict[str, np.ndarray]:
        """No final variables."""
        return {}

    def notes(self) -> dict[str, str]:
        """Return how the file was read; no engine computed it."""
        step = 0.0 if self.source in ("spikes", "sizes") else self.own["time_step"]
        duration = step * self.array.shape[0]
        return {
            "engine": "none",
            "device": "cpu",
            "engine_reason": "a recording is read, not simulated",
            "source": self.source,
            "time_step": repr(float(step)),
            "time_unit": self.own["time_unit"],
            "duration": repr(float(duration)),
        }

    def _read(self, first: int, after: int) -> State:
        low, high = first * self.rows, min(after * self.rows, self.array.shape[0])
        block = np.asarray(self.values[low:high])
        block = block if self.source in ("raster", "counts") else block.reshape(high - low, -1)
        return self._records(block, low) | {"rows": np.asarray(high, np.int64)}

    def _records(self, block: np.ndarray, low: int) -> State:
        if self.source == "counts":
            return {"bin/count": block.reshape(-1).astype(np.int64)}
        if self.source == "raster":
            row, unit = np.nonzero(block)
            often = block[row, unit].astype(np.int64)
            time = (low + np.repeat(row, often)) * float(self.own["time_step"])
            return {"event/time": time, "event/unit": np.repeat(unit, often).astype(np.int32)}
        first, second = (self._column(block, number) for number in (0, 1))
        if self.source == "sizes":
            return {"avalanche/size": first.astype(np.int64), "avalanche/duration": second.astype(np.int64)}
        order = np.argsort(first, kind="stable")
        return {"event/time": first[order].astype(np.float64), "event/unit": second[order].astype(np.int32)}

    def _column(self, block: np.ndarray, number: int) -> np.ndarray:
        place = column(self.array, self.source, number)
        return np.zeros(len(block)) if place is None else block[:, place]
