"""Closed forms and published numbers of the oscillator field, what is expected of its findings, and when.

Every such number is written here and nowhere else.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import ive, wofz

from emergent_dynamics.findings import Expectation
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


def critical_coupling(distribution: str, scale: float) -> float:
    """K_c = 2 / (pi g(0)) of all-to-all units (Kuramoto 1975; uniform: Pazo 2005), rad per unit time."""
    return {"lorentzian": 2.0, "gaussian": np.sqrt(8 / np.pi), "uniform": 4 / np.pi}[distribution] * scale


def locked_order(distribution: str, scale: float, coupling: float) -> float:
    """Stationary r of infinitely many all-to-all units at coupling K; 0 at and below K_c.

    lorentzian: sqrt(1 - K_c / K). Others: the root of 1 = K int cos^2(a) g(K r sin a) da, in closed form for
    gaussian: 1 = K sqrt(pi / 8) / s e^{-x} (I0 + I1)(x), x = (K r / 2 s)^2; for uniform it jumps to pi / 4 at K_c.
    """
    if coupling < critical_coupling(distribution, scale):
        return 0.0
    strength = coupling / scale
    if distribution == "lorentzian":
        return float(np.sqrt(1 - 2 / strength))
    if distribution == "gaussian":

        def excess(r: float) -> float:
            x = (strength * r / 2) ** 2
            return strength * np.sqrt(np.pi / 8) * (ive(0, x) + ive(1, x)) - 1

        return float(brentq(excess, 1e-9, 1.0)) if excess(1e-9) > 0 else 0.0

    def excess_uniform(r: float) -> float:  # if all units lock, r = <sqrt(1 - (w / K r)^2)>
        a = 1 / (strength * r)
        return (np.arcsin(a) / a + np.sqrt(1 - a * a)) / 2 - r

    lowest = 1 / strength  # at smaller r not every unit locks, and no partially locked state is stable
    return float(brentq(excess_uniform, lowest, 1.0)) if excess_uniform(lowest) > 0 else float(np.pi / 4)


def density(distribution: str, rate: np.ndarray) -> np.ndarray:
    """g of natural frequencies of scale 1."""
    if distribution == "lorentzian":
        return 1 / (np.pi * (1 + rate**2))
    if distribution == "gaussian":
        return np.exp(-(rate**2) / 2) / np.sqrt(2 * np.pi)
    return 0.5 * (np.abs(rate) <= 1)


def locked_spread(distribution: str, scale: float, coupling: float, n: int) -> float:
    """Standard deviation of the stationary r over samples of n independent frequencies, above K_c; leading order.

    r solves r = mean of c, c = sqrt(1 - (w / K r)^2) of the locked units and 0 of others; a sample moves the mean
    by sqrt(var c / n), and r by that over 1 - d(mean)/dr. Near K_c it is n^-1/2 (K / K_c - 1)^-3/4, and holds beyond
    n^-2/5 of it, where that is what r is (Hong, Chate, Park & Tang 2007, PRL 99, 184101).
    """
    order, strength = locked_order(distribution, scale, coupling), coupling / scale
    last = 1.0 if distribution == "uniform" else np.inf  # the largest frequency
    angle, width = _midpoints(
        np.arcsin(min(1.0, last / (strength * order)))
    )  # angle of a locked unit: w = K r sin(angle)
    weight = density(distribution, strength * order * np.sin(angle)) * width

    def mean(power: int) -> float:
        return strength * order * float((np.cos(angle) ** power * weight).sum())

    slope = strength * float((np.sin(angle) ** 2 * weight).sum())
    return float(np.sqrt((mean(3) - mean(2) ** 2) / n) / (1 - slope))


def incoherent_order(distribution: str, scale: float, coupling: float, n: int) -> float:
    """E[r] of n units with independent frequencies below K_c: sqrt(pi / 4 <r^2>), r = |z| of a complex normal z.

    n <r^2> = int g(w) / |1 - (K / 2) G(w)|^2 dw, G(w) = int g(v) / (i (w - v) + 0) dv: each unit is a force that the
    others answer linearly. Lorentzian: 1 / (1 - K / K_c); it diverges at K_c (Daido 1990, J. Stat. Phys. 60, 753).
    """
    last = np.pi / 4 if distribution == "uniform" else np.pi / 2
    angle, width = _midpoints(last)
    rate = np.tan(angle)
    if distribution == "lorentzian":
        answer = 1 / (1 + 1j * rate)
    elif distribution == "gaussian":
        answer = np.sqrt(np.pi / 2) * wofz(-rate / np.sqrt(2))
    else:
        answer = np.pi * density(distribution, rate) - 0.5j * np.log(np.abs((1 + rate) / (1 - rate)))
    gain = np.abs(1 - coupling / scale / 2 * answer) ** 2
    square = width * float((density(distribution, rate) / gain / np.cos(angle) ** 2).sum())
    return float(np.sqrt(np.pi / 4 * square / n))


def _midpoints(end: float) -> tuple[np.ndarray, float]:
    """The middles of 20,000 equal parts of [-end, end], and the width of one."""
    parts = 20_000
    return ((np.arange(parts) + 0.5) / parts * 2 - 1) * end, 2 * end / parts


def ott_antonsen(r0: float, scale: float, coupling: float, time: np.ndarray) -> np.ndarray:
    """r(t) of infinitely many Lorentzian units: dr/dt = -g r + (K / 2) r (1 - r^2), in closed form (K != 2 g)."""
    growth = coupling - 2 * scale
    limit = growth / coupling
    return np.sqrt(limit / (1 + (limit / r0**2 - 1) * np.exp(-growth * time)))


def energy_bound(config: Mapping[str, Any]) -> tuple[float, str]:
    """The step up to which the energy provably never rises, and ""; NaN with the reason where nothing is proven."""
    if is_recorded(config):
        return np.nan, "the phases were recorded, not simulated"
    reasons = {
        "Omega acts": config["frequency"] != 0,
        "units have frequencies of their own": has_frequencies(config),
        "noise acts": config["noise"] > 0,
        f"the integrator is {config['integrator']}": config["integrator"] != "euler",
        "coupling to the mean": config["normalise"] != "sum",
        "all to all": config["topology"] == "all_to_all",
        "a network": config["topology"] == "network",
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


def expected_vortices(config: Mapping[str, Any]) -> Expectation | None:
    """The share of squares with a vortex at the start; None where the start is not drawn."""
    if config["initial_phases"] is not None or is_recorded(config):
        return None
    return Expectation(
        VORTEX_FRACTION_RANDOM, "four independent uniform phases wind with probability 1/3", "exact"
    )


def expected_start(config: Mapping[str, Any], units: int) -> Expectation | None:
    """Order of `units` phases at the start; None where the start is not drawn, or for fewer than `FEWEST_RANDOM`."""
    if config["initial_phases"] is not None or is_recorded(config) or units < FEWEST_RANDOM:
        return None
    return Expectation(random_order(units), f"Rayleigh: {units} independent uniform phases", "exact")


def has_stationary_order(config: Mapping[str, Any]) -> bool:
    """Whether the experiment is Kuramoto's model: all to all, with natural frequencies, without input and Omega.

    A componentwise Omega of a single channel acts radially, so it has no effect.
    """
    frequencies = config["natural"]["distribution"] != "none"
    without_omega = config["frequency"] == 0 or (config["omega_mode"], config["channels"]) == (
        "componentwise",
        1,
    )
    alone = config["bias"] == 0 and without_omega
    drawn = frequencies and config["noise"] == 0 and not is_recorded(config)
    return config["topology"] == "all_to_all" and drawn and alone


def expected_stationary(config: Mapping[str, Any]) -> tuple[Expectation | None, str]:
    """Expected r of this number of units with natural frequencies, and ""; closer to K_c than n^(-2/5) None and the
    reason.

    Above K_c: infinitely many units, since samples of n frequencies vary around that by `locked_spread`, which the
    error over runs contains. Below: n units, to leading order in 1 / n.
    """
    n = config["channels"] * config["height"] * config["width"]
    coupling = config["coupling"] * (1 if config["normalise"] == "mean" else n)
    distribution, scale = config["natural"]["distribution"], config["natural"]["scale"]
    distance = coupling / critical_coupling(distribution, scale) - 1
    if abs(distance) < n**-0.4:
        return None, "closer to K_c than n^(-2/5): no theory for a finite number of units (Hong et al. 2007)"
    if distance > 0:
        value = locked_order(distribution, scale, coupling)
        return Expectation(
            value, "Kuramoto 1975: self-consistent order of infinitely many units", "exact"
        ), ""
    value = incoherent_order(distribution, scale, coupling, n)
    return Expectation(value, "Daido 1990: incoherent units answer linearly", "exact"), ""


def sweep_curve(config: Mapping[str, Any], key: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """r(K) of infinitely many all-to-all units, for the headline `order_stationary` of a sweep over the coupling."""
    if key != "coupling" or not has_stationary_order(config) or config["normalise"] != "mean":
        return {}
    natural = config["natural"]["distribution"], config["natural"]["scale"]
    return {"order_stationary": np.array([locked_order(*natural, coupling) for coupling in values])}


def _lattice(config: Mapping[str, Any]) -> tuple[tuple[int, int, int], tuple[bool, ...]]:
    """(channel, y, x) sizes, and which axes are periodic."""
    shape = config["channels"], config["height"], config["width"]
    return shape, tuple(config["boundary"][axis] == "periodic" for axis in AXES)
