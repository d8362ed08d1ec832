"""Every headline of the room by another path: plain NumPy on the stored arrays, loops instead of formulas."""

import itertools
import math

import numpy as np
import xarray as xr
from scipy import integrate, optimize, special

from emergent_dynamics import streams

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
UNCOVERED = {
    "convergence_time": "Student's interval of a mean over runs, like headlines that are counted; no run settles here"
}


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
    table.pop("trained", None)
    hits, images = table.pop("field")
    return (hits - max(control for control, _ in table.values())) / images


def reduced(parameters, times):
    """r(t) of Ott and Antonsen's equation by DOP853, and the first of `times` in which it is halfway to its end."""
    scale, start = parameters["natural"]["scale"], parameters["start"]["order"]
    strength = parameters["coupling"] * math.cos(parameters["lag"])

    def slope(_, r):
        return -scale * r + strength / 2 * r * (1 - r**2)

    far = [0.0, *times[1:], 1e4]
    solved = integrate.solve_ivp(slope, (0, far[-1]), [start], "DOP853", far, rtol=1e-12, atol=1e-14).y[0]
    gone = np.abs(solved[:-1] - solved[-1]) <= np.abs(start - solved[-1]) / 2
    return solved[:-1], int(np.argmax(gone))


def halfway(trajectory, tables, parameters):
    stored = opened(trajectory)
    return stored["order"].values[:, reduced(parameters, stored["time"].values)[1]].mean()


def halfway_expected(trajectory, tables, parameters):
    r, frame = reduced(parameters, opened(trajectory)["time"].values)
    return r[frame]


def along_ring(trajectory):
    """Per run that is a chimera: means of |Z0|, of the first mode, of the turns of Z0, and its largest modulus."""
    stored = opened(trajectory)
    late = stored["time"].values >= stored["time"].values[-1] / 2
    found = []
    for theta in phases(trajectory)[:, :, 0, 0]:
        modes = np.fft.fft(np.exp(1j * theta), axis=-1) / theta.shape[-1]
        uneven = np.sqrt((np.abs(modes[:, 1]) ** 2 + np.abs(modes[:, -1]) ** 2) / 2)
        turns = np.diff(np.unwrap(np.angle(modes[:, 0]))) / np.diff(stored["time"].values)
        whole = np.abs(modes[late, 0])
        found.append((whole.mean(), uneven[late].mean(), turns[late[1:]].mean(), whole.max()))
    return [one for one in found if one[0] >= 0.1 and one[3] <= 0.95 and one[1] > 0.05], len(found)


def of_chimeras(column):
    def value(trajectory, tables, parameters):
        chimeras, _ = along_ring(trajectory)
        return np.mean([one[column] for one in chimeras]) if chimeras else math.nan

    return value


def chimera_share(trajectory, tables, parameters):
    chimeras, runs = along_ring(trajectory)
    return len(chimeras) / runs


def chimera_solution(parameters):
    """(c, a, Delta) of Abrams and Strogatz's equations, every mean by adaptive quadrature with the edge as a break."""
    amplitude, turned = parameters["modulation"], 1j * np.exp(-1j * parameters["lag"])

    def unequal(trial):
        c, a, delta = trial[0], complex(trial[1], trial[2]), trial[3]

        def size(x):
            return abs(c + a * math.cos(x)) - delta

        def term(x, part, power):
            field = c + a * math.cos(x)
            value = (delta - np.emath.sqrt(delta**2 - abs(field) ** 2)) / field.conjugate()
            return getattr(turned * value, part) * math.cos(x) ** power

        at = optimize.brentq(size, 0, math.pi)
        means = [
            sum(
                integrate.quad(term, *ends, args=(part, power), epsabs=1e-12, epsrel=1e-12, limit=200)[0]
                for ends in ((0, at), (at, math.pi))
            )
            / math.pi
            for power in (0, 1)
            for part in ("real", "imag")
        ]
        return [means[0] - c, means[1], amplitude * means[2] - a.real, amplitude * means[3] - a.imag]

    return optimize.fsolve(unequal, (0.63, 0.17, -0.11, 0.73), xtol=1e-12)


def chimera_order(trajectory, tables, parameters):
    return chimera_solution(parameters)[0]


def chimera_unevenness(trajectory, tables, parameters):
    _, real, imaginary, _ = chimera_solution(parameters)
    return math.hypot(real, imaginary) / parameters["modulation"]


def chimera_rotation(trajectory, tables, parameters):
    return -chimera_solution(parameters)[3]


def exponents(trajectory, parameters):
    """(run, vector) by dense Jacobians of Euler's step on a lattice without Omega, and Gram and Schmidt's vectors."""
    stored, own = opened(trajectory), parameters["lyapunov"]
    dt, k, bias = (parameters[key] for key in ("step_size", "coupling", "bias"))
    assert (parameters["integrator"], parameters["frequency"], parameters["evolve_input"]) == (
        "euler",
        0,
        True,
    )
    links = adjacency(parameters)
    n, steps = len(links), round(own["end_time"] / dt)
    matrix = np.eye(n) * (1 - dt * (k + bias)) + dt * k * links
    found = []
    for run in range(stored.sizes["run"]):
        z = np.exp(1j * stored["theta"].values[run, -1].astype(float).ravel())
        c = np.exp(1j * stored["input_phase_end"].values[run].astype(float).ravel())
        names = [
            streams.normal(parameters["seed"], "oscillators.lyapunov", run, j, 2 * n)
            for j in range(own["exponents"])
        ]
        vectors, grown = gram_schmidt(np.array(names))[0], np.zeros(own["exponents"])
        for step in range(steps):
            f = matrix @ z + dt * bias * c
            with_z = (f.conj()[:, None] * matrix * (1j * z)).imag / np.abs(f[:, None]) ** 2
            with_c = (f.conj() * dt * bias * 1j * c).imag / np.abs(f) ** 2
            z = f / np.abs(f)
            g = c + dt * 0.1 * (z - c)
            on_z = (g.conj() * dt * 0.1 * 1j * z).imag / np.abs(g) ** 2
            on_c = (g.conj() * (1 - dt * 0.1) * 1j * c).imag / np.abs(g) ** 2
            c = g / np.abs(g)
            upper = np.hstack([with_z, np.diag(with_c)])
            jacobian = np.vstack(
                [upper, on_z[:, None] * upper + np.hstack([np.zeros((n, n)), np.diag(on_c)])]
            )
            vectors, lengths = gram_schmidt(vectors @ jacobian.T)
            grown += np.log(lengths) if step >= steps // 2 else 0
        found.append(grown / dt / (steps - steps // 2))
    return np.array(found)


def gram_schmidt(vectors):
    """Orthonormal rows and what was left of each before it was normalised."""
    rows, lengths = [], []
    for vector in vectors:
        for other in [*rows, *rows]:  # twice, for rounding
            vector = vector - (other @ vector) * other
        lengths.append(np.linalg.norm(vector))
        rows.append(vector / lengths[-1])
    return np.array(rows), np.array(lengths)


def largest_exponent(trajectory, tables, parameters):
    return exponents(trajectory, parameters)[:, 0].mean()


def kaplan_yorke(trajectory, tables, parameters):
    """Exponent by exponent until the sum would fall below 0."""
    found = []
    for run in exponents(trajectory, parameters):
        total, count = 0.0, 0
        for value in sorted(run, reverse=True):
            if total + value < 0:
                found.append(count + total / -value)
                break
            total, count = total + value, count + 1
        else:
            return math.nan  # of a run with too few exponents nothing is known
    return np.mean(found)


def trained_over_control(trajectory, tables, parameters, name):
    table = right(tables, *of_name(name, "trained_gain_over_control_"))
    (hits, images), _ = table.pop("trained"), table.pop("field")
    return (hits - max(control for control, _ in table.values())) / images


def trained_over_fixed(trajectory, tables, parameters, name):
    table = right(tables, *of_name(name, "trained_gain_over_fixed_"))
    return (table["trained"][0] - table["field"][0]) / table["field"][1]


RECOMPUTED = {
    "trained_gain_over_control_*": trained_over_control,
    "trained_gain_over_fixed_*": trained_over_fixed,
    "lyapunov_largest": largest_exponent,
    "lyapunov_dimension": kaplan_yorke,
    "order_halfway": halfway,
    "chimera_share": chimera_share,
    "chimera_order": of_chimeras(0),
    "chimera_unevenness": of_chimeras(1),
    "chimera_rotation": of_chimeras(2),
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
    if parameters["natural"]["distribution"] == "lorentzian":  # the end of the reduced equation
        return reduced(parameters | {"start": {"order": 0.9}}, [0.0, 1e3])[0][-1]
    n = parameters["channels"] * parameters["height"] * parameters["width"]
    coupling = parameters["coupling"] * (1 if parameters["normalise"] == "mean" else n)
    assert parameters["natural"] == {"path": None, "distribution": "gaussian", "scale": 1, "spaced": False}
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
    "order_halfway": halfway_expected,
    "chimera_order": chimera_order,
    "chimera_unevenness": chimera_unevenness,
    "chimera_rotation": chimera_rotation,
    "lyapunov_largest": 0,
    "energy_rises": 0,
    "defect_conservation_violations": 0,
    "defect_fraction_start": 1 / 3,
}
