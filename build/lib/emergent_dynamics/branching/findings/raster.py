"""Avalanches between silent frames of the driven network, as laboratories define them.

Sizes in neurons, durations in bins of frames.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exponents
from emergent_dynamics.branching.exponents import Windows
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline


def raster_avalanches(
    activity: np.ndarray, threshold: float = 0.0, frames_per_bin: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Sizes (neurons) and durations (bins) of runs of bins above `threshold` between silent ones.

    activity : (time,) active neurons a frame. Runs cut by either end of the record are left out. With a
    threshold the size is still all of the activity in the run. Source: Beggs & Plenz 2003.
    """
    bins = activity.size // frames_per_bin
    binned = activity[: bins * frames_per_bin].reshape(bins, frames_per_bin).sum(1, dtype=np.int64)
    change = np.diff((binned > threshold).astype(np.int8))
    starts, stops = np.flatnonzero(change == 1) + 1, np.flatnonzero(change == -1) + 1
    stops = stops[stops > starts[0]] if starts.size else stops[:0]
    starts = starts[: stops.size]
    total = np.append(0, np.cumsum(binned))
    return total[stops] - total[starts], stops - starts


def find(activity: np.ndarray, p: Parameters) -> dict[str, pd.DataFrame]:
    """`raster`, one row per sigma: avalanches between silent frames of `activity` (sigma, run, time), for parity with
    laboratory tools.

    With drive there is hardly a silent frame (`p_silent`), so these run into each other: they are not the
    causal avalanches.
    """
    rows = []
    windows = Windows.of_network(p.layers, p.cells)
    for sigma, spontaneous, seen in zip(p.sigma, p.spontaneous, activity, strict=True):
        runs = [raster_avalanches(run) for run in seen]
        sizes, durations = (np.concatenate(parts) for parts in zip(*runs, strict=True))
        size, duration = mean_interval(sizes), mean_interval(durations)
        entry = {
            "sigma": sigma,
            "rule": p.rule,
            "spontaneous": spontaneous,
            "n": sizes.size,
            "p_silent": (seen == 0).mean(),
        }
        entry |= {
            "mean_size": size.value,
            "mean_size_lo": size.lo,
            "mean_size_hi": size.hi,
            "mean_duration": duration.value,
        }
        fitted = exponents.fit(np.bincount(sizes, minlength=windows.tau[1] + 1), *windows.tau)
        lo, hi = fitted.interval()
        rows.append(entry | {"tau": fitted.exponent, "tau_lo": lo, "tau_hi": hi, "reason": fitted.reason})
    return {"raster": pd.DataFrame(rows)}


def summarise(tables: Mapping[str, pd.DataFrame], p: Parameters) -> dict[str, Headline]:
    """Nothing yet."""
    return {}
