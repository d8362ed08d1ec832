"""The features of a classifier: the image, its input phases, the blurred input phases, or the settled field.

The gain of the field is its accuracy minus that of the best of the other three, which need no simulation.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import ndimage

from emergent_dynamics import streams
from emergent_dynamics.oscillators import engines, images, model, parameters

# Images simulated at once: of 28 x 28 pixels and 4 channels they are 0.8 MB of float32 phases, and copies in float64.
BATCH = 64


def dataset(config: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """(image, y, x) intensities and labels: the requested number, in a random order that the seed determines."""
    training = config["training"]
    own = config["input"]
    pictures, labels = images.load(training["source"], own["path"], own["labels"])
    n = min(training["images"], len(pictures))
    chosen = streams.choice_without_replacement(config["seed"], "oscillators.dataset", 0, 0, len(pictures), n)
    shape = config["height"], config["width"]
    return np.stack([images.resize(pictures[i], shape) for i in chosen]), labels[chosen]


def test_set(config: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray] | None:
    """The first requested (image, y, x) intensities and labels of `training.test`; None if there is no test set."""
    own = config["training"]["test"]
    if own["path"] is None:
        return None
    pictures, labels = images.load("idx", own["path"], own["labels"])
    shape = config["height"], config["width"]
    return np.stack([images.resize(picture, shape) for picture in pictures[: own["images"]]]), labels[
        : own["images"]
    ]


def noisy(pictures: np.ndarray, deviation: float, seed: int, copy: int) -> np.ndarray:
    """Images with independent Gaussian noise on every pixel, clipped to [0, 1]; `copy` is the number of the augmented
    copy.

    They are clipped because an intensity beyond [0, 1] has no phase of its own on half a turn.
    """
    if deviation == 0:
        return pictures
    n = pictures[0].size
    noise = [streams.normal(seed, "oscillators.noise", i, copy, n) for i in range(len(pictures))]
    return np.clip(pictures + deviation * np.stack(noise).reshape(pictures.shape), 0, 1)


def raw(pictures: np.ndarray) -> np.ndarray:
    """(image, pixel) intensities."""
    return pictures.reshape(len(pictures), -1)


def encoding(pictures: np.ndarray, mapping: str, blur: float = 0.0) -> np.ndarray:
    """(image, 2 pixel) cosine and sine of the input's phase, no dynamics; Gaussian blur of both in pixels."""
    phase = images.map_intensity(pictures, mapping)
    parts = np.stack([np.cos(phase), np.sin(phase)], 1)
    if blur:
        parts = ndimage.gaussian_filter(parts, (0, 0, blur, blur), mode="nearest")
    return parts.reshape(len(pictures), -1)


def field(pictures: np.ndarray, config: Mapping[str, Any], copy: int) -> np.ndarray:
    """(image, 2 pixel) real and imaginary part of mean z over channels, after the experiment's steps."""
    engine = engines.choose(parameters.from_config({**config, "runs": 1}))
    batches = []
    for start in range(0, len(pictures), BATCH):
        inputs = images.map_intensity(pictures[start : start + BATCH], config["mapping"])[:, None]
        phases = start_phases(inputs, config, start, copy)
        state = engine.initial(model.initial(phases, inputs))
        engine.advance(state, config["steps"])
        z = np.exp(1j * engine.phases(state, "float32")).mean(1)
        batches.append(np.stack([z.real, z.imag], 1).reshape(len(inputs), -1))
    return np.concatenate(batches)


def start_phases(inputs: np.ndarray, config: Mapping[str, Any], first: int, copy: int) -> np.ndarray:
    """Initial phases of a batch of images, (image or 1, channel, y, x) rad, by `training.start`.

    input: each image's own input phases, so that nothing but the image decides the field; shared: the same random
    phases for all images; random: different ones for each image, whose traces in the final field are noise.
    """
    shape = config["channels"], config["height"], config["width"]
    kind = config["training"]["start"]
    if kind == "input":
        return np.broadcast_to(inputs, (len(inputs), *shape))
    addresses = [(0, 0)] if kind == "shared" else [(first + i, copy) for i in range(len(inputs))]
    n = int(np.prod(shape))
    draws = [streams.uniform(config["seed"], "oscillators.training", image, at, n) for image, at in addresses]
    return 2 * np.pi * np.stack(draws).reshape(-1, *shape)


def controls(config: Mapping[str, Any]) -> list[str]:
    """Names of the control features, which are computed from the image without simulating the field."""
    return ["raw", "encoding", *(f"blur_{blur:g}" for blur in config["training"]["blur"])]


def compute(name: str, pictures: np.ndarray, config: Mapping[str, Any], copy: int) -> np.ndarray:
    """Compute the features with this name, (image, feature) float32; `copy` is the number of the augmented copy."""
    if name == "raw":
        values = raw(pictures)
    elif name == "field":
        values = field(pictures, config, copy)
    else:
        blur = 0.0 if name == "encoding" else float(name.removeprefix("blur_"))
        values = encoding(pictures, config["mapping"], blur)
    return values.astype(np.float32)
