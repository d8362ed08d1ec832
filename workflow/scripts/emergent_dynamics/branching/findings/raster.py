"""Avalanches between silent frames of the driven network, as experiments define them.

Sizes are in neurons, durations in bins of frames.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exact, exponents, series, theory
from emergent_dynamics.branching.exponents import Windows
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tables import bounds, label, measured, row, shown
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate, bounded_mean_interval

BLOCK = 4  # length of a block of frames, in depths of the network: neighbouring blocks are nearly independent

SILENT = {"threshold": 0, "bin": 1}


def raster_avalanches(
    activity: np.ndarray, threshold: float = 0.0, frames_per_bin: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return sizes (neurons) and durations (bins) of sequences of bins above `threshold` that lie between silent
    bins.

    activity : (time,) active neurons per frame. Sequences cut by either end of the record are left out. With a
    threshold above 0 the size still counts all activity in the sequence. Source: Beggs & Plenz 2003.
    """
    found = list(_avalanches(activity, threshold, frames_per_bin))
    sizes, durations = (np.concatenate([np.zeros(0, np.int64), *parts]) for parts in zip(*found, strict=True))
    return sizes, durations


def _avalanches(
    activity: np.ndarray, threshold: float, frames_per_bin: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Iterate over the sizes and durations of `raster_avalanches`, a piece of the activity at a time."""
    yield np.zeros(0, np.int64), np.zeros(0, np.int64)
    usable = activity.size // frames_per_bin * frames_per_bin
    length = max(1, series.PIECE // frames_per_bin) * frames_per_bin
    above, begun = True, np.zeros((2, 0), np.int64)  # the bin before; size and duration of what it belongs to
    for piece in series.pieces(activity, 0, usable, length):
        binned = piece.reshape(-1, frames_per_bin).sum(1, dtype=np.int64)
        loud = np.append(above, binned > threshold)
        change, total = np.diff(loud.astype(np.int8)), np.append(0, np.cumsum(binned))
        starts, stops = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
        if begun.size:
            starts = np.append(0, starts)
        elif above:
            stops = stops[1:]  # of a sequence that the start of the record cuts
        found = np.stack([total[stops] - total[starts[: stops.size]], stops - starts[: stops.size]])
        left = starts[stops.size :]
        rest = np.stack([total[-1] - total[left], binned.size - left])
        if begun.size:
            (found if stops.size else rest)[:, :1] += begun
        above, begun = bool(loud[-1]), rest
        yield found[0], found[1]


def find(
    activity: np.ndarray, p: Parameters, raster: Mapping[str, int] = SILENT, windows: Windows | None = None
) -> dict[str, pd.DataFrame]:
    """Return the table `raster`, one row per sigma: avalanches between silent bins of `activity` (sigma, run, time).

    This is the analysis of experimental data, for comparison. raster : `bin` is the number of frames per bin, and a
    bin with at most `threshold` active neurons counts as silent. With drive hardly any frame is empty (`p_silent`),
    so with threshold 0 separate avalanches merge and the result is not the causal avalanches; with a higher threshold
    it is the excursions above that threshold.
    """
    rows = []
    windows = windows or Windows.of_network(p.layers, p.cells)
    for sigma, spontaneous, seen in zip(p.sigma, p.spontaneous, activity, strict=True):
        found = functools.partial(_of_runs, seen, raster["threshold"], raster["bin"])
        histogram, n, steps = _counted(found(), windows.tau[1])
        fitted = exponents.fit(histogram, *windows.tau)
        driven = exact.raster(exact.links(sigma, p.widths, p.rule, spontaneous), p.layers, p.train)
        entry = {"sigma": sigma, "rule": p.rule, "spontaneous": spontaneous, "n": n, **raster}
        silent = silent_share(seen, p.layers)
        entry |= bounds("p_silent", silent) | {"p_silent_exact": driven.silent, "blocks": silent.n}
        entry |= bounds("mean_size", series.interval_of_mean(functools.partial(_sizes, found)))
        entry |= {"mean_duration": steps / n if n else np.nan}
        entry["tau_window"] = "{}-{}".format(*windows.tau)
        rows.append(entry | bounds("tau", fitted.estimate) | {"reason": fitted.reason})
    return {"raster": pd.DataFrame(rows)}


def _of_runs(
    activity: np.ndarray, threshold: float, frames_per_bin: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for run in activity:
        yield from _avalanches(run, threshold, frames_per_bin)


def _sizes(found: Callable[[], Iterable[tuple[np.ndarray, np.ndarray]]]) -> Iterator[np.ndarray]:
    yield from (sizes for sizes, _ in found())


def _counted(found: Iterable[tuple[np.ndarray, np.ndarray]], largest: int) -> tuple[np.ndarray, int, int]:
    """Return how many avalanches have each size up to `largest`, the number of all, and the sum of all durations."""
    histogram, n, steps = np.zeros(largest + 1, np.int64), 0, 0
    for sizes, durations in found:
        histogram += np.bincount(sizes[sizes <= largest], minlength=largest + 1)
        n, steps = n + sizes.size, steps + int(durations.sum())
    return histogram, n, steps


def silent_share(activity: np.ndarray, layers: int) -> Estimate:
    """Return the share of silent frames of activity (run, time).

    Frames closer than `layers` depend on each other, so the interval treats blocks of them as the sample.
    """
    blocks = max(1, activity.shape[1] // (BLOCK * layers))
    cuts = series.cuts(activity.shape[1], blocks)
    silent = np.concatenate([_silent_frames(run, cuts) for run in activity])
    value = float(silent.sum() / activity.size)
    sample = bounded_mean_interval(silent / np.tile(np.diff(cuts), len(activity)))
    lo, hi = (min(1.0, max(0.0, value + end - sample.value)) for end in (sample.lo, sample.hi))
    return Estimate(value, lo, hi, sample.n, sample.standard_error)


def _silent_frames(activity: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Return (block,) the silent frames of activity (time,) in the blocks between the cuts (block + 1,)."""
    count = np.zeros(cuts.size - 1, np.int64)
    some = max(1, series.PIECE // int(np.diff(cuts).max(initial=1)))  # blocks in memory
    for first in range(0, count.size, some):
        ends = cuts[first : first + some + 1]
        silent = activity[ends[0] : ends[-1]] == 0
        count[first : first + some] = np.add.reduceat(silent, ends[:-1] - ends[0], dtype=np.int64)
        series.release(activity)
    return count


def summarise(tables: Mapping[str, pd.DataFrame], p: Parameters) -> dict[str, Headline]:
    """Return headlines of the share of silent frames; where it is small, avalanches between silent frames have no
    meaning.
    """
    headlines = {}
    for sigma in shown(p.sigma):
        r = row(tables["raster"], sigma=sigma)
        headlines[f"silent_frames_{label(sigma)}"] = measured(
            r,
            "p_silent",
            "share",
            f"Share of frames of the driven network without any activity at σ = {sigma:g}",
            n="blocks",
            expectation=theory.expected_probability(r["p_silent_exact"]),
        )
    return headlines
