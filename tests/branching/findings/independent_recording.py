"""The headlines of a recording by another path: loops over dictionaries, zeta by its sum and Euler's tail."""

import collections
import functools
import math

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


def responses(trajectory, parameters):
    """[(label, class of the count)] of every trial, counted row by row; classes end at thirds of the sorted counts."""
    time, label = (
        zarr.open_array(f"{trajectory}/stimulus/{name}", mode="r")[...] for name in ("time", "label")
    )
    step = parameters["recording"]["time_step"]
    low, high = (round(edge / step) for edge in parameters["information"]["window"])
    events, found = activity(trajectory), []
    for onset, name in zip(time, label, strict=True):
        first = round(onset / step)
        found.append((int(name), int(events[first + low : first + high].sum())))
    ordered = sorted(count for _, count in found)
    most = parameters["information"]["classes"]
    edges = [ordered[math.ceil((len(ordered) - 1) * k / most)] for k in range(1, most)]
    return [(name, sum(count >= edge for edge in edges)) for name, count in found]


def plain(pairs):
    """Plug-in information in bits, and the number of distinct pairs, labels and classes."""
    both = collections.Counter(pairs)
    labels, counts = (collections.Counter(pair[i] for pair in pairs) for i in (0, 1))
    n = len(pairs)
    bits = sum(k / n * math.log2(k * n / labels[a] / counts[b]) for (a, b), k in both.items())
    return bits, len(both), len(labels), len(counts)


def information(trajectory, tables, parameters):
    """Miller and Madow's correction by hand; the sample is large enough for the classes that are asked for."""
    pairs = responses(trajectory, parameters)
    bits, both, labels, counts = plain(pairs)
    assert len(pairs) >= 20 * labels * parameters["information"]["classes"]
    return bits - (both - labels - counts + 1) / (2 * len(pairs) * math.log(2))


def by_chance(trajectory, tables, parameters):
    """Share of random orders of the labels, drawn one after the other, that give as much."""
    pairs = responses(trajectory, parameters)
    rng, labels = np.random.default_rng(parameters["seed"]), np.array([a for a, _ in pairs])
    names = np.unique(labels, return_inverse=True)[1]
    least = plain(pairs)[0] - 1e-12
    orders = (rng.permutation(names) for _ in range(999))
    return np.mean(
        [plain(list(zip(order.tolist(), (b for _, b in pairs), strict=True)))[0] >= least for order in orders]
    )
