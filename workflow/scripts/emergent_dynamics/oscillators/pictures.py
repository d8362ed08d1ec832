"""Images in a user's own files, IDX, PNG, JPG or arrays, as intensities in [0, 1]; imports neither SciPy nor torch.

The range of an integer type extends from black to white; values of unknown range are refused, not clipped.
"""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np

from emergent_dynamics.inputs.files import opened, read

if TYPE_CHECKING:
    from PIL.Image import Image

IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST_PIXELS = 178_956_970  # as Pillow allows
MOST_DIMENSIONS = 32  # of an IDX file
LARGEST = 1 << 32  # largest size of an IDX file in memory, bytes
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP", "PPM")  # others would start a program, as EPS does
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
LARGEST_LABEL = 2**31 - 1


def intensities(values: np.ndarray) -> np.ndarray:
    """Grey values as float64 in [0, 1]: unsigned bytes and 16-bit words by their range, floats as they are.

    Raises ValueError, one line, for floats outside [0, 1] or not finite, and for wider integers, of which the range of
    grey values is unknown.
    """
    if values.dtype.kind in "ub" and values.dtype.itemsize <= 2:
        top = 1.0 if values.dtype.kind == "b" else float(np.iinfo(values.dtype).max)
        return values / top
    if values.dtype.kind != "f":
        raise ValueError(f"holds {values.dtype}; must be uint8, uint16, or floats from 0 to 1")
    if not np.isfinite(values).all():
        raise ValueError("holds NaN or infinity; every intensity must be finite")
    if values.min(initial=0.0) < 0 or values.max(initial=0.0) > 1:
        raise ValueError(f"holds {values.min():g} to {values.max():g}; floats must be from 0 to 1")
    return values.astype(np.float64)


def picture(path: str | Path) -> np.ndarray:
    """(y, x) float64 in [0, 1] of a PNG or JPG, its grey level, or of an array (y, x).

    Raises ValueError, one line, for another file, too many pixels, or pixels that are not opaque.
    """
    path = Path(path)
    if path.suffix.lower() in (".npy", ".npz", ".csv", ".zarr") or "#" in path.name:
        try:
            shape = opened(str(path)).shape
            if len(shape) != 2 or 0 in shape:
                raise ValueError(f"has the shape {shape}; an image is (y, x)")
            if math.prod(shape) > MOST_PIXELS:
                raise ValueError(f"has {math.prod(shape)} pixels; at most {MOST_PIXELS} are read")
            return intensities(read(str(path)))
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path, formats=FORMATS) as stored:
            if (frames := getattr(stored, "n_frames", 1)) > 1:
                raise ValueError(f"has {frames} frames; an image has one")
            if stored.mode == "I" and stored.format not in ("PNG", "PPM"):  # 32 bits of unknown range
                raise ValueError("holds int32; must have 8 or 16 bits per value, or floats from 0 to 1")
            if not _opaque(stored):
                raise ValueError("has transparent pixels; make every pixel opaque")
            stored.info.pop("transparency", None)
            image = ImageOps.exif_transpose(stored)  # as it is shown, which may not be as it is stored
            if image.mode.startswith("I"):  # 16 bits of grey
                return intensities(np.asarray(image).astype(np.uint16))
            if image.mode == "F":
                return intensities(np.asarray(image))
            return np.asarray(image.convert("L"), float) / 255.0
    except (UnidentifiedImageError, SyntaxError):
        raise ValueError(f"{path}: must be a PNG, JPG or NPY file") from None
    except (ValueError, OSError, struct.error, Image.DecompressionBombError) as error:
        raise ValueError(f"{path}: {str(error).splitlines()[0]}") from None


def _opaque(image: "Image") -> bool:
    """Whether no pixel is transparent, by an alpha channel, a palette, or a colour that stands for transparency."""
    if not image.has_transparency_data:
        return True
    if image.mode.startswith("I"):  # Pillow does not convert a transparent grey of 16 bits
        return False
    return bool(np.asarray(image.convert("RGBA").getchannel("A")).min() == 255)


def labelled(path: str | Path, labels: str | Path | None) -> tuple[np.ndarray, np.ndarray | None]:
    """(image, y, x) float64 in [0, 1] of an IDX file, and (image,) int64 of the file of labels. Raises ValueError."""
    images, known = raw(path, labels)
    return intensities(images), known


def raw(path: str | Path, labels: str | Path | None) -> tuple[np.ndarray, np.ndarray | None]:
    """(image, y, x) of an IDX file in its own type, which takes least memory, and (image,) int64 of the file of labels.

    `intensities` accepts every part of the images. Raises ValueError.
    """
    images = read_idx(Path(path))
    if images.ndim == 2:
        images = images[None]
    if images.ndim != 3 or 0 in images.shape:
        raise ValueError(f"{path}: images have 3 dimensions (image, y, x); it has {images.shape}")
    if images.dtype.kind == "i":
        if images.min() < 0 or images.max() > 255:
            raise ValueError(
                f"{path}: holds {images.min()} to {images.max()}; integers must be from 0 to 255"
            )
        images = images.astype(np.uint8)
    try:
        for image in images if images.dtype.kind == "f" else ():
            intensities(image)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if labels is None:
        return images, None
    target = read_idx(Path(labels))
    if target.shape != (len(images),):
        raise ValueError(f"{labels}: labels of shape {target.shape} for {len(images)} images")
    if not ((target >= 0) & (target <= LARGEST_LABEL) & (target == np.trunc(target))).all():
        raise ValueError(f"{labels}: labels must be whole numbers from 0 to {LARGEST_LABEL}")
    return images, target.astype(np.int64)


def idx_bytes(path: str | Path) -> int:
    """Bytes that the images of an IDX file take in memory; 0 for another file."""
    try:
        with _idx(Path(path)) as stream:
            shape, dtype = _idx_header(stream, Path(path))
    except (ValueError, *DAMAGED):
        return 0
    return math.prod(shape) * dtype.itemsize


def read_idx(path: Path) -> np.ndarray:
    """An IDX file, plain or gzip (LeCun & Cortes' format: 0, 0, type, dimensions, sizes and data big-endian).

    The header is read before the data. Raises ValueError, one line, if the type is unknown or the size does not match.
    """
    try:
        with _idx(path) as stream:
            shape, dtype = _idx_header(stream, path)
            expected = math.prod(shape) * dtype.itemsize
            if expected > LARGEST:
                raise ValueError(f"{path}: takes {expected} bytes in memory; at most {LARGEST} are read")
            data = stream.read(expected + 1)
    except DAMAGED as error:
        raise ValueError(f"{path}: {str(error).splitlines()[0]}") from None
    if len(data) != expected:
        found = str(len(data)) if len(data) < expected else "more"
        raise ValueError(f"{path}: {found} bytes of data where its header promises {expected}")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _idx(path: Path) -> BinaryIO:
    if path.is_dir():  # a Zarr store
        raise ValueError(f"{path}: a folder, not an IDX file")
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path)) if packed else path.open("rb")


def _idx_header(stream: BinaryIO, path: Path) -> tuple[tuple[int, ...], np.dtype]:
    head = stream.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in IDX_TYPES or head[3] > MOST_DIMENSIONS:
        raise ValueError(
            f"{path}: not an IDX file (must begin with 0, 0, a type of {sorted(IDX_TYPES)} and the dimensions)"
        )
    sizes = stream.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise ValueError(f"{path}: an IDX file that ends within its header; it is truncated")
    return struct.unpack(f">{head[3]}I", sizes), np.dtype(IDX_TYPES[head[2]])
