"""A recording in the form that findings take: events of units in time, events per time step, or sizes of avalanches.

Avalanches are sequences of bins above a threshold between bins that are not. The usual width of a bin in experiments
is the mean interval between events (Beggs & Plenz 2003, J Neurosci 23:11167).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from emergent_dynamics import store, streams

LONGEST = 200  # bins; longer avalanches are not used for shapes
STREAM = "branching.recording"


@dataclass(frozen=True)
class Settings:
    """How a recording is analysed.

    bin : a width in the unit of time of the recording, or {"intervals": c} for c mean intervals between events.
    sizes, durations : lowest and highest value of the fits; None as the lowest means that it is searched, None as the
    highest that there is no upper end. lags : largest number of bins in the multistep regression. seen : share of the
    units in the observed part. resamples : number of samples that are drawn from a fitted law, with whose deviations
    that of the data is compared. surrogates : number of surrogates of each kind. jitter : range in bins over which an
    event is moved.
    """

    threshold: int
    bin: float | Mapping[str, float]
    sizes: tuple[int | None, int | None]
    durations: tuple[int | None, int | None]
    lags: int
    seen: float
    seed: int
    resamples: int = 0
    surrogates: int = 0
    jitter: float = 10.0

    @classmethod
    def from_config(cls, experiment: Mapping[str, Any]) -> "Settings":
        """Return the settings of a complete experiment."""
        own = experiment["criticality"]
        return cls(
            own["threshold"],
            own["bin"],
            tuple(own["sizes"]),
            tuple(own["durations"]),
            own["lags"],
            experiment["seen"],
            experiment["seed"],
            own["resamples"],
            own["surrogates"],
            own["jitter"],
        )


class Avalanches(NamedTuple):
    """Avalanches: sizes, durations (avalanche,) int64 in events and bins; durations is None where it is not known.

    profile : (d, bin) summed activity of avalanches of d bins, d up to `LONGEST`; None without activity.
    """

    sizes: np.ndarray
    durations: np.ndarray | None
    profile: np.ndarray | None


@dataclass(frozen=True)
class Recording:
    """A recording: times (event,) in order and units (event,) of events, or counts (step,), or given avalanches.

    step : time between two rows of a raster or of counts, 0 for times that are not multiples of a step. duration : of
    the recording. stimuli : times (trial,) and labels (trial,) of stimuli. time_unit : of all times.
    """

    times: np.ndarray | None = None
    units: np.ndarray | None = None
    counts: np.ndarray | None = None
    given: Avalanches | None = None
    step: float = 0.0
    duration: float = 0.0
    stimuli: tuple[np.ndarray, np.ndarray] | None = None
    time_unit: str = "step"

    @property
    def events(self) -> int:
        """The number of events."""
        if self.times is not None:
            return self.times.size
        return int(self.counts.sum()) if self.counts is not None else 0

    def mean_interval(self) -> float:
        """Return the mean time between successive distinct times at which there are events; NaN with fewer than two
        of them.
        """
        if self.counts is not None:
            moments = np.flatnonzero(self.counts) * self.step
        else:
            moments = np.unique(self.times) if self.times is not None else np.empty(0)
        return float((moments[-1] - moments[0]) / (moments.size - 1)) if moments.size > 1 else np.nan

    def width(self, bin: float | Mapping[str, float], times: float = 1.0) -> float:
        """Return the width of a bin in the unit of time: the setting multiplied by `times`, in whole steps if the
        recording has time steps.
        """
        wide = bin["intervals"] * self.mean_interval() if isinstance(bin, Mapping) else float(bin)
        wide *= times
        return max(1, round(wide / self.step)) * self.step if self.step and np.isfinite(wide) else wide

    def activity(self, width: float, seen: np.ndarray | None = None) -> np.ndarray:
        """Return (bin,) int64 the events per bin, of the units `seen` only if given.

        Bins begin at the first event, or at the start of a recording with time steps. The bin that the end of the
        recording cuts is left out.
        """
        if self.counts is not None:
            per_bin = round(width / self.step)
            whole = self.counts.size // per_bin * per_bin
            return self.counts[:whole].reshape(-1, per_bin).sum(1, dtype=np.int64)
        place, units = self.placed(width)
        if seen is not None:
            place = place[np.isin(units, seen)]
        return np.bincount(place, minlength=self.bins(width))

    def bins(self, width: float) -> int:
        """Return the number of whole bins of a recording of units."""
        if self.step:  # rows of a raster
            return round(self.duration / self.step) // round(width / self.step)
        times = self._events()[0]
        return int((times[-1] - times[0]) // width)

    def placed(self, width: float, ends: tuple[int, int] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return bin (event,) and unit (event,) of the events in whole bins, or in bins from ends[0] up to ends[1]."""
        times, units = self._events()
        first = 0.0 if self.step else times[0]
        low, high = ends or (0, self.bins(width))
        around = slice(
            *np.searchsorted(times, [first + (low - 1) * width, first + (high + 1) * width])
        )  # rounding cannot move an event by a whole bin
        times, units = times[around], units[around]
        if self.step:
            place = np.rint(times / self.step).astype(np.int64) // round(width / self.step)
        else:
            place = np.floor((times - first) / width).astype(np.int64)
        inside = (place >= low) & (place < high)
        return place[inside], units[inside]

    def responses(self, window: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
        """Return (trial,) labels and (trial,) int64 numbers of events from window[0] up to window[1] after a stimulus.

        Trials whose window leaves a recording with time steps are left out; where it has none its ends are not known.
        """
        if self.stimuli is None:
            raise ValueError("this recording has no stimuli")
        onset, label = self.stimuli
        low, high = onset + window[0], onset + window[1]
        if self.step:
            inside = (low >= 0) & (high <= self.duration)
            low, high, label = low[inside], high[inside], label[inside]
        moments, total = self._cumulative()
        slack = 1e-9 * self.step  # times of rows are multiples of the step only up to rounding
        places = (np.searchsorted(moments, edge - slack) for edge in (low, high))
        first, last = (total[place] for place in places)
        return label, last - first

    def _cumulative(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the times of events or of time steps, and the number of events before each and after the last."""
        if self.counts is not None:
            return np.arange(self.counts.size) * self.step, np.append(0, np.cumsum(self.counts))
        times = self._events()[0]
        return times, np.arange(times.size + 1)

    def part(self, share: float, seed: int) -> np.ndarray:
        """Return the numbers (unit,) of a random subset of the units that were active at least once; it has at least
        one unit.
        """
        units = np.unique(self._events()[1])
        order = np.argsort(streams.uniform(seed, STREAM, 0, 0, units.size))
        return np.sort(units[order[: max(1, round(share * units.size))]])

    def _events(self) -> tuple[np.ndarray, np.ndarray]:
        if self.times is None or self.units is None:
            raise ValueError("this recording has no events of single units")
        return self.times, self.units


def avalanches(activity: np.ndarray, threshold: int) -> Avalanches:
    """Return the sequences of bins with more than `threshold` events; those cut by an end of the recording are left
    out.
    """
    starts, durations, sizes = spans(activity, threshold)
    profile = np.zeros((LONGEST + 1, LONGEST), np.int64)
    for t in range(min(LONGEST, int(durations.max(initial=0)))):
        alive = (durations > t) & (durations <= LONGEST)
        np.add.at(profile[:, t], durations[alive], activity[starts[alive] + t])
    return Avalanches(sizes, durations, profile)


def spans(activity: np.ndarray, threshold: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (avalanche,) the first bin, the duration in bins and the size in events of each avalanche."""
    change = np.diff((activity > threshold).astype(np.int8))
    starts, stops = np.flatnonzero(change == 1) + 1, np.flatnonzero(change == -1) + 1
    stops = stops[stops > starts[0]] if starts.size else starts
    starts = starts[: stops.size]
    total = np.append(0, np.cumsum(activity))
    return starts, stops - starts, total[stops] - total[starts]


def opened(path: str | Path) -> Recording:
    """Return the recording in a finished store."""
    root = store.open_complete(path)
    step, duration = float(root.attrs["time_step"]), float(root.attrs["duration"])
    source, unit, stimuli = root.attrs["source"], root.attrs["time_unit"], None
    if (Path(path) / "stimulus").is_dir():
        shown = store.open_complete(path, "stimulus")
        stimuli = shown["time"].values, shown["label"].values
    if source == "counts":
        counts = store.open_complete(path, "bin")["count"].values
        return Recording(counts=counts, step=step, duration=duration, stimuli=stimuli, time_unit=unit)
    if source == "sizes":
        found = store.open_complete(path, "avalanche")
        durations = found["duration"].values
        known = durations if durations.size and durations.min() > 0 else None
        return Recording(given=Avalanches(found["size"].values, known, None))
    found = store.open_complete(path, "event")
    events = found["time"].values, found["unit"].values
    return Recording(*events, step=step, duration=duration, stimuli=stimuli, time_unit=unit)
