"""Avalanches between silent frames of the driven network, as experiments define them.

Sizes are in neurons, durations in bins of frames.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exact, exponents, theory
from emergent_dynamics.branching.exponents import Windows
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tables import bounds, label, measured, row, shown
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate, bounded_mean_interval, mean_interval

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
    bins = activity.size // frames_per_bin
    binned = activity[: bins * frames_per_bin].reshape(bins, frames_per_bin).sum(1, dtype=np.int64)
    change = np.diff((binned > threshold).astype(np.int8))
    starts, stops = np.flatnonzero(change == 1) + 1, np.flatnonzero(change == -1) + 1
    stops = stops[stops > starts[0]] if starts.size else starts
    starts = starts[: stops.size]
    total = np.append(0, np.cumsum(binned))
    return total[stops] - total[starts], stops - starts


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
        runs = [raster_avalanches(run, raster["threshold"], raster["bin"]) for run in seen]
        sizes, durations = (np.concatenate(parts) for parts in zip(*runs, strict=True))
        fitted = exponents.fit(np.bincount(sizes, minlength=windows.tau[1] + 1), *windows.tau)
        driven = exact.raster(exact.links(sigma, p.widths, p.rule, spontaneous), p.layers, p.train)
        entry = {"sigma": sigma, "rule": p.rule, "spontaneous": spontaneous, "n": sizes.size, **raster}
        silent = silent_share(seen, p.layers)
        entry |= bounds("p_silent", silent) | {"p_silent_exact": driven.silent, "blocks": silent.n}
        entry |= bounds("mean_size", mean_interval(sizes))
        entry |= {"mean_duration": mean_interval(durations).value}
        entry["tau_window"] = "{}-{}".format(*windows.tau)
        rows.append(entry | bounds("tau", fitted.estimate) | {"reason": fitted.reason})
    return {"raster": pd.DataFrame(rows)}


def silent_share(activity: np.ndarray, layers: int) -> Estimate:
    """Return the share of silent frames of activity (run, time).

    Frames closer than `layers` depend on each other, so the interval treats blocks of them as the sample.
    """
    blocks = max(1, activity.shape[1] // (BLOCK * layers))
    value = float((activity == 0).mean())
    shares = [(block == 0).mean() for run in activity for block in np.array_split(run, blocks)]
    sample = bounded_mean_interval(np.array(shares))
    lo, hi = (min(1.0, max(0.0, value + end - sample.value)) for end in (sample.lo, sample.hi))
    return Estimate(value, lo, hi, sample.n, sample.standard_error)


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
