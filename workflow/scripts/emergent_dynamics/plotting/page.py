"""Self-contained pages: one HTML file that works without a network, its arrays inside it.

The report shows them in a frame of about 1100 x 650 CSS pixels; they also open on their own. The page's
content security policy forbids every request, so nothing is loaded from a network.
"""

from __future__ import annotations

import base64
import html
import json
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; media-src data:"
)

LARGEST = (
    1_350_000  # bytes of data in a page: the report needs four thirds of it, and Chromium shows 2 MiB at most
)
REFUSED = 2 * 2**20  # characters of a `data:` address, from which on Chromium shows nothing
DEFLATE = 6  # 9 takes four times as long for 3 % less


@dataclass(frozen=True)
class Quantised:
    """Real values to be stored as codes of 8 to 16 `bits` between their extremes; NaN has the highest code.

    The error is at most half a step: (max - min) / (2^bits - 2) / 2.
    """

    values: np.ndarray
    bits: int = 16


def page(title: str, body: str, data: Mapping[str, object], script: str, caption: str = "") -> str:
    """One HTML page. `title` and `caption` are plain text, `body` is HTML that goes into <main>.

    data : arrays, `Quantised` arrays or anything JSON knows; the script finds them decoded in `data`, an
        array as {shape, data} with a flat typed array. Values that are not finite must be in arrays.
    script : JavaScript run with `data`, `main` (the element) and the runtime `page` of page.js in reach.
    """
    return _html(title, body, [encode(data)], script, caption)


def page_of_runs(
    title: str, runs: Iterable[Mapping[str, object]], count: int, script: str, caption: str = ""
) -> str:
    """One HTML page of which a reader chooses the run; `runs` has the data of each of `count` runs, as for `page`.

    Runs are added until the page is full; if that is before the last one, the caption says so.
    """
    texts: list[str] = []
    left = LARGEST - len(script)
    for data in runs:
        text = encode(data)
        left -= len(text)
        if texts and left < 0:
            caption = f"{caption} {len(texts)} of {count} runs: more do not fit into a page.".strip()
            break
        texts.append(text)
    return _html(title, "", texts, script, caption)


def room(first: Mapping[str, object], frames: int, count: int) -> int:
    """How many frames of each of `count` runs a page has room for, if `frames` frames are as large as `first`.

    A tenth of the page is left for the script, and for runs that are larger than the first.
    """
    return max(2, int(frames * 0.9 * LARGEST / (count * len(encode(first)))))


def refused(paths: Iterable[str | os.PathLike[str]]) -> list[str]:
    """A line for each page among the files that is too large for a report, which shows pages in `data:` frames."""
    sizes = {path: Path(path).stat().st_size for path in map(str, paths) if path.endswith(".html")}
    return [
        f"{path}: {size / 1e6:.1f} MB, of which Chromium shows nothing in a report (at most {REFUSED * 3 / 4e6:.1f} MB)"
        for path, size in sizes.items()
        if size * 4 / 3 > REFUSED
    ]


def _html(title: str, body: str, runs: Sequence[str], script: str, caption: str) -> str:
    scripts = "\n".join(f'<script type="application/json" class="data">{text}</script>' for text in runs)
    told = f'<p class="caption">{html.escape(caption)}</p>' if caption else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>
{source("page.css")}</style>
</head>
<body>
<header><h1>{html.escape(title)}</h1>{told}</header>
<main>{body}</main>
{scripts}
<script>
{source("page.js")}
page.start(async (data, main) => {{
{script}
}});
</script>
</body>
</html>
"""


def pack(values: np.ndarray | Quantised) -> dict[str, object]:
    """An array as JSON: little-endian byte planes, deflated, base64; of integers differences in time where smaller.

    Booleans become uint8, int64 becomes int32 and must fit. `unpack` is the inverse, `page.decode` in the
    browser.
    """
    if isinstance(values, Quantised):
        codes, lo, step = _quantise(values)
        return pack(codes) | {"lo": lo, "step": step, "top": 2**values.bits - 1}
    array = np.ascontiguousarray(_portable(np.asarray(values)))
    planes = _planes(array)
    entry: dict[str, object] = {"dtype": array.dtype.name, "shape": list(array.shape)}
    if array.ndim > 1 and len(array) > 1 and array.dtype.kind in "ui":
        changed = _planes(_differences(array))
        if len(zlib.compress(changed, 1)) < len(zlib.compress(planes, 1)):
            planes = changed
            entry["delta"] = True
    return entry | {"packed": base64.b64encode(zlib.compress(planes, DEFLATE)).decode()}


def unpack(entry: Mapping[str, Any]) -> np.ndarray:
    """The array that the browser decodes from the result of `pack`; quantised values are float32."""
    dtype: np.dtype = np.dtype(str(entry["dtype"])).newbyteorder("<")
    planes = np.frombuffer(zlib.decompress(base64.b64decode(str(entry["packed"]))), np.uint8)
    flat = np.ascontiguousarray(planes.reshape(dtype.itemsize, -1).T)
    shape = entry["shape"]
    array: Any = _summed(flat, shape).view(dtype) if entry.get("delta") else flat.view(dtype).reshape(shape)
    if "step" in entry:
        real = entry["lo"] + array * entry["step"]
        array = np.where(array == entry["top"], np.nan, real).astype(np.float32)
    return array


def source(name: str) -> str:
    """The text of a file of this package that is included in pages."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def encode(data: Mapping[str, object]) -> str:
    """The data as JSON in which arrays are packed, and which cannot end the script element that holds it."""
    ready = {key: _entry(value) for key, value in data.items()}
    return json.dumps(ready, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace(
        "<", "\\u003c"
    )


def _entry(value: object) -> object:
    return pack(value) if isinstance(value, np.ndarray | Quantised) else value


def _portable(array: np.ndarray) -> np.ndarray:
    """The array in a type that JavaScript has."""
    if array.dtype.kind == "b":
        return array.astype(np.uint8)
    if array.dtype in (np.int64, np.uint64):
        if array.size and (array.min() < -(2**31) or array.max() >= 2**31):
            raise ValueError(f"integers from {array.min()} to {array.max()}: a page holds at most 32 bits")
        return array.astype(np.int32)
    if array.dtype.kind not in "uif" or array.dtype == np.float16:
        raise ValueError(f"an array of {array.dtype} cannot go into a page; must be bool, integer or float")
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _differences(array: np.ndarray) -> np.ndarray:
    """Differences of integers (frame, ...) in time as (..., frame): what changes slowly deflates best side by side.

    They wrap around, as their sums do, and 0, -1, 1, -2, ... are written 0, 1, 2, 3, ..., so that high bytes are 0.
    """
    turned = np.moveaxis(array, 0, -1)
    differences = turned.copy()
    differences[..., 1:] -= turned[..., :-1]
    size = array.dtype.itemsize
    signed = differences.view(f"<i{size}")
    return (signed << 1) ^ (signed >> (8 * size - 1))


def _summed(flat: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """The inverse of `_differences` from bytes (value, byte): integers (frame, ...)."""
    size = flat.shape[1]
    codes = flat.view(f"<u{size}").reshape(*shape[1:], shape[0])
    signed = (codes >> 1).view(f"<i{size}") ^ -(codes & 1).view(f"<i{size}")
    return np.ascontiguousarray(np.moveaxis(np.cumsum(signed, axis=-1, dtype=signed.dtype), -1, 0))


def _planes(array: np.ndarray) -> bytes:
    """All first bytes, then all second bytes, ...: similar bytes side by side deflate better."""
    return array.reshape(-1).view(np.uint8).reshape(-1, array.dtype.itemsize).T.tobytes()


def _quantise(given: Quantised) -> tuple[np.ndarray, float, float]:
    values = np.asarray(given.values, float)
    top = 2**given.bits - 1
    finite = values[np.isfinite(values)]
    lo, hi = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    step = (hi - lo) / (top - 1) or 1.0
    codes = np.where(
        np.isfinite(values), np.round((np.nan_to_num(values, posinf=lo, neginf=lo, nan=lo) - lo) / step), top
    )
    return codes.astype(np.uint8 if given.bits <= 8 else np.uint16), lo, step
