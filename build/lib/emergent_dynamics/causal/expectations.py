"""When an independent number applies to an experiment, and when a measurement agrees with it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.parameters import chord_gap
from emergent_dynamics.causal.presets import matrix
from emergent_dynamics.statistics import Estimate, mean_interval
from emergent_dynamics.store import Headline, write_summary

AGREEMENT = 4.0  # combined standard errors; one false alarm in 16,000
FEWEST = 8  # values from which a standard error is worth a verdict
NORMAL = 1.959964  # half width of a 95 % interval in standard errors


def headline(estimate: Estimate, unit: str, expected: theory.Expectation | None = None) -> Headline:
    """An estimate beside what is expected of it; `ok` within 4 combined standard errors."""
    value, ci, n = estimate.value, estimate.ci, estimate.n
    note = f"not defined for {n} value{'s' * (n != 1)}" if np.isnan(value) else None
    if expected is None:
        return Headline(value, ci, n, unit, note=note)
    return Headline(value, ci, n, unit, expected.value, expected.source, agrees(estimate, expected), note)


def agrees(estimate: Estimate, expected: theory.Expectation) -> bool | None:
    """Within 4 combined standard errors?

    None without an interval, below `FEWEST` values, or when values without any spread miss a theorem: nothing
    then tells how large an error is to be expected.
    """
    if estimate.ci is None or estimate.n < FEWEST:
        return None
    error = float(np.hypot((estimate.hi - estimate.lo) / (2.0 * NORMAL), expected.error))
    if error == 0.0:
        return True if np.isclose(estimate.value, expected.value, rtol=1e-9) else None
    return bool(abs(estimate.value - expected.value) <= AGREEMENT * error)


def independent(name: str, parameters: Mapping[str, Any]) -> theory.Expectation | None:
    """The independent runs' number of that name about the end, if the experiment is the one it was measured on."""
    if not (is_seed_model(parameters) and 450.0 < end_time(parameters) < 550.0):
        return None
    return theory.INDEPENDENT.get((name, float(parameters["beta"]), int(parameters["tokens"])))


def series(
    name: str, unit: str, values: np.ndarray, time: np.ndarray, parameters: Mapping[str, Any]
) -> dict[str, Headline]:
    """Headlines `name_t<time>` at the points of an independent curve that the experiment reaches; else {}.

    values (run, time); between saved frames they are interpolated in ln time.
    """
    curve = theory.CURVES.get((name, float(parameters["beta"]), int(parameters["tokens"])))
    if curve is None or not is_seed_model(parameters):
        return {}
    return {
        f"{name}_t{t:g}": headline(mean_interval(_at(values, time, t)), unit, expected)
        for t, expected in curve.items()
        if time[:2][-1] <= t <= time[-1] * 1.001 or t == time[0]
    }


def is_seed_model(parameters: Mapping[str, Any]) -> bool:
    """Causal softmax attention on the circle, Q = K = V = I, uniform start, the seed's gap."""
    beta = float(parameters["beta"])
    return (
        parameters["dimension"] == 2
        and parameters["mask"] == "causal"
        and parameters["attention"] == "softmax"
        and parameters["initial"] is None
        and is_identity(parameters)
        and abs(chord_gap(parameters["gap"], beta) * beta**0.5 / theory.GAP - 1.0) < 0.01
    )


def is_identity(parameters: Mapping[str, Any]) -> bool:
    """Are Q, K and V all the identity?"""
    d = int(parameters["dimension"])
    return all(np.array_equal(matrix(parameters[name], d), np.eye(d)) for name in ("query", "key", "value"))


def end_time(parameters: Mapping[str, Any]) -> float:
    """Last time of the experiment in units of the ODE; a step of the map is dt / (1 + dt) of it."""
    if parameters["integrator"] == "ode":
        return float(parameters["end_time"])
    step = float(parameters["step_size"])
    return float(parameters["steps"]) * step / (1.0 + step)


def _at(values: np.ndarray, time: np.ndarray, t: float) -> np.ndarray:
    """values (run, time) at time t, (run,), linear in ln time between the frames after the start."""
    if t == time[0]:
        return values[:, 0]
    axis = np.log(time[1:])
    return np.array([np.interp(np.log(t), axis, run[1:]) for run in values])


def write(output: Any, tables: Mapping[str, Any], headlines: Mapping[str, Headline]) -> None:
    """Each table to the rule's output of its name, the headlines to `output.summary`."""
    for name, table in tables.items():
        table.to_csv(output[name] if isinstance(output, dict) else dict(output.items())[name], index=False)
    write_summary(output.summary, headlines)
