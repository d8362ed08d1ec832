"""The headlines of a recording by another path: loops over dictionaries, zeta by its sum and Euler's tail."""

import collections
import functools
import itertools
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


# ---------------------------------------------------------------- plausibility, surrogates, clusters


def hurwitz(a, q):
    """Sum of (q + k)^-a over k >= 0: 100 terms, and the tail by Euler and Maclaurin."""
    m = q + 100.0
    terms = sum((q + k) ** -a for k in range(100))
    return terms + m ** (1 - a) / (a - 1) + m**-a / 2 + a * m ** (-a - 1) / 12


def farthest(counts, lowest):
    """Largest distance of the distribution of {value: count} from `lowest` on from the law fitted to it."""
    inside = {x: n for x, n in sorted(counts.items()) if x >= lowest}
    a = exponent(np.repeat(list(inside), list(inside.values())), lowest)
    seen, most, total = 0, 0.0, sum(inside.values())
    for x, n in inside.items():
        seen += n
        most = max(most, abs(seen / total - 1 + hurwitz(a, x + 1) / hurwitz(a, lowest)))
    return most, a


def plausible(trajectory, parameters, which, window):
    """The same draws: how many of all lie in the window, their counts by value, then the counts below it."""
    counts = collections.Counter(found[which] for found in avalanches(trajectory))
    lowest, rng = parameters["criticality"][window][0], np.random.default_rng(parameters["seed"])
    (observed, a), far = farthest(counts, lowest), 0
    below = [n for x, n in sorted(counts.items()) if x < lowest]
    n = sum(counts.values())
    p = [(lowest + k) ** -a for k in range(SUMMED)] + [hurwitz(a, lowest + SUMMED)]
    for _ in range(parameters["criticality"]["resamples"]):
        inside = rng.binomial(n, 1 - sum(below) / n)
        often = rng.multinomial(inside, np.array(p) / sum(p))
        beyond = (lowest + SUMMED - 0.5) * rng.random(often[-1]) ** (-1 / (a - 1)) + 0.5
        rng.multinomial(n - inside, np.array(below) / sum(below))
        drawn = collections.Counter({lowest + k: m for k, m in enumerate(often[:-1].tolist()) if m})
        drawn.update(int(x) for x in beyond)
        far += farthest(drawn, lowest)[0] >= observed
    return far / parameters["criticality"]["resamples"]


def mean_size(active):
    """Events in the rows between two silent ones, per such stretch, those at the ends left out."""
    silent = [row for row, a in enumerate(active) if a == 0]
    stretches = [sum(active[a + 1 : b]) for a, b in itertools.pairwise(silent) if b > a + 1]
    return np.mean(stretches)


def surrogate(trajectory, tables, parameters, name):
    """Twice the smaller share of 19 surrogates, drawn with the same numbers, that is at least as far out."""
    time, unit = (zarr.open_array(f"{trajectory}/event/{part}", mode="r")[...] for part in ("time", "unit"))
    step, active = parameters["recording"]["time_step"], activity(trajectory)
    row, kind = np.rint(time / step).astype(int), name.rpartition("_")[2]
    rng = np.random.default_rng(
        (parameters["seed"], ["shuffled", "redrawn", "jittered", "rotated"].index(kind))
    )
    recorded, drawn = mean_size(active.tolist()), []
    for _ in range(parameters["criticality"]["surrogates"]):
        if kind == "shuffled":
            drawn.append(mean_size(rng.permutation(active).tolist()))
            continue
        if kind == "redrawn":
            moved = (rng.random(row.size) * active.size).astype(int)
        elif kind == "jittered":
            moved = np.rint(row + (rng.random(row.size) - 0.5) * parameters["criticality"]["jitter"]).astype(
                int
            )
        else:
            shift = dict(zip(sorted(set(unit.tolist())), rng.random(len(set(unit.tolist()))), strict=True))
            moved = np.array([int(r + shift[u] * active.size) for r, u in zip(row, unit, strict=True)])
        counted = collections.Counter((moved % active.size).tolist())
        drawn.append(mean_size([counted[r] for r in range(active.size)]))
    outside = min(sum(x >= recorded for x in drawn), sum(x <= recorded for x in drawn))
    return min(1.0, 2 * (1 + outside) / (1 + len(drawn)))


@functools.cache
def clustered(trajectory):
    """Slopes over clusters of 1 to 8 of the 32 most active units, pairs from even twentieths, measured in odd ones."""
    time, unit = (zarr.open_array(f"{trajectory}/event/{part}", mode="r")[...] for part in ("time", "unit"))
    attrs = zarr.open_group(str(trajectory), mode="r").attrs
    rows = round(float(attrs["duration"]) / float(attrs["time_step"]))
    row = np.rint(time / float(attrs["time_step"])).astype(int)
    counts = collections.Counter(unit.tolist())
    units = sorted(sorted(counts), key=lambda u: -counts[u])[:32]
    train = {u: np.bincount(row[unit == u], minlength=rows) for u in units}
    even = np.arange(rows) * 20 // rows % 2 == 0
    clusters, variance, silence = [(u,) for u in sorted(units)], [], []
    while True:
        activity = {c: sum(train[u] for u in c) for c in clusters}
        if len(clusters) >= 4:
            variance.append(np.mean([a[~even].var() for a in activity.values()]))
            silence.append(-math.log(np.mean([(a[~even] == 0).mean() for a in activity.values()])))
        if len(clusters) == 4:
            break
        matrix = np.corrcoef([a[even] for a in activity.values()])
        ordered = sorted(
            ((-matrix[i, j], i, j) for j in range(len(clusters)) for i in range(j)), key=lambda pair: pair[0]
        )
        alone, joined = set(range(len(clusters))), []
        for _, i, j in ordered:
            if {i, j} <= alone:
                alone -= {i, j}
                joined.append(clusters[i] + clusters[j])
        clusters = joined
    eigenvalues = np.mean(
        [
            np.sort(np.linalg.eigvalsh(np.cov([train[u][~even] for u in c], bias=True)))[::-1]
            for c in clusters
        ],
        axis=0,
    )
    x = np.log(2.0 ** np.arange(len(variance)))
    return {
        "variance": np.polyfit(x, np.log(variance), 1)[0],
        "silence": np.polyfit(x, np.log(silence), 1)[0],
        "spectrum": -np.polyfit(np.log(np.arange(1, 5)), np.log(eigenvalues[:4]), 1)[0],
    }


def clusters(trajectory, tables, parameters, name):
    return clustered(trajectory)[name.split("_")[1]]
