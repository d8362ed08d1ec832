"""Every headline of the room by another path: plain NumPy on the stored arrays, loops instead of formulas."""

import itertools
import math

import numpy as np
import xarray as xr
from scipy import integrate, special

EXPERIMENT = {
    "height": 8,
    "width": 11,
    "channels": 3,
    "steps": 60,
    "runs": 9,
    "frequency": 0,
    "evolve_input": False,
    "step_size": 0.05,
    "boundary": {"x": "periodic"},
    "spike_threshold": 0.5,
    "save": {"every": 2},
    "local_radius": 1,
    "settled": 0.052,
    "projection": {"frames": 5, "points": 20},
    "training": {"enabled": True, "images": 100, "splits": 3, "noise": [0.4], "blur": [1], "epochs": 2},
}
UNCOVERED = {"convergence_time": "Student's mean over runs, as of the others counted; here no run settles"}


def brought(folder):
    """Phases of 8 recordings of 10 x 12 pixels over 30 frames: a random field that grows smooth."""
    rng = np.random.default_rng(6)
    start, smooth = rng.uniform(-np.pi, np.pi, (2, 8, 1, 1, 10, 12))
    share = np.linspace(0, 1, 30)[None, :, None, None, None]
    field = (1 - share) * np.exp(1j * start) + share * np.exp(0.3j * smooth)
    np.save(folder / "phases.npy", np.angle(field) + 2 * np.pi)
    shape = {"runs": 8, "channels": 1, "height": 10, "width": 12}
    own = {"path": str(folder / "phases.npy"), "time_step": 0.5, "time_unit": "s"}
    return {"source": "phases", "recording": own, "local_radius": 1, "settled": 1.6, **shape}


def opened(trajectory):
    return xr.open_zarr(trajectory)


def phases(trajectory):
    """(run, time, channel, y, x) rad"""
    return opened(trajectory)["theta"].values.astype(float)


def windows(theta, parameters):
    """(run, time, window) order parameter of each whole window, one at a time."""
    height, width = theta.shape[-2:]
    side = 2 * parameters["local_radius"] + 1
    down, across = min(side, height), min(side, width)
    tiles = [
        theta[..., y : y + down, x : x + across]
        for y in range(0, height - down + 1, down)
        for x in range(0, width - across + 1, across)
    ]
    shown = [np.hypot(np.cos(t).mean((2, 3, 4)), np.sin(t).mean((2, 3, 4))) for t in tiles]
    return np.stack(shown, -1)


def order(trajectory, frame):
    """Mean over runs of R in one frame, from the stored phases, which are rounded to 4.8e-5 rad."""
    theta = phases(trajectory)[:, frame].reshape(opened(trajectory).sizes["run"], -1)
    rounded = np.hypot(np.cos(theta).mean(1), np.sin(theta).mean(1))
    stored = opened(trajectory)["order"].values[:, frame]
    np.testing.assert_allclose(rounded, stored, atol=5e-5)
    return stored.mean()


def entropy(trajectory, tables, parameters):
    """In whole codes of 1/65536 turn: the edges of the 64 bins are codes, where rounding of rad would decide."""
    values = []
    for theta in phases(trajectory)[:, -1]:
        codes = np.rint((theta / (2 * np.pi) + 0.5) * 65536) % 65536
        counts, _ = np.histogram(codes, 64, (0, 65536))
        values.append(-sum(p * math.log(p) for p in counts / counts.sum() if p) / math.log(64))
    return np.mean(values)


def chimera(trajectory, tables, parameters):
    late = windows(phases(trajectory), parameters)[:, opened(trajectory).sizes["time"] // 2 :]
    return np.mean([np.var(frame, ddof=1) for run in late for frame in run]) * 36 / 5


def metastability(trajectory, tables, parameters):
    late = windows(phases(trajectory), parameters)[:, opened(trajectory).sizes["time"] // 2 :]
    return np.mean([np.var(series, ddof=1) for run in late for series in run.T]) * 12


def settled(trajectory, tables, parameters):
    """Walking back from the end for as long as the speed is below the level."""
    stored, times = opened(trajectory), []
    for speed in stored["speed"].values:
        k = len(speed)
        while k > 0 and speed[k - 1] < parameters["settled"]:
            k -= 1
        if k < len(speed):
            times.append(stored["time"].values[k])
    return np.mean(times) if times else math.nan


def stationary(trajectory, tables, parameters):
    stored = opened(trajectory)
    late = stored["time"].values >= stored["time"].values[-1] / 2
    return np.mean([run[late].mean() for run in stored["order"].values])


def rises(trajectory, tables, parameters):
    energies = opened(trajectory)["energy"].values
    return sum(b - a > 1e-9 * abs(b) for run in energies for a, b in itertools.pairwise(run))


def adjacency(parameters):
    """(unit, unit) of the lattice, entry by entry."""
    shape = parameters["channels"], parameters["height"], parameters["width"]
    closed = [parameters["boundary"][axis] == "periodic" for axis in ("channel", "y", "x")]
    links = np.zeros((math.prod(shape),) * 2)
    for cell in np.ndindex(*shape):
        for axis in range(3):
            other = list(cell)
            other[axis] += 1
            if closed[axis] or other[axis] < shape[axis]:
                other[axis] %= shape[axis]
                i, j = np.ravel_multi_index(cell, shape), np.ravel_multi_index(other, shape)
                links[i, j] = links[j, i] = 1
    return links


def step_bound(trajectory, tables, parameters):
    """By the largest eigenvalue of the adjacency matrix; NaN where Omega acts or the units are not a lattice's."""
    proven = (
        parameters["frequency"] == 0
        and parameters["natural"]["distribution"] == "none"
        and parameters["topology"] == "lattice"
        and parameters["normalise"] == "sum"
    )
    if not proven:
        return math.nan
    largest = np.linalg.eigvalsh(adjacency(parameters))[-1]
    return 1 / ((1 + largest) * parameters["coupling"] + parameters["bias"])


def energy_end(trajectory, tables, parameters):
    """From the stored phases by the adjacency matrix: rounding of phases by 4.8e-5 rad changes E by less than 1e-4."""
    stored = opened(trajectory)
    theta = phases(trajectory)[:, -1].reshape(stored.sizes["run"], -1)
    phi = stored["input_phase_end"].values.reshape(stored.sizes["run"], -1).astype(float)
    if parameters["topology"] == "lattice" and parameters["normalise"] == "sum":
        links = adjacency(parameters) / 2
        for run, (a, b) in enumerate(zip(theta, phi, strict=True)):
            pairs = (links * np.cos(a[:, None] - a[None, :])).sum()
            energy = -parameters["coupling"] * pairs - parameters["bias"] * np.cos(a - b).sum()
            assert abs(energy - stored["energy"].values[run, -1]) < 1e-5 * a.size
    return stored["energy"].values[:, -1].mean()


def turns(angles):
    """The winding of a closed path of phases, its steps wrapped by the arctangent."""
    steps = np.diff([*angles, angles[0]])
    return round(np.arctan2(np.sin(steps), np.cos(steps)).sum() / (2 * np.pi))


def vortices(trajectory, parameters, frame):
    """Mean over runs of the share of squares with a vortex."""
    theta = phases(trajectory)[:, frame]
    closed = [parameters["boundary"][axis] == "periodic" for axis in ("y", "x")]
    theta = np.pad(theta, ((0, 0), (0, 0), (0, closed[0]), (0, closed[1])), mode="wrap")
    shares = []
    for run in theta:
        squares = [
            turns([layer[y, x], layer[y, x + 1], layer[y + 1, x + 1], layer[y + 1, x]])
            for layer in run
            for y in range(layer.shape[0] - 1)
            for x in range(layer.shape[1] - 1)
        ]
        shares.append(np.mean(np.array(squares) != 0) if squares else np.nan)
    return np.mean(shares)


def violations(trajectory, tables, parameters):
    """Frames in which the steps round the rim do not sum to the windings of the squares."""
    table = tables["defects"]
    return int((table["positive"] - table["negative"] != table["boundary"]).sum())


def spikes(trajectory):
    """(run, time, unit) bool and times, unit by unit below."""
    stored = opened(trajectory)
    level = stored["spike"].values
    return level.reshape(*level.shape[:2], -1), stored["time"].values


def spike_rate(trajectory, tables, parameters):
    return np.mean([run[1:].mean() for run in spikes(trajectory)[0]])


def spike_events(trajectory, tables, parameters):
    level, _ = spikes(trajectory)
    counts = [
        sum(bool(now) and not (k and unit[k - 1]) for k, now in enumerate(unit))
        for run in level
        for unit in run.T
    ]
    return np.mean(counts)


def spike_silent(trajectory, tables, parameters):
    return np.mean([not unit.any() for run in spikes(trajectory)[0] for unit in run.T])


def last_spike(trajectory, tables, parameters):
    level, times = spikes(trajectory)
    means = [np.mean([times[np.flatnonzero(u)[-1]] for u in run.T if u.any()]) for run in level if run.any()]
    return np.mean(means) if means else math.nan


def plv(trajectory):
    """(run, pair) from the cosines and sines of differences."""
    theta = phases(trajectory)
    theta = theta.reshape(*theta.shape[:2], -1)[:, theta.shape[1] // 2 :]
    units = theta.shape[2]
    chosen = sorted({round(u) for u in np.linspace(0, units - 1, min(256, units))})
    pairs = []
    for run in theta[:, :, chosen]:
        cos, sin = np.cos(run), np.sin(run)
        even, odd = cos.T @ cos + sin.T @ sin, sin.T @ cos - cos.T @ sin  # sums of cos and sin of differences
        pairs.append(np.hypot(even, odd)[np.triu_indices(len(chosen), 1)] / len(run))
    return np.array(pairs)


def phase_locking(trajectory, tables, parameters):
    return plv(trajectory).mean()


def locked_pairs(trajectory, tables, parameters):
    return (plv(trajectory) >= 0.99).mean()


def explained(trajectory, tables, parameters):
    """By the singular values of all pixel-frames of a run."""
    shares = []
    for theta in phases(trajectory):
        x = np.stack([f(theta) for f in (np.cos, np.sin)], 1).reshape(len(theta), -1, theta[0, 0].size)
        flat = x.swapaxes(1, 2).reshape(-1, x.shape[1])
        values = np.linalg.svd(flat - flat.mean(0), compute_uv=False) ** 2
        shares.append(values[:2].sum() / values.sum())
    return np.mean(shares)


def right(tables, classifier, noise):
    """{features: (images named rightly, images)} from the confusion matrices."""
    table = tables["confusion"]
    table = table[(table["classifier"] == classifier) & (table["noise"] == noise)]
    return {
        name: (int(own.loc[own["true"] == own["predicted"], "count"].sum()), int(own["count"].sum()))
        for name, own in table.groupby("features")
    }


def of_name(name, prefix):
    classifier, _, noise = name.removeprefix(prefix).partition("_noise_")
    return classifier, float(noise)


def accuracy(trajectory, tables, parameters, name):
    hits, images = right(tables, *of_name(name, "accuracy_field_"))["field"]
    return hits / images


def gain(trajectory, tables, parameters, name):
    table = right(tables, *of_name(name, "dynamics_gain_"))
    hits, images = table.pop("field")
    return (hits - max(control for control, _ in table.values())) / images


RECOMPUTED = {
    "order_start": lambda trajectory, tables, parameters: order(trajectory, 0),
    "order_end": lambda trajectory, tables, parameters: order(trajectory, -1),
    "local_order_start": lambda t, tables, p: windows(phases(t), p)[:, 0].mean(),
    "local_order_end": lambda t, tables, p: windows(phases(t), p)[:, -1].mean(),
    "entropy_end": entropy,
    "chimera_index": chimera,
    "metastability_index": metastability,
    "convergence_time": settled,
    "order_stationary": stationary,
    "energy_rises": rises,
    "energy_step_bound": step_bound,
    "energy_end": energy_end,
    "defect_conservation_violations": violations,
    "defect_fraction_start": lambda t, tables, p: vortices(t, p, 0),
    "defect_fraction_end": lambda t, tables, p: vortices(t, p, -1),
    "spike_rate": spike_rate,
    "spike_events": spike_events,
    "spike_silent": spike_silent,
    "last_spike_time": last_spike,
    "phase_locking": phase_locking,
    "phase_locked_pairs": locked_pairs,
    "projection_explained": explained,
    "accuracy_field_*": accuracy,
    "dynamics_gain_*": gain,
}

REASONS: dict[str, str] = {}


def walk(n):
    """E|sum of n unit vectors| / n: Rayleigh's integral with the first correction, by Gamma functions.

    The density of x = |sum|^2 / n is exp(-x) (1 - (1 - 2 x + x^2 / 2) / 2 n), by its second moment 2 - 1 / n.
    """
    half = special.gamma(1.5)
    correction = (half - 2 * special.gamma(2.5) + special.gamma(3.5) / 2) / (2 * n)
    return (half - correction) / math.sqrt(n)


def window_units(parameters):
    side = 2 * parameters["local_radius"] + 1
    return parameters["channels"] * min(side, parameters["height"]) * min(side, parameters["width"])


def kuramoto(trajectory, tables, parameters):
    """Above K_c by a sum over Gaussian units instead of the closed form; below by an integral on a grid."""
    n = parameters["channels"] * parameters["height"] * parameters["width"]
    coupling = parameters["coupling"] * (1 if parameters["normalise"] == "mean" else n)
    assert parameters["natural"] == {"path": None, "distribution": "gaussian", "scale": 1}
    if coupling > math.sqrt(8 / math.pi):
        low, high = 0.05, 1.0
        while high - low > 1e-12:
            r = (low + high) / 2
            locked, _ = integrate.quad(
                lambda a, r=r: math.cos(a) ** 2 * math.exp(-((coupling * r * math.sin(a)) ** 2) / 2),
                -math.pi / 2,
                math.pi / 2,
                epsabs=1e-13,
            )
            low, high = (r, high) if coupling * locked / math.sqrt(2 * math.pi) > 1 else (low, r)
        return low

    def answer(w):
        """int g(v) / (i (w - v) + 0) dv = pi g(w) - i P int g(v) / (w - v) dv, the second by Dawson's function."""
        density = math.exp(-w * w / 2) / math.sqrt(2 * math.pi)
        return math.pi * density - 1j * math.sqrt(2) * special.dawsn(w / math.sqrt(2))

    def term(w):
        density = math.exp(-w * w / 2) / math.sqrt(2 * math.pi)
        return density / abs(1 - coupling / 2 * answer(w)) ** 2

    square, _ = integrate.quad(term, -12, 12, epsabs=1e-12, limit=400)
    return math.sqrt(math.pi / 4 * square / n)


EXPECTED = {
    "order_start": lambda t, tables, p: walk(p["channels"] * p["height"] * p["width"]),
    "local_order_start": lambda t, tables, p: walk(window_units(p)),
    "order_stationary": kuramoto,
    "energy_rises": 0,
    "defect_conservation_violations": 0,
    "defect_fraction_start": 1 / 3,
}
