"""An oscillator experiment from its configuration: parameters, initial phases, input phases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from emergent_dynamics.oscillators import images, model


@dataclass(frozen=True, eq=False)
class Experiment:
    """Everything a run needs. phases and inputs: (run, channel, y, x) rad; labels: (run,), -1 where unknown."""

    parameters: model.Parameters
    phases: np.ndarray
    inputs: np.ndarray
    labels: np.ndarray
    steps: int
    save: Mapping[str, int]
    store_dtype: str
    engine: str
    device: str


def from_config(given: Mapping[str, Any]) -> Experiment:
    """From the mapping that the schema completes; keys of the analyses are left alone."""
    p = parameters(given)
    runs, seed = given["runs"], given["seed"]
    labels = np.full(runs, images.NO_LABEL)
    if given["input_phases"] is None:
        seen, labels = images.select(given["input"], runs, p.shape[1:], seed)
        inputs = model.map_intensity(seen, given["mapping"])[:, None]
    else:
        inputs = np.load(given["input_phases"], allow_pickle=False)
    if given["initial_phases"] is None:
        phases = model.draw_phases(seed, runs, p.shape)
    else:
        phases = np.load(given["initial_phases"], allow_pickle=False)
    everywhere = (runs, *p.shape)
    return Experiment(
        p,
        np.broadcast_to(phases, everywhere),
        np.broadcast_to(inputs, everywhere),
        labels,
        given["steps"],
        given["save"],
        given["store_dtype"],
        given["engine"],
        given["device"],
    )


def parameters(given: Mapping[str, Any]) -> model.Parameters:
    """The equations' parameters, Omega and natural frequencies drawn or read."""
    shape = given["channels"], given["height"], given["width"]
    threshold = given["spike_threshold"] * (
        given["step_size"] if given["spike_unit"] == "rad_per_time" else 1.0
    )
    if given["omega"] is None:
        omega = model.draw_omega(given["seed"], given["channels"], given["omega_mode"])
    else:
        omega = np.load(given["omega"], allow_pickle=False).astype(float)
    natural = None
    if given["natural"]["distribution"] != "none":
        natural = model.draw_natural(given["seed"], given["runs"], shape, **given["natural"])
    same = (
        "step_size",
        "coupling",
        "frequency",
        "bias",
        "evolve_input",
        "normalise",
        "topology",
        "omega_mode",
        "integrator",
    )
    return model.Parameters(
        height=given["height"],
        width=given["width"],
        channels=given["channels"],
        spike_threshold=threshold,
        periodic=tuple(given["boundary"][axis] == "periodic" for axis in model.AXES),
        omega=omega,
        natural=natural,
        **{key: given[key] for key in same},
    )
