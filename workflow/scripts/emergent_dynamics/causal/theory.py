"""Expected values of theory and of a second code for causal attention, and the conditions under which they apply.

Findings pass the complete experiment and get the `Expectation` of a headline, or None where no value is known;
`exact` has the closed forms and exact solutions. Nothing here is computed from data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import optimize

from emergent_dynamics.causal import exact
from emergent_dynamics.causal.parameters import chord_gap
from emergent_dynamics.causal.presets import MATRICES, file_of, matrix
from emergent_dynamics.causal.second_code import NUMBERS
from emergent_dynamics.findings import Expectation

ALIGNED = 0.999  # cosine above which two tokens count as aligned, Geshkovski et al. 2023
FEWEST_ALIGNED = 100  # fewest aligned pairs, expected in all runs, for a comparison

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
        mean = exact.strong_centres(delta, tokens, parameters["dimension"])
        return Expectation(mean, "Karagodin et al. 2024, lemma C.1, for finitely many tokens", "exact")
    length = 2.0 * np.pi / delta
    if parameters["dimension"] != 2 or length < 5.0 or tokens < length:
        return None
    mean = exact.renyi_centres(delta, tokens)
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
        if pairs * exact.cap_share(float(np.arccos(ALIGNED)), dimension) < FEWEST_ALIGNED:
            return None
    value = {
        "energy": exact.uniform_energy(beta, tokens, dimension),
        "aligned": exact.cap_share(float(np.arccos(ALIGNED)), dimension),
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
    if not is_plain(parameters):
        return None
    value = matrix(parameters["value"], int(parameters["dimension"]))
    if np.array_equal(value, np.eye(len(value))):
        return "first token", "Karagodin et al. 2024, theorem 4.1"
    if np.array_equal(value, value.T) and np.linalg.eigvalsh(value)[-1] > 0:
        return "leading space", "Karagodin et al. 2024, Table 1, a conjecture"
    return None


def at_end(name: str, parameters: Mapping[str, Any]) -> Expectation | None:
    """The second code's value of a headline about the end of the run; None unless it has one within 1 % of that time.

    A difference of 1 % in time changes the counts by less than the error of the second code.
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

    The counts are those at the values of beta of the members. If the second code lacks one, it is `limit_exponent`.
    """
    members = list(members)
    known = [count_per_root(parameters) for parameters in members]
    numbers = [number for number in known if number is not None]
    axis = np.log([float(parameters["beta"]) for parameters in members])
    if len(numbers) < len(known) or np.ptp(axis) == 0.0:
        return limit_exponent(members)
    weight = (axis - axis.mean()) / ((axis - axis.mean()) ** 2).sum()
    slope = 0.5 + weight @ np.log([number.value for number in numbers])
    relative = np.array([(number.standard_error or 0.0) / number.value for number in numbers])
    error = float(np.linalg.norm(weight * relative))
    source = f"second code at each of {len(numbers)} values of beta ({_SCRIPT}); theory: 1/2 in the limit"
    return Expectation(float(slope), source, "second code", standard_error=error)


def centre_exponent(members: Sequence[Mapping[str, Any]]) -> float:
    """(d - 1) / 2, with which the number of centres grows with beta, for causal softmax attention, Q = K = V = 1.

    NaN for any other model, where a member has fewer than ten times as many tokens as strong centres (c = 4), or runs
    beyond t = 1,000, since groups of the centres merge later. Karagodin et al. 2024, for uniform starts.
    """
    first = members[0]
    known = is_drawn(first) and is_plain(first) and _is_causal_identity(first) and end_time(first) <= 1000.0
    enough = known and all(p["tokens"] >= 10 * _strong_centres(p) for p in members)
    return (int(first["dimension"]) - 1) / 2.0 if enough else np.nan


def _strong_centres(parameters: Mapping[str, Any]) -> float:
    """Mean number of strong centres, c = 4, of uniform tokens."""
    separation = 4.0 / float(parameters["beta"]) ** 0.5
    return exact.strong_centres(separation, int(parameters["tokens"]), int(parameters["dimension"]))


def limit_exponent(members: list[Mapping[str, Any]]) -> Expectation | None:
    """(d - 1) / 2, the exponent of the number of centres for large beta: causal softmax attention with Q = K = V = 1.

    It is expected for uniform starts of at least ten times as many tokens as centres, beta of at least 16, and end
    times from 100 to 1,000. The tolerance is the deviation from the limit of the same exponent for the exact mean
    number of strong centres (c = 4) at the same values of beta.
    """
    first = members[0]
    beta = np.array([float(p["beta"]) for p in members])
    if np.ptp(beta) == 0.0 or beta.min() < 16.0 or end_time(first) < 100.0:
        return None
    limit = centre_exponent(members)
    if np.isnan(limit) or not _has_seed_gap(first):
        return None
    centres = [_strong_centres(p) for p in members]
    slope = float(np.polyfit(np.log(beta), np.log(centres), 1)[0])
    missing = abs(slope - limit) if abs(slope - limit) > 1e-9 else 0.0
    reason = (
        "at these values of beta the exact mean number of strong centres (c = 4) deviates from the limit law"
    )
    source = "Karagodin et al. 2024: Rényi centres in the limit of large beta"
    return Expectation(limit, source, "published", tolerance=missing, reason=reason if missing else "")


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
    return (
        parameters["dimension"] == 2
        and parameters["mask"] == "causal"
        and parameters["attention"] == "softmax"
        and is_drawn(parameters)
        and is_plain(parameters)
        and is_identity(parameters)
        and _has_seed_gap(parameters)
    )


def _has_seed_gap(parameters: Mapping[str, Any]) -> bool:
    beta = float(parameters["beta"])
    return abs(chord_gap(parameters["gap"], beta) * beta**0.5 / _GAP - 1.0) < 0.01


def is_plain(parameters: Mapping[str, Any]) -> bool:
    """Whether a step has one head, the normalisation of the flow, and no noise."""
    heads, noise = parameters.get("heads", 1), parameters.get("noise", 0)
    return heads == 1 and noise == 0 and parameters.get("normalisation", "post") == "post"


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


# ---- Noise ----


def noisy_resultant(parameters: Mapping[str, Any]) -> Expectation | None:
    """Length of the mean token after a long time from uniform starts: full attention with noise, Q = K = V = 1.

    Above the threshold D_c the n tokens are disordered, and their mean is sqrt(D / (D - D_c)) times as long as that of
    independent tokens, to leading order in 1 / n. Below it the value is that of the mean-field density. No value is
    expected within 20 % of the threshold, where the corrections are large, nor before 10 relaxation times of the
    slowest mode plus ln n / 2 for its growth out of the noise.
    """
    noise, d, n = float(parameters.get("noise", 0.0)), int(parameters["dimension"]), int(parameters["tokens"])
    if noise == 0.0 or parameters["mask"] != "none" or parameters["integrator"] != "map":
        return None
    if not is_drawn(parameters) or not is_identity(parameters) or parameters["heads"] > 1:
        return None
    softmax, step = parameters["attention"] == "softmax", float(parameters["step_size"])
    threshold = exact.noise_threshold(float(parameters["beta"]), d, softmax)
    rate = (d - 1) * abs(threshold - noise)
    if abs(noise / threshold - 1.0) < 0.2 or rate * step * parameters["steps"] < 10.0 + np.log(n) / 2.0:
        return None
    if noise > threshold:
        value, source = (
            exact.mean_resultant(n, d) * (noise / (noise - threshold)) ** 0.5,
            "linear response of many tokens",
        )
    else:
        value = exact.noisy_resultant(float(parameters["beta"]), noise, d, softmax)
        source = "mean-field density of infinitely many tokens"
    tolerance = 1.0 / n / abs(1.0 - noise / threshold) + step * threshold * value
    reason = "finite number of tokens (1 / n over the relative distance from the threshold) and finite step (dt D_c)"
    return Expectation(value, source, "exact", tolerance=tolerance, reason=reason, scale=1.0)


# ---- Lifetimes ----


def pair_collapse(parameters: Mapping[str, Any], frame_ratio: float) -> Expectation | None:
    """ln of the median time at which two uniform tokens become one group: causal softmax attention, Q = K = V = 1.

    The median initial angle is a right angle on every sphere, and the time increases with the angle. frame_ratio : the
    largest ratio of the times of neighbouring frames, between which the event lies.
    """
    if not _is_free_pair(parameters):
        return None
    edge = _gap_angle(parameters)
    if edge >= np.pi / 2.0:
        return None
    value = float(np.log(exact.pair_lifetime(float(parameters["beta"]), np.pi / 2.0, edge)))
    reason = "the event lies between two saved frames; half of ln of the ratio of their times"
    spread = float(np.log(frame_ratio)) / 2.0
    return Expectation(value, _PAIR, "exact", tolerance=spread, reason=reason if spread else "")


def pair_collapsed(parameters: Mapping[str, Any], end: float) -> Expectation | None:
    """Share of pairs that are one group by time `end`: the share of the sphere from which that time is long enough."""
    if not _is_free_pair(parameters):
        return None
    beta, edge = float(parameters["beta"]), _gap_angle(parameters)

    def too_late(angle: float) -> float:
        return exact.pair_lifetime(beta, angle, edge) - end

    far = np.pi - 1e-6  # beyond it, the time grows as the logarithm of the remaining angle
    angle = (
        far
        if edge >= far or too_late(far) <= 0.0
        else float(optimize.brentq(too_late, edge, far, xtol=1e-12))
    )
    return Expectation(exact.cap_share(angle, int(parameters["dimension"])), _PAIR, "exact")


def pair_survival(parameters: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray] | None:
    """Times, and the share of such pairs that are still two groups then, (100,) each: those that started farther apart.

    At start angles between the gap and a share of one in a thousand from opposite.
    """
    if not _is_free_pair(parameters):
        return None
    beta, edge, d = float(parameters["beta"]), _gap_angle(parameters), int(parameters["dimension"])
    if edge >= np.pi * 0.999:
        return None
    angles = np.linspace(edge, np.pi * 0.999, 101)[1:]
    times = np.array([exact.pair_lifetime(beta, angle, edge) for angle in angles])
    return times, np.array([1.0 - exact.cap_share(angle, d) for angle in angles])


def centres_stay(parameters: Mapping[str, Any]) -> Expectation | None:
    """Share of strong centres for which lemma 5.1 holds: 1, on the circle under the causal flow with Q = K = V = I."""
    model = parameters.get("source", "model") == "model" and parameters["integrator"] == "ode"
    if not model or parameters["dimension"] != 2 or not _is_causal_identity(parameters):
        return None
    return Expectation(1.0, "Karagodin et al. 2024, lemma 5.1", "identity")


def _is_free_pair(parameters: Mapping[str, Any]) -> bool:
    """Whether the experiment has two uniform tokens that follow the flow of `exact.pair_lifetime`."""
    return (
        parameters["tokens"] == 2
        and is_drawn(parameters)
        and parameters["integrator"] == "ode"
        and _is_causal_identity(parameters)
    )


def _is_causal_identity(parameters: Mapping[str, Any]) -> bool:
    plain = parameters["mask"] == "causal" and parameters["attention"] == "softmax"
    return plain and is_identity(parameters)


def _gap_angle(parameters: Mapping[str, Any]) -> float:
    """The largest angle at which two tokens are in one group, in radian."""
    chord = chord_gap(parameters["gap"], float(parameters["beta"]))
    return 2.0 * float(np.arcsin(min(chord / 2.0, 1.0)))


# ---- The second code ----

_SCRIPT = "performance/causal_second_code.py"
_PAIR = "two causal tokens in closed form (`exact.pair_lifetime`), from uniform starts"
LEMMA_C, LEMMA_SLACK = (
    3.0,
    0.1,
)  # of lemma 5.1: centres 3.6 / sqrt(beta) apart, which move by 0.3 / sqrt(beta)
_GAP = 0.49  # gap of the second code, in units of 1 / sqrt(beta): the chord 0.07 at beta = 49 of the original study
_ENDS = (476.19, 500.0)  # ODE time of 10,000 steps of the original study, and of the sweep over beta
_SAME_TIME = 0.01
_MAP_FROM = 20.0
