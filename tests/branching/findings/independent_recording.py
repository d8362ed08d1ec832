"""The headlines of a recording by another path: loops over dictionaries, zeta by its sum and Euler's tail."""

import collections
import functools

import numpy as np
import zarr
from scipy import optimize

from emergent_dynamics import streams

SUMMED = 20_000  # terms before the tail


@functools.cache
def activity(trajectory, kept=None):
    """Events per row, of the units kept."""
    time, unit = (zarr.open_array(f"{trajectory}/event/{name}", mode="r")[...] for name in ("time", "unit"))
    attrs = zarr.open_group(str(trajectory), mode="r").attrs
    counts = collections.Counter(
        round(t / float(attrs["time_step"]))
        for t, u in zip(time, unit, strict=True)
        if kept is None or u in kept
    )
    return np.array(
        [counts[row] for row in range(round(float(attrs["duration"]) / float(attrs["time_step"])))]
    )


@functools.cache
def avalanches(trajectory):
    """(size, duration) of what lies between rows without events."""
    found, size, duration, whole = [], 0, 0, False
    for a in activity(trajectory):
        if a == 0:
            if duration and whole:
                found.append((size, duration))
            size, duration, whole = 0, 0, True
        elif whole:
            size, duration = size + int(a), duration + 1
    return found


def mean_log(a, lowest):
    """E[ln x] of x^-a from `lowest` on: sums of 20,000 terms, and the tails by Euler and Maclaurin."""
    x = np.arange(lowest, SUMMED, dtype=float)
    m, ln = float(SUMMED), np.log(SUMMED)
    total = (x**-a).sum() + m ** (1 - a) / (a - 1) + m**-a / 2 + a * m ** (-a - 1) / 12
    logs = (np.log(x) * x**-a).sum() + m ** (1 - a) * (ln / (a - 1) + 1 / (a - 1) ** 2)
    logs += ln * m**-a / 2 + (a * ln - 1) * m ** (-a - 1) / 12
    return logs / total


def exponent(numbers, lowest):
    inside = np.array([n for n in numbers if n >= lowest], float)
    return optimize.brentq(lambda a: mean_log(a, lowest) - np.log(inside).mean(), 1.01, 12, xtol=1e-14)


def tau(trajectory, tables, parameters):
    return exponent([size for size, _ in avalanches(trajectory)], parameters["criticality"]["sizes"][0])


def alpha(trajectory, tables, parameters):
    return exponent([d for _, d in avalanches(trajectory)], parameters["criticality"]["durations"][0])


def gamma(trajectory, tables, parameters):
    by_duration = collections.defaultdict(list)
    for size, duration in avalanches(trajectory):
        by_duration[duration].append(size)
    lowest = parameters["criticality"]["durations"][0]
    used = {d: np.mean(s) for d, s in by_duration.items() if d >= lowest and len(s) >= 10}
    return np.polyfit(np.log(list(used)), np.log(list(used.values())), 1)[0]


def dcc(*arguments):
    return abs(gamma(*arguments) - (alpha(*arguments) - 1) / (tau(*arguments) - 1))


def part(trajectory, parameters):
    """Activity of the units whose uniform numbers are smallest."""
    units = sorted(set(zarr.open_array(f"{trajectory}/event/unit", mode="r")[...].tolist()))
    u = streams.uniform(parameters["seed"], "branching.recording", 0, 0, len(units))
    kept = sorted(range(len(units)), key=lambda i: u[i])[: round(parameters["seen"] * len(units))]
    return activity(trajectory, frozenset(units[i] for i in kept))
