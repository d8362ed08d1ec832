"""Results of theory and of a second code for causal attention: closed forms, exact solutions, and when they apply.

Findings ask for the `Expectation` of a headline with the complete experiment, and get None where nothing is known;
tests hold the integrators to the exact solutions. Nothing here is computed from data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import integrate, special

from emergent_dynamics.causal.parameters import chord_gap
from emergent_dynamics.causal.presets import MATRICES, file_of, matrix
from emergent_dynamics.causal.second_code import NUMBERS
from emergent_dynamics.findings import Expectation

ALIGNED = 0.999  # cosine above which two tokens count as aligned, Geshkovski et al. 2023
FEWEST_ALIGNED = 100  # fewest aligned pairs, expected in all runs, for a comparison
RENYI_PARKING = 0.7475979202534114  # Rényi 1958: share of a line that random parking covers

# ---- Expectations of the headlines, and their conditions ----


def centres_mean(kind: str, c: float, parameters: Mapping[str, Any]) -> Expectation | None:
    """Mean number of strong or Rényi centres farther apart than c / sqrt(beta), for uniform tokens.

    Strong ones on any sphere; Rényi's on the circle, where its circumference holds at least 5 separations and
    there are as many tokens as separations.
    """
    if not is_drawn(parameters):
        return None
    delta, tokens = c / parameters["beta"] ** 0.5, parameters["tokens"]
    if kind == "strong":
        mean = strong_centres(delta, tokens, parameters["dimension"])
        return Expectation(mean, "Karagodin et al. 2024, lemma C.1, for finitely many tokens", "exact")
    length = 2.0 * np.pi / delta
    if parameters["dimension"] != 2 or length < 5.0 or tokens < length:
        return None
    mean = renyi_centres(delta, tokens)
    source = "Rényi 1958 with the kinetics of Gonzalez, Hemmer & Hoye 1974"
    reason = (
        "random parking on a line stands for that on a circle; 0.05 % is what simulations cannot tell apart"
    )
    return Expectation(mean, source, "exact", tolerance=5e-4 * mean, reason=reason)


def uniform_start(name: str, parameters: Mapping[str, Any]) -> Expectation | None:
    """Expected mean of an order parameter for independent tokens that are uniform on the sphere.

    name : energy, aligned or resultant_squared; None for any other, and where the tokens are not drawn so; for
    `aligned` also where so few pairs are expected that their counts are skewed and Student's error of the mean fails.
    """
    beta, tokens, dimension = parameters["beta"], parameters["tokens"], parameters["dimension"]
    if not is_drawn(parameters):
        return None
    if name == "aligned":
        pairs = parameters["runs"] * tokens * (tokens - 1) / 2
        if pairs * cap_share(float(np.arccos(ALIGNED)), dimension) < FEWEST_ALIGNED:
            return None
    value = {
        "energy": uniform_energy(beta, tokens, dimension),
        "aligned": cap_share(float(np.arccos(ALIGNED)), dimension),
        "resultant_squared": 1.0 / tokens,
    }.get(name)
    return (
        None if value is None else Expectation(value, "closed form for independent uniform tokens", "exact")
    )


def energy_never_falls(parameters: Mapping[str, Any]) -> Expectation | None:
    """Share of runs in which the energy never falls: all, for the flow of full attention with Q = K = V = I."""
    if parameters.get("source", "model") != "model":
        return None
    if parameters["mask"] != "none" or parameters["integrator"] != "ode" or not is_identity(parameters):
        return None
    source = "Geshkovski et al. 2023: the flow is a gradient flow of the energy"
    return Expectation(1.0, source, "identity")


def limit_law(parameters: Mapping[str, Any]) -> tuple[str, str] | None:
    """Where all tokens end as t -> infinity under causal softmax attention with this V: (place, source).

    No expectation: metastable groups last for times of order e^sqrt(beta) and more, without visible motion, so a run
    that has not arrived at its end contradicts nothing.
    """
    if parameters["mask"] != "causal" or parameters["attention"] != "softmax" or has_files(parameters):
        return None
    value = matrix(parameters["value"], int(parameters["dimension"]))
    if np.array_equal(value, np.eye(len(value))):
        return "first token", "Karagodin et al. 2024, theorem 4.1"
    if np.array_equal(value, value.T) and np.linalg.eigvalsh(value)[-1] > 0:
        return "leading space", "Karagodin et al. 2024, Table 1, a conjecture"
    return None


def at_end(name: str, parameters: Mapping[str, Any]) -> Expectation | None:
    """The second code's value of a headline about the end of the run; None unless it has one within 1 % of that time.

    A step of 1 % changes the counts by less than the second code's own error.
    """
    if not is_seed_model(parameters):
        return None
    near = [time for time in _ENDS if abs(end_time(parameters) / time - 1.0) <= _SAME_TIME]
    return _second_code(name, parameters, near[0]) if near else None


def curve(name: str, parameters: Mapping[str, Any]) -> dict[float, Expectation]:
    """The second code's means against time, {ODE time: expectation}; empty for other experiments.

    name : n_clusters, captured_renyi or captured_strong; the last two for a capture distance of 1 / sqrt(beta).
    The map at dt = 0.05 is not the flow while the dense cloud breaks up, so it is compared from t = 20 on.
    """
    if not is_seed_model(parameters) or (name.startswith("captured") and parameters["capture"] != 1):
        return {}
    first = 0.0 if parameters["integrator"] == "ode" else _MAP_FROM
    key = (name, float(parameters["beta"]), int(parameters["tokens"]))
    times = sorted(time for *which, time in NUMBERS if tuple(which) == key and (time == 0.0 or time >= first))
    found = {time: _second_code(name, parameters, time) for time in times}
    return {time: number for time, number in found.items() if number is not None}


def count_per_root(parameters: Mapping[str, Any]) -> Expectation | None:
    """The second code's final number of groups over sqrt(beta), for 256 tokens of the original study's model."""
    count, root = at_end("n_clusters", parameters), float(parameters["beta"]) ** 0.5
    if count is None or count.standard_error is None:
        return None
    return replace(count, value=count.value / root, standard_error=count.standard_error / root)


def count_exponent(members: Iterable[Mapping[str, Any]]) -> Expectation | None:
    """Slope of ln(final number of groups) over ln(beta) by least squares through the second code's counts.

    It is for the values of beta of the members, and None unless the second code has all of them. Theory gives (d - 1)
    / 2 = 1/2 in the limit (Karagodin et al. 2024).
    """
    members = list(members)
    known = [count_per_root(parameters) for parameters in members]
    numbers = [number for number in known if number is not None]
    axis = np.log([float(parameters["beta"]) for parameters in members])
    if len(numbers) < len(known) or np.ptp(axis) == 0.0:
        return None
    weight = (axis - axis.mean()) / ((axis - axis.mean()) ** 2).sum()
    slope = 0.5 + weight @ np.log([number.value for number in numbers])
    relative = np.array([(number.standard_error or 0.0) / number.value for number in numbers])
    error = float(np.linalg.norm(weight * relative))
    source = f"second code at each of {len(numbers)} values of beta ({_SCRIPT}); theory: 1/2 in the limit"
    return Expectation(float(slope), source, "second code", standard_error=error)


def _second_code(name: str, parameters: Mapping[str, Any], time: float) -> Expectation | None:
    """The result of the second code with this name, beta and number of tokens at this time; None if it has none."""
    found = NUMBERS.get((name, float(parameters["beta"]), int(parameters["tokens"]), time))
    if found is None:
        return None
    value, error, runs = found
    return Expectation(value, f"second code, {runs:,} runs ({_SCRIPT})", "second code", standard_error=error)


def is_drawn(parameters: Mapping[str, Any]) -> bool:
    """Whether the tokens start uniformly distributed on the sphere, and not from a user's file."""
    return parameters["initial"] is None and parameters.get("source", "model") == "model"


def is_seed_model(parameters: Mapping[str, Any]) -> bool:
    """Whether an experiment is the original study's model.

    That is causal softmax attention on the circle with Q = K = V = I, uniform starts and the original gap."""
    beta = float(parameters["beta"])
    return (
        parameters["dimension"] == 2
        and parameters["mask"] == "causal"
        and parameters["attention"] == "softmax"
        and is_drawn(parameters)
        and is_identity(parameters)
        and abs(chord_gap(parameters["gap"], beta) * beta**0.5 / _GAP - 1.0) < 0.01
    )


def is_identity(parameters: Mapping[str, Any]) -> bool:
    """Whether Q, K and V are all the identity; False for matrices in a user's files, which are not read."""
    d = int(parameters["dimension"])
    if has_files(parameters):
        return False
    return all(np.array_equal(matrix(parameters[name], d), np.eye(d)) for name in MATRICES)


def has_files(parameters: Mapping[str, Any]) -> bool:
    """Whether Q, K or V is in a user's file. Nothing that rests on them is then expected."""
    return any(file_of(parameters[name]) for name in MATRICES)


def end_time(parameters: Mapping[str, Any]) -> float:
    """Last time of an experiment with V = I in units of the ODE; a step of the map is dt / (1 + dt) of it."""
    if parameters["integrator"] == "ode":
        return float(parameters["end_time"])
    step = float(parameters["step_size"])
    return float(parameters["steps"]) * step / (1.0 + step)


# ---- Closed forms for uniform tokens ----


def strong_centres(delta: float, tokens: int, dimension: int) -> float:
    """Mean number of strong Rényi centres among uniform tokens: sum over k < n of (1 - p)^k.

    p is the share of the sphere within delta of a point: delta / pi in d = 2, sin^2(delta / 2) in d = 3.
    """
    share = cap_share(delta, dimension)
    return (1.0 - (1.0 - share) ** tokens) / share


def renyi_centres(delta: float, tokens: int) -> float:
    """Mean number of Rényi centres among uniform tokens on the circle, by random parking on a line.

    L theta(t), L = 2 pi / delta, t = n / L, theta the coverage of the line after t attempts per length, with the first
    correction for a fixed number of attempts. Within a Monte Carlo error of 0.05 % for L >= 5; 0.4 % too high at 4.5.
    """
    length = 2.0 * np.pi / delta
    attempts = tokens / length
    growth = np.exp(-2.0 * _ein(attempts))
    return float(length * parking_coverage(attempts) + growth * -np.expm1(-attempts))


def cap_share(delta: float, dimension: int) -> float:
    """Share of the unit sphere in `dimension` coordinates within geodesic distance delta of a point."""
    if delta >= np.pi:
        return 1.0
    half = 0.5 * special.betainc((dimension - 1) / 2.0, 0.5, np.sin(delta) ** 2)
    return float(half if delta <= np.pi / 2 else 1.0 - half)


def uniform_energy(beta: float, tokens: int, dimension: int) -> float:
    """Mean of 1 / (2 beta n^2) sum_ij e^(beta (<x_i, x_j> - 1)) over n independent uniform tokens on the sphere.

    A pair contributes E e^(beta x_1) = Gamma(d/2) (2 / beta)^(d/2 - 1) I_(d/2 - 1)(beta), a token itself 1.
    """
    order = dimension / 2.0 - 1.0
    pair = special.gamma(order + 1.0) * (2.0 / beta) ** order * special.ive(order, beta)
    return float((1.0 + (tokens - 1) * pair) / (2.0 * beta * tokens))


def mean_resultant(tokens: int, dimension: int) -> float:
    """Mean length of the mean of many independent uniform tokens, to leading order in 1 / n; sqrt(pi / 4n) in d = 2.

    The mean token is normal with variance 1 / (n d) in each coordinate, so its length has the mean of a chi law.
    """
    ratio = special.gamma((dimension + 1.0) / 2.0) / special.gamma(dimension / 2.0)
    return float(np.sqrt(2.0 / (tokens * dimension)) * ratio)


def parking_coverage(attempts: float) -> float:
    """Share of the line covered by unit cars after `attempts` uniform attempts per length; 0.7476 at the end.

    theta(t) = int_0^t exp(-2 int_0^u (1 - e^-v) / v dv) du, Gonzalez, Hemmer & Hoye 1974, Chem. Phys. 3, 228.
    """
    if attempts > 20.0:  # Ein(u) is ln u + gamma to 1e-10, and the rest of the integral has a closed form
        return RENYI_PARKING - np.exp(-2.0 * np.euler_gamma) / attempts
    covered, _ = integrate.quad(lambda u: np.exp(-2.0 * _ein(u)), 0.0, attempts, epsabs=1e-12)
    return float(covered)


def _ein(u: float) -> float:
    """The entire exponential integral int_0^u (1 - e^-v) / v dv."""
    return float(special.exp1(u) + np.log(u) + np.euler_gamma) if u > 1e-8 else float(u)


# ---- Exact solutions, with which the tests compare the integrators ----


def pair_lifetime(beta: float, start: float, end: float) -> float:
    """ODE time in which the second of two causal tokens closes its angle to the first, `start` to `end` radian.

    Q = K = V = 1: angle' = -sin(angle) / (1 + e^{beta (1 - cos angle)}); the time is the integral of 1 / |angle'|.
    """

    def slowness(u: float) -> float:
        return float((1.0 + np.exp(beta * (1.0 - np.cos(u)))) / np.sin(u))

    return float(integrate.quad(slowness, end, start, epsabs=0.0, epsrel=1e-13, limit=200)[0])


def centre_lifetime(beta: float, c: float, slack: float, index: np.ndarray) -> np.ndarray:
    """ODE time for which a strong Rényi centre stays within slack c / sqrt(beta) of its start, at least.

    The centre at place `index` (0 is the first token) lies c (1 + 2 slack) / sqrt(beta) from every earlier token,
    c > 1: slack e^{c^2 / 2 - c^4 / (24 beta)} over its place counted from 1. Causal, d = 2, Q = K = V = 1.
    Karagodin, Polyanskiy & Rigollet 2024, arXiv:2411.04990, lemma 5.1.
    """
    return slack * np.exp(c**2 / 2.0 - c**4 / (24.0 * beta)) / (1.0 + index)


def pair_map(beta: float, angle: float, step_size: float, steps: int) -> float:
    """The same pair under the map: the angle after `steps` steps.

    The second token moves by dt times its mean (1 - a, a), a = 1 / (1 + e^{-beta (1 - cos)}) on itself.
    """
    for _ in range(steps):
        other = 1.0 / (1.0 + np.exp(beta * (1.0 - np.cos(angle))))
        along = 1.0 + step_size * (1.0 - other + other * np.cos(angle))
        angle -= float(np.arctan2(step_size * other * np.sin(angle), along))
    return angle


def orthonormal_overlap(beta: float, tokens: int, time: float) -> float:
    """Inner product of two tokens at a time, for n tokens that start orthonormal, without a mask, with Q = K = V = 1.

    gamma' = 2 e^{b gamma} (1 - gamma) ((n - 1) gamma + 1) / (e^b + (n - 1) e^{b gamma}), b = beta, gamma(0) = 0.
    Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, section 6.
    """

    def rate(_: float, gamma: np.ndarray) -> np.ndarray:
        weight = np.exp(beta * (gamma - 1.0))
        return 2.0 * weight * (1.0 - gamma) * ((tokens - 1) * gamma + 1.0) / (1.0 + (tokens - 1) * weight)

    found = integrate.solve_ivp(rate, (0.0, time), [0.0], method="DOP853", rtol=1e-13, atol=1e-16)
    return float(found.y[0, -1])


def uniform_growth(beta: float, k: np.ndarray) -> np.ndarray:
    """Growth rate of the k-th harmonic of the tokens' density around uniform, unmasked, d = 2, per ODE time.

    lambda_k = k^2 I_k(beta) / (beta I_0(beta)): the mean-field limit, linearised. The fastest is the number
    of clusters of the first plateau; 3 at beta = 5 in figure 4 of Bruno, Pasqualotto & Agazzi 2025,
    arXiv:2410.23228.
    """
    return k**2 * special.ive(k, beta) / (beta * special.ive(0, beta))


def fastest_harmonic(beta: float) -> int:
    """The k of the largest `uniform_growth`, about sqrt(2 beta)."""
    k = np.arange(1, 10 + int(4.0 * np.sqrt(beta)))
    return int(k[np.argmax(uniform_growth(beta, k))])


# ---- The second code ----

_SCRIPT = "performance/causal_second_code.py"
_GAP = 0.49  # gap of all its results, in 1 / sqrt(beta): the chord of 0.07 at beta = 49 of the original study
_ENDS = (476.19, 500.0)  # ODE time of the 10,000 steps of the original study, and of the sweep over beta
_SAME_TIME = 0.01
_MAP_FROM = 20.0
