"""The start of an experiment: initial phases and phases of the input, drawn at random, read, or from images."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from emergent_dynamics.inputs.files import read
from emergent_dynamics.oscillators import draws, images


class Start(NamedTuple):
    """phases and inputs: (run, channel, y, x) rad; labels: (run,) of the images, -1 where unknown."""

    phases: np.ndarray
    inputs: np.ndarray
    labels: np.ndarray


def from_config(config: Mapping[str, Any]) -> Start:
    """Draw or read initial phases, inputs and labels of all runs of a complete experiment."""
    shape = config["channels"], config["height"], config["width"]
    runs, seed = config["runs"], config["seed"]
    labels = np.full(runs, images.NO_LABEL)
    if config["input_phases"] is None:
        seen, labels = images.select(config["input"], runs, shape[1:], seed)
        inputs = images.map_intensity(seen, config["mapping"])[:, None]
    else:
        inputs = read(config["input_phases"])
    if config["initial_phases"] is None:
        phases = _drawn(config["start"], seed, runs, shape)
    else:
        phases = read(config["initial_phases"])
    everywhere = (runs, *shape)
    return Start(np.broadcast_to(phases, everywhere), np.broadcast_to(inputs, everywhere), labels)


def _drawn(start: Mapping[str, Any], seed: int, runs: int, shape: tuple[int, int, int]) -> np.ndarray:
    """(run, channel, y, x) initial phases in rad, drawn as `start.form` says."""
    if start["form"] == "clustered":
        return draws.draw_clustered(seed, runs, shape, start["order"])
    return (draws.draw_bump if start["form"] == "bump" else draws.draw_phases)(seed, runs, shape)
