"""Names, shapes and dtypes of a state dict, without reading a weight and without torch: for checks before a run.

A torch file is a zip whose `data.pkl` names the tensors; it is read by an unpickler that knows tensors and
dictionaries and calls nothing else. A safetensors file begins with the length of a JSON header.
"""

import collections
import json
import math
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from emergent_dynamics.reasoning.official import Refused

NESTS = ("model", "model_state_dict", "state_dict")
FLOATS = {"F32": 4, "F16": 2, "BF16": 2}
BYTES = {**FLOATS, "F64": 8, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
STORAGES = {
    "FloatStorage": "F32",
    "HalfStorage": "F16",
    "BFloat16Storage": "BF16",
    "DoubleStorage": "F64",
    "LongStorage": "I64",
    "IntStorage": "I32",
    "ShortStorage": "I16",
    "CharStorage": "I8",
    "ByteStorage": "U8",
    "BoolStorage": "BOOL",
}
LONGEST_HEADER = 100_000_000  # bytes, as safetensors itself allows
OLD_FORMAT = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # torch's magic number 0x1950a86a20f9469cfc6c, pickled
T = TypeVar("T")


class Tensor(NamedTuple):
    """One entry: its shape and dtype, and for safetensors the bytes of the file that hold it."""

    shape: tuple[int, ...]
    dtype: str
    start: int = 0
    stop: int = 0


def read(path: Path) -> dict[str, Tensor] | None:
    """Return {official name: tensor} of a state dict; None for a torch file of the old format, which only torch can
    read.
    """
    if not path.is_file():
        raise Refused(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise Refused(f"{path}: the file is empty")
    if path.suffix == ".safetensors":
        found: dict[str, Tensor] | None = safetensors(path)
    else:
        found = _torch(path)
    if found is None:
        return None
    named = strip(found, str(path))
    for name, tensor in named.items():
        if tensor.dtype not in FLOATS:
            raise Refused(f"{path}: {name} is {tensor.dtype}; must be {', '.join(FLOATS)}")
    return named


def strip(entries: Mapping[str, T], file: str) -> dict[str, T]:
    """Remove the prefixes of compilers and wrappers from the names; two entries that would have the same name are
    refused.
    """
    named: dict[str, T] = {}
    for key, value in entries.items():
        name = key
        while name.startswith(("_orig_mod.", "module.", "model.")):
            name = name.partition(".")[2]
        name = name.removeprefix("inner.")
        if name in named:
            raise Refused(f"{file}: {key} and another key are both {name} without their prefixes")
        named[name] = value
    return named


def nested(content: Any, is_tensor: type, file: str) -> dict[str, Any]:
    """Return the dict of tensors: the content itself, or what is stored under `model`, `model_state_dict` or
    `state_dict`.
    """

    def whole(value: Any) -> bool:
        return (
            isinstance(value, Mapping)
            and bool(value)
            and all(isinstance(v, is_tensor) for v in value.values())
        )

    if whole(content):
        return dict(content)
    inside = [key for key in NESTS if isinstance(content, Mapping) and whole(content.get(key))]
    if len(inside) != 1:
        raise Refused(f"{file}: not a dict of tensors, nor has it exactly one under {', '.join(NESTS)}")
    return dict(content[inside[0]])


def safetensors(path: Path) -> dict[str, Tensor]:
    """Return the entries of a safetensors file, after checking their ranges against the size of the file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(size - 8, LONGEST_HEADER):
            raise Refused(f"{path}: not a safetensors file (its header would have {length} bytes)")
        try:
            header = json.loads(file.read(length))
            entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
            found = {
                name: Tensor(
                    tuple(int(n) for n in entry["shape"]),
                    str(entry["dtype"]),
                    8 + length + int(entry["data_offsets"][0]),
                    8 + length + int(entry["data_offsets"][1]),
                )
                for name, entry in entries.items()
            }
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            raise Refused(f"{path}: not a safetensors file (its header is no table of tensors)") from None
    for name, tensor in found.items():
        wanted = BYTES.get(tensor.dtype, 0) * math.prod(tensor.shape)
        negative = min((0, *tensor.shape)) < 0
        if (
            negative
            or not 8 + length <= tensor.start <= tensor.stop <= size
            or tensor.stop - tensor.start != wanted
        ):
            raise Refused(
                f"{path}: {name} {tensor.shape} {tensor.dtype} does not fit its bytes; the file is damaged"
            )
    return found


def _torch(path: Path) -> dict[str, Tensor] | None:
    try:
        with zipfile.ZipFile(path) as archive:
            pickles = [name for name in archive.namelist() if name.rpartition("/")[2] == "data.pkl"]
            if len(pickles) != 1:
                raise Refused(f"{path}: a zip file, but not one that torch.save wrote")
            with archive.open(pickles[0]) as file:
                content = _Tensors(file).load()
    except zipfile.BadZipFile:
        with path.open("rb") as file:
            first = file.read(64)
        if OLD_FORMAT in first:
            return None
        kind = (
            "an incomplete or damaged zip file"
            if first.startswith(b"PK")
            else "not a file that torch.save wrote"
        )
        raise Refused(f"{path}: {kind}") from None
    except Refused:
        raise
    except Exception:  # a broken or foreign pickle may raise anything
        raise Refused(
            f"{path}: holds objects other than tensors, or is damaged; nothing of it was run. "
            "A state dict of tensors is wanted (torch.save(model.state_dict(), file))"
        ) from None
    return nested(content, Tensor, str(path))


class _Tensors(pickle.Unpickler):
    """Knows dictionaries and the two functions that rebuild a tensor; every other name is an error."""

    def find_class(self, module: str, name: str) -> Any:
        """The replacement for a function that the file may name; raises for all others."""
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuilt
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return lambda data, *_: data
        if module == "torch" and name in STORAGES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        """The dtype of a storage; nothing else of it is read."""
        return STORAGES[pid[1]]


def _rebuilt(dtype: str, offset: int, shape: tuple[int, ...], *_: Any) -> Tensor:
    return Tensor(tuple(int(n) for n in shape), dtype)
