"""Closed forms and published numbers of the oscillator field, what is expected of its findings, and when.

`kuramoto` has those of all-to-all units and `ring_solution` that of a ring; the conditions for all of them are here.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emergent_dynamics.findings import Expectation
from emergent_dynamics.oscillators import ring_solution
from emergent_dynamics.oscillators.kuramoto import (
    critical_coupling,
    incoherent_order,
    locked_order,
    ott_antonsen,
)
from emergent_dynamics.oscillators.parameters import AXES

# Shanahan 2010's indices are divided by the variance of a uniform and of an extreme two-state ensemble,
# as in Bansal et al. 2019, bio-protocol e3324 (r8618002). They are variances, not deviations.
METASTABILITY_UNIT = 1 / 12
CHIMERA_UNIT = 5 / 36

# Results of the original code: torch.manual_seed(42), np.random.seed(42), scikit-learn's first image of a 3 enlarged to
# 28 x 28, 512 steps, evolving input.
SEED_R = {0: 0.0186, 50: 0.0985, 100: 0.1817, 200: 0.2663, 300: 0.2819, 400: 0.2845, 511: 0.2854}
SEED_SPIKE_FRACTION = {0: 0.9821, 100: 0.9640, 200: 0.8658, 300: 0.5459, 400: 0.1910, 511: 0.0344}
SEED_MEAN_SPIKE_FRACTION = 0.6027

# Share of vortices among squares of independent uniform phases: four wrapped differences sum to +-2 pi with probability
# 1/3.
VORTEX_FRACTION_RANDOM = 1 / 3
FEWEST_RANDOM = 10  # units, from which on the relative error of `random_order` is at most 1.3e-4


def pair_gap(gap: float, coupling: float, step_size: float, steps: int) -> float:
    """Gap in rad of two coupled units after Euler-and-normalise steps.

    Exact map tan(g_n / 2) = tan(g_0 / 2) (1 - 2 k dt)^n.
    """
    return float(2 * np.arctan(np.tan(gap / 2) * (1 - 2 * coupling * step_size) ** steps))


def pair_gap_continuous(gap: float, coupling: float, time: float) -> float:
    """The same gap in continuous time: tan(g / 2) = tan(g_0 / 2) exp(-2 k t)."""
    return float(2 * np.arctan(np.tan(gap / 2) * np.exp(-2 * coupling * time)))


def bias_gap(gap: float, bias: float, step_size: float, steps: int) -> float:
    """Gap in rad to a fixed input after Euler steps: g' = atan2((1 - b) sin g, (1 - b) cos g + b), b = dt k_b."""
    b = step_size * bias
    for _ in range(steps):
        gap = float(np.arctan2((1 - b) * np.sin(gap), (1 - b) * np.cos(gap) + b))
    return gap


def following_gap(gap: float, bias: float, rate: float, step_size: float, steps: int) -> tuple[float, float]:
    """Gap to an input that follows, and the angle by which the input moved, in rad, after Euler steps: z first, then c
    towards z'."""
    gone = 0.0
    for _ in range(steps):
        gap = bias_gap(gap, bias, step_size, 1)
        left = bias_gap(gap, rate, step_size, 1)
        gone, gap = gone + gap - left, left
    return gap, gone


def mode_rate(mode: tuple[int, int, int], shape: tuple[int, int, int], coupling: float, bias: float) -> float:
    """Decay rate of a small cosine mode on an open lattice, rad per unit time.

    k_b + 4 k sum_axis sin^2(pi m / 2 n): eigenvalues of the path graph's Laplacian, eigenvectors of the DCT-II.
    """
    return bias + 4 * coupling * sum(
        np.sin(np.pi * m / (2 * n)) ** 2 for m, n in zip(mode, shape, strict=True)
    )


def omega_generator(omega: np.ndarray) -> np.ndarray:
    """M = Omega - diag(row sums): d phases / dt = k_omega M phases near synchrony.

    May have eigenvalues with positive real part.
    """
    return omega - np.diag(omega.sum(1))


def energy_step_bound(
    shape: tuple[int, int, int], periodic: tuple[bool, ...], coupling: float, bias: float
) -> float:
    """Largest step for which Euler-and-normalise never raises the energy when Omega is off: 1 / ((1 + l) k + k_b).

    l is the largest eigenvalue of the lattice's adjacency: 2 cos(pi / (n + 1)) per open axis, 2 per periodic one.
    Reason: f = z + dt F is then the maximiser of a quadratic that minorises -E (positive semidefinite difference).
    """
    largest = sum(
        2.0 if wraps else 2 * np.cos(np.pi / (n + 1)) for n, wraps in zip(shape, periodic, strict=True)
    )
    return float(1 / ((1 + largest) * coupling + bias))


def random_order(n: int) -> float:
    """E[R] of n independent uniform phases: sqrt(pi / 4 n) (1 + 1 / 16 n), next order n^-2.

    Rayleigh 1880 for large n; the correction is that of Pearson's random walk (Rayleigh 1919, Phil. Mag. 37, 321).
    """
    return float(np.sqrt(np.pi / (4 * n)) * (1 + 1 / (16 * n)))


def energy_bound(config: Mapping[str, Any]) -> tuple[float, str]:
    """The step up to which the energy provably never rises, and ""; NaN with the reason where nothing is proven."""
    if is_recorded(config):
        return np.nan, "the phases were recorded, not simulated"
    reasons = {
        "Omega acts": config["frequency"] != 0,
        "units have natural frequencies": has_frequencies(config),
        "noise acts": config["noise"] > 0,
        f"the integrator is {config['integrator']}": config["integrator"] != "euler",
        "coupling to the mean": config["normalise"] != "sum",
        "all to all": config["topology"] == "all_to_all",
        "a network": config["topology"] == "network",
        "a ring": config["topology"] == "ring",
        "the coupling has a phase lag": config["lag"] != 0,
        "a coupling is negative": min(config["coupling"], config["bias"]) < 0,
    }
    against = [text for text, holds in reasons.items() if holds]
    if against:
        return np.nan, "no bound is known: " + ", ".join(against)
    shape, periodic = _lattice(config)
    return energy_step_bound(shape, periodic, config["coupling"], config["bias"]), ""


def energy_range(config: Mapping[str, Any], weights: np.ndarray | None = None) -> float:
    """The largest |E| that any phases can have: |k| times links plus |k_b| times weights of the input, rad per unit
    time.

    A path of n units has n - 1 links, a ring n; all to all n (n - 1) / 2. The input of a unit weighs 1, or its degree
    (all to all: n) for coupling to the mean. weights : those of the edges of a network, each counted once.
    """
    shape, periodic = _lattice(config)
    units = int(np.prod(shape))
    if weights is not None:
        links = float(np.abs(weights).sum())
        degrees = 2.0 * links
    elif config["topology"] == "all_to_all":
        links, degrees = units * (units - 1) / 2, float(units**2)
    elif (
        config["topology"] == "ring"
    ):  # no weight is negative; they sum to n, of which 1 + A is the coupling of a unit to itself
        links, degrees = units * (units - 1 - config["modulation"]) / 2, float(units**2)
    else:
        links = sum(units // n * (n if wraps else n - 1) for n, wraps in zip(shape, periodic, strict=True))
        degrees = 2.0 * links
    inputs = degrees if config["normalise"] == "mean" else float(units)
    if is_recorded(config):
        inputs = 0.0
    return float(abs(config["coupling"]) * links + abs(config["bias"]) * inputs)


def has_frequencies(config: Mapping[str, Any]) -> bool:
    """Whether units have natural frequencies, drawn or from a user's file."""
    return config["natural"]["distribution"] != "none" or config["natural"]["path"] is not None


def expected_rises(config: Mapping[str, Any]) -> tuple[Expectation | None, str]:
    """The expectation that the energy never rises, and ""; None and the reason where nothing is proven."""
    limit, reason = energy_bound(config)
    if config["step_size"] <= limit:
        source = "Euler with normalisation is minorise-maximise for dt <= 1 / ((1 + l) k + k_b)"
        return Expectation(0.0, source, "identity"), ""
    return None, reason or f"nothing is proven: step_size is beyond the bound {limit:.3g}"


def expected_violations() -> Expectation:
    """The expectation that in every frame the windings sum to the winding of the boundary."""
    return Expectation(0.0, "Stokes: the windings of all squares sum to that of the boundary", "identity")


def is_recorded(config: Mapping[str, Any]) -> bool:
    """Whether the phases are a user's recording, for which only identities are expected."""
    return config.get("source", "model") != "model"


def starts_uniform(config: Mapping[str, Any]) -> bool:
    """Whether the initial phases are independent and uniform on the circle."""
    return (
        config["initial_phases"] is None and config["start"]["form"] == "uniform" and not is_recorded(config)
    )


def expected_vortices(config: Mapping[str, Any]) -> Expectation | None:
    """The share of squares with a vortex at the start; None where the start is not drawn."""
    if not starts_uniform(config):
        return None
    return Expectation(
        VORTEX_FRACTION_RANDOM, "four independent uniform phases wind with probability 1/3", "exact"
    )


def expected_start(config: Mapping[str, Any], units: int) -> Expectation | None:
    """Order of `units` phases at the start; None where the start is not drawn, or for fewer than `FEWEST_RANDOM`."""
    if not starts_uniform(config) or units < FEWEST_RANDOM:
        return None
    return Expectation(random_order(units), f"Rayleigh: {units} independent uniform phases", "exact")


def has_stationary_order(config: Mapping[str, Any]) -> bool:
    """Whether the experiment is Kuramoto's model: all to all, with natural frequencies, without input and Omega.

    With a phase lag only Lorentzian frequencies have a closed form here.
    A componentwise Omega of a single channel acts radially, so it has no effect.
    """
    frequencies = config["natural"]["distribution"] != "none"
    without_omega = config["frequency"] == 0 or (config["omega_mode"], config["channels"]) == (
        "componentwise",
        1,
    )
    known = config["lag"] == 0 or config["natural"]["distribution"] == "lorentzian"
    alone = config["bias"] == 0 and without_omega and known
    drawn = frequencies and config["noise"] == 0 and not is_recorded(config)
    return config["topology"] == "all_to_all" and drawn and alone


def expected_stationary(config: Mapping[str, Any]) -> tuple[Expectation | None, str]:
    """Expected stationary r of units with natural frequencies, and "", or None and the reason why there is none.

    Above K_c it is that of infinitely many units, around which samples of n frequencies vary by `locked_spread`; the
    error over runs includes this. Below K_c it is that of n units, to leading order in 1 / n. With spaced frequencies
    all runs have the same ones: above K_c the order is that of infinitely many units; below it no theory is known.
    Closer to K_c than n^(-2/5) no value is known.
    """
    n = config["channels"] * config["height"] * config["width"]
    coupling = pull(config)
    distribution, scale = config["natural"]["distribution"], config["natural"]["scale"]
    spaced, lagging = config["natural"]["spaced"], config["lag"] != 0
    distance = coupling / critical_coupling(distribution, scale) - 1
    if abs(distance) < n**-0.4:
        return None, "closer to K_c than n^(-2/5): no theory for a finite number of units (Hong et al. 2007)"
    if distance > 0:
        value = locked_order(distribution, scale, coupling)
        source = "Kuramoto 1975: self-consistent order of infinitely many units"
        if lagging:
            source = "Sakaguchi & Kuramoto 1986, Ott & Antonsen 2008: sqrt(1 - 2 scale / (K cos(lag)))"
        return Expectation(value, source, "exact", **_common(config)), ""
    if spaced or lagging:
        return None, "no theory of the noise below K_c for spaced frequencies or with a phase lag"
    value = incoherent_order(distribution, scale, coupling, n)
    return Expectation(value, "Daido 1990: incoherent units answer linearly", "exact"), ""


def sweep_curve(config: Mapping[str, Any], key: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """r(K) of infinitely many all-to-all units, for the headline `order_stationary` of a sweep over the coupling."""
    if key != "coupling" or not has_stationary_order(config) or config["normalise"] != "mean":
        return {}
    natural = config["natural"]["distribution"], config["natural"]["scale"]
    slower = np.cos(config["lag"])
    return {"order_stationary": np.array([locked_order(*natural, coupling * slower) for coupling in values])}


def pull(config: Mapping[str, Any]) -> float:
    """The effective coupling K cos(lag) of all-to-all units, where K is the coupling to their mean."""
    n = config["channels"] * config["height"] * config["width"]
    return float(config["coupling"] * (1 if config["normalise"] == "mean" else n) * np.cos(config["lag"]))


def reduced_order(config: Mapping[str, Any], time: np.ndarray) -> np.ndarray | None:
    """r at `time` from Ott and Antonsen's reduced equation; None where it does not hold for the experiment.

    It holds for Lorentzian frequencies and a start on its manifold (clustered), but not for Euler's map.
    """
    lorentzian = has_stationary_order(config) and config["natural"]["distribution"] == "lorentzian"
    start = config["start"]
    flows = config["integrator"] != "euler" and config["initial_phases"] is None
    if not (lorentzian and flows and start["form"] == "clustered" and start["order"] > 0):
        return None
    return ott_antonsen(start["order"], config["natural"]["scale"], pull(config), time)


def halfway(config: Mapping[str, Any], time: np.ndarray) -> tuple[int, Expectation] | None:
    """Index of the first frame at `time` in which r is halfway to its limit, and r there; None if there is none."""
    reduced = reduced_order(config, time)
    if reduced is None:
        return None
    limit = locked_order("lorentzian", config["natural"]["scale"], pull(config))
    first = np.flatnonzero(np.abs(reduced - limit) <= np.abs(reduced[0] - limit) / 2)
    if abs(reduced[0] - limit) < 0.05 or not first.size:
        return None
    source = "Ott & Antonsen 2008: dr/dt = -scale r + K cos(lag) r (1 - r^2) / 2, infinitely many units"
    return int(first[0]), Expectation(float(reduced[first[0]]), source, "exact", **_common(config))


def _common(config: Mapping[str, Any]) -> dict[str, Any]:
    """Tolerance for the error of spaced Lorentzian frequencies, which is the same in all runs; {} for random ones.

    Where their spacing, pi w^2 / n, exceeds pi / t, sums of e^{i w t} deviate from integrals. This concerns about
    n^(1/2) units in the tails, which contribute about n^(-3/4). Over times 0.5 to 4 the largest sum is 2.7 to 3.3
    n^(-3/4) for n = 250 to 16,000.
    """
    if not config["natural"]["spaced"]:
        return {}
    n = config["channels"] * config["height"] * config["width"]
    reason = "error of spaced frequencies: their tails contribute about n^(-3/4), the same in all runs"
    return {"tolerance": 3 * n**-0.75, "reason": reason}


def expected_exponent(config: Mapping[str, Any]) -> tuple[Expectation | None, str]:
    """The bound 0 for the largest Lyapunov exponent of a gradient flow, which ends at rest; or None and the reason.

    Growth by less than a factor e over the averaging time cannot be detected, so the inverse of that time is the
    tolerance.
    """
    reasons = {
        "Omega acts": config["frequency"] != 0,
        "units have natural frequencies": has_frequencies(config),
        "noise acts": config["noise"] > 0,
        "the coupling has a phase lag": config["lag"] != 0,
        "Euler's step may be too long": config["integrator"] == "euler"
        and not config["step_size"] <= energy_bound(config)[0],
    }
    against = [text for text, holds in reasons.items() if holds]
    if against:
        return None, "no bound is known: " + ", ".join(against)
    window = config["lyapunov"]["end_time"] / 2
    few = {"tolerance": 1 / window, "reason": "growth by less than a factor e over the averaging time"}
    source = "a gradient flow ends at rest, where no disturbance grows"
    return Expectation(0.0, source, "exact", relation="<=", scale=1.0, **few), ""


def expected_chimera(config: Mapping[str, Any]) -> dict[str, Expectation]:
    """Expected values of the headlines of a chimera: order, first Fourier mode and rotation; {} if none are known.

    They are known for identical units without input, Omega and noise, coupled to the mean by 1 + A cos(distance) with a
    lag.
    """
    alone = config["bias"] == 0 and config["frequency"] == 0 and config["noise"] == 0
    if not alone or has_frequencies(config) or config["normalise"] != "mean" or config["lag"] == 0:
        return {}
    chimera = ring_solution.solve(config["modulation"], config["lag"])
    if chimera is None:
        return {}
    values = {
        "chimera_order": chimera.uniform,
        "chimera_unevenness": abs(chimera.modulated) / config["modulation"],
        "chimera_rotation": -chimera.rate * config["coupling"],
    }
    source = "Abrams & Strogatz 2004: self-consistent chimera of infinitely many units"
    few = {"tolerance": 1 / config["width"], "reason": "n units deviate by the order of 1 / n"}
    return {name: Expectation(value, source, "exact", **few) for name, value in values.items()}


def _lattice(config: Mapping[str, Any]) -> tuple[tuple[int, int, int], tuple[bool, ...]]:
    """(channel, y, x) sizes, and which axes are periodic."""
    shape = config["channels"], config["height"], config["width"]
    return shape, tuple(config["boundary"][axis] == "periodic" for axis in AXES)
