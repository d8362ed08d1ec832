"""Checks of values of a causal experiment that contradict each other; imports neither Numba nor torch."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from emergent_dynamics.causal import presets
from emergent_dynamics.inputs.conditions import Shape, Wanted, faults, shape_of
from emergent_dynamics.inputs.content import exists

Fault = tuple[str, Any, str]
LARGEST_EXPONENT = 700.0  # exp of more than 709.78 overflows a float64


def check(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    """(key, value, what is allowed) of every mistake in an experiment that the schema has completed."""
    if experiment["source"] == "states":
        yield from _states(experiment)
        return
    if experiment["states"]["path"] is not None:
        yield "states.path", experiment["states"]["path"], "absent, as source is model"
    yield from _variants(experiment)
    sizes = list(_sizes(experiment))
    yield from sizes
    if not sizes:
        yield from _strength(experiment)
    yield from _saving(experiment)
    yield from _initial(experiment)


def _variants(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    """Mistakes in heads, normalisation and noise, which are available for the map only."""
    plain = {"heads": 1, "normalisation": "post", "noise": 0}
    for key, value in plain.items():
        if experiment["integrator"] != "map" and experiment[key] != value:
            yield key, experiment[key], f"{value}, as integrator is {experiment['integrator']}"
    noise = experiment["noise"]
    if noise and experiment["normalisation"] != "post":
        yield "noise", noise, f"0, as normalisation is {experiment['normalisation']}"
    most = 0.5 / max(noise * (experiment["dimension"] - 1), 1e-300)
    if experiment["step_size"] >= most:
        what = (
            "1 / (2 noise (dimension - 1)): with larger steps noise turns a token by about a radian per step"
        )
        yield "step_size", experiment["step_size"], f"less than {most:g}, {what}"


def _sizes(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    d = experiment["dimension"]
    for name in presets.MATRICES:
        given = experiment[name]
        if path := presets.file_of(given):
            yield from faults(f"{name}.file", path, Wanted(_matrix_shapes(experiment)))
        elif isinstance(given, Mapping) and len(given["diagonal"]) != d:
            yield f"{name}.diagonal", given["diagonal"], f"a list of {d} numbers (dimension is {d})"
        elif not isinstance(given, str | Mapping) and {len(given), *map(len, given)} != {d}:
            yield name, given, f"a {d}x{d} matrix (dimension is {d})"


def _matrix_shapes(experiment: Mapping[str, Any]) -> dict[str, Shape]:
    """Allowed shapes of a file of V, Q or K: one matrix, or for the map one per step, per head, or per both."""
    d, heads, steps = (experiment[key] for key in ("dimension", "heads", "steps"))
    shapes: dict[str, Shape] = {"(dimension, dimension)": (d, d)}
    if heads > 1:
        shapes["(heads, dimension, dimension)"] = (heads, d, d)
        shapes["(steps, heads, dimension, dimension)"] = (steps, heads, d, d)
    elif experiment["integrator"] == "map":
        shapes["(steps, dimension, dimension)"] = (steps, d, d)
    return shapes


def _strength(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    """Mistakes in the strength of the attention: a step as long as the vector of a token, or weights that overflow."""
    if not all(exists(path) for name in presets.MATRICES if (path := presets.file_of(experiment[name]))):
        return  # the configuration itself reports a missing file
    value, norm = _norms(experiment)
    exponent = experiment["beta"] * norm
    if not np.isfinite(exponent):
        yield "query", experiment["query"], "a matrix with which beta |Q^T K| is a finite number"
        return
    gain = 1.0
    if experiment["attention"] == "unnormalised":
        if exponent > LARGEST_EXPONENT:
            allowed = f"at most {LARGEST_EXPONENT / norm:g} (unnormalised weights reach exp(beta |Q^T K|))"
            yield "beta", experiment["beta"], allowed
            return
        gain = float(np.exp(exponent))
    if experiment["normalisation"] in ("peri", "ngpt"):
        return  # the output has length 1
    strength = gain * value * experiment["heads"]
    if experiment["integrator"] == "map" and experiment["step_size"] * strength >= 1.0:
        what = "heads " * (experiment["heads"] > 1) + ("|V|" if gain == 1.0 else "exp(beta |Q^T K|) |V|")
        yield (
            "step_size",
            experiment["step_size"],
            f"less than {1.0 / strength:g}, 1 / {what}: else a token can vanish",
        )


def _norms(experiment: Mapping[str, Any]) -> tuple[float, float]:
    """|V| and |Q^T K|, infinite where a product overflows; diagonal matrices are neither built nor decomposed."""
    d = experiment["dimension"]
    value, query, key = (presets.diagonal(experiment[name], d) for name in presets.MATRICES)
    largest = presets.norm(presets.matrix(experiment["value"], d)) if value is None else np.abs(value).max()
    with np.errstate(over="ignore", invalid="ignore"):
        if query is not None and key is not None:
            return float(largest), float(np.abs(query * key).max())
        form = presets.matrix(experiment["query"], d).swapaxes(-1, -2) @ presets.matrix(experiment["key"], d)
        return float(largest), presets.norm(form) if np.isfinite(form).all() else np.inf


def _saving(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    every = experiment["save"].get("every")
    if every is None:
        return
    ode = experiment["integrator"] == "ode"
    if not ode and every != int(every):
        yield "save.every", every, "a whole number of steps (integrator is map)"
    end = experiment["end_time"] if ode else experiment["steps"]
    if every > end:
        yield "save.every", every, f"at most {'end_time' if ode else 'steps'}, {end:g}"


def _initial(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    shape = tuple(experiment[key] for key in ("runs", "tokens", "dimension"))
    wanted = Wanted({"(runs, tokens, dimension)": shape}, directions=True)
    yield from faults("initial", experiment["initial"], wanted)


def _states(experiment: Mapping[str, Any]) -> Iterator[Fault]:
    path = experiment["states"]["path"]
    if path is None:
        yield "states.path", None, "a file, as source is states"
        return
    runs, tokens, d = (experiment[key] for key in ("runs", "tokens", "dimension"))
    shapes: dict[str, Shape] = {"(runs, layer, tokens, dimension)": (runs, None, tokens, d)}
    if runs == 1:
        shapes["(layer, tokens, dimension)"] = (None, tokens, d)
    found = list(faults("states.path", path, Wanted(shapes, directions=True)))
    yield from found
    if not found and (shape := shape_of(path)) and shape[-3] < 2:
        yield "states.path", path, f"an array of at least 2 layers; it has {shape[-3]}"
