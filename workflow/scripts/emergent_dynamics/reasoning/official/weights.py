"""Reads the tensors of a state dict as float32 arrays (torch for torch's own files); nothing in a file is executed."""

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emergent_dynamics.reasoning.official import Refused, headers
from emergent_dynamics.reasoning.official.architecture import Architecture

EMBEDDING = "puzzle_emb.weights"


def read(
    path: Path, sizes: Architecture, identifiers: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """{official name: float32 array} of the architecture's tensors, and rows (example, puzzle_width) of the puzzle
    embedding, of which no more is read than these rows. Raises Refused: unknown, missing or misshapen tensors, other
    dtypes than float32, float16 and bfloat16, values that are not finite."""
    found = _mapped(path) if path.suffix == ".safetensors" else _torch(path)
    sizes.check({name: tuple(value.shape) for name, value in found.items()}, str(path))
    rows = np.zeros((len(identifiers), 0), np.float32)
    if sizes.puzzle_width:
        rows = _array(found[EMBEDDING][identifiers], EMBEDDING, path)
    names = [name for name in sizes.shapes() if name != EMBEDDING]
    return {name: _array(found[name], name, path) for name in names}, rows


def untrained(weights: Mapping[str, np.ndarray]) -> bool:
    """Return whether the halting head is exactly that of the official initialisation, which suggests that nothing was
    trained.
    """
    return not weights["q_head.weight"].any() and bool((weights["q_head.bias"] == -5.0).all())


def rounded(weights: np.ndarray) -> np.ndarray:
    """Float32 values rounded to the nearest bfloat16, ties to even, as torch casts them."""
    bits = np.ascontiguousarray(weights, np.float32).view(np.uint32)
    bits = bits + 0x7FFF + ((bits >> 16) & 1)
    return (bits & 0xFFFF0000).astype(np.uint32).view(np.float32)


def _torch(path: Path) -> dict[str, Any]:
    """The tensors as torch maps them; a file of the old format cannot be mapped and is read whole."""
    import torch

    why = ""
    for mapped in (True, False):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # torch warns about old and unusual pickles
                content = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
        except pickle.UnpicklingError:
            raise Refused(
                f"{path}: holds objects other than tensors; nothing of it was run. "
                "A state dict of tensors is wanted (torch.save(model.state_dict(), file))"
            ) from None
        except (
            Exception
        ) as error:  # a broken file makes torch raise RuntimeError, KeyError, EOFError, IndexError, ...
            why = type(error).__name__
            continue
        return headers.strip(headers.nested(content, torch.Tensor, str(path)), str(path))
    raise Refused(f"{path}: not a file that torch.save wrote, or damaged ({why})")


def _mapped(path: Path) -> dict[str, np.ndarray]:
    """Memory maps of the tensors of a safetensors file; bfloat16 as uint16."""
    kinds: dict[str, np.dtype[Any]] = {
        "F32": np.dtype("<f4"),
        "F16": np.dtype("<f2"),
        "BF16": np.dtype("<u2"),
    }
    entries = headers.strip(headers.safetensors(path), str(path))
    file = np.memmap(path, np.uint8, "r")
    found = {}
    for name, tensor in entries.items():
        if tensor.dtype not in kinds:
            raise Refused(f"{path}: {name} is {tensor.dtype}; must be {', '.join(kinds)}")
        found[name] = file[tensor.start : tensor.stop].view(kinds[tensor.dtype]).reshape(tensor.shape)
    return found


def _array(value: Any, name: str, path: Path) -> np.ndarray:
    if not isinstance(value, np.ndarray):
        import torch

        if value.dtype not in (torch.float32, torch.float16, torch.bfloat16):
            raise Refused(f"{path}: {name} is {value.dtype}; must be float32, float16 or bfloat16")
        array = value.float().numpy()
    elif value.dtype == np.dtype("<u2"):
        array = (value.astype(np.uint32) << 16).view(np.float32)
    else:
        array = value.astype(np.float32)
    if not np.isfinite(array).all():
        count = int(np.count_nonzero(~np.isfinite(array)))
        raise Refused(f"{path}: {name} {array.shape} has {count} values that are not finite")
    return np.array(array, np.float32)  # a copy, since the file may be deleted
