"""Pages for all systems, as HTML made from data: a film, a table, moving points, changing maps."""

from __future__ import annotations

import base64
import html
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypedDict, Unpack

import numpy as np

from emergent_dynamics.plotting.colours import CATEGORIES, CYCLIC, SEQUENTIAL, category_table, table
from emergent_dynamics.plotting.page import Quantised, page, source

LARGEST_FILM = 1_100_000  # bytes; in base64 four thirds of that, and the report encodes the page once more


def film_page(film: str | os.PathLike[str], title: str, caption: str = "") -> str:
    """Make a page in which an MP4 plays in a loop, with the browser's own controls.

    Snakemake's report shows a page in a `data:` frame, which Chromium limits to 2 MiB. If the film is larger, the page
    names its file.
    """
    label = html.escape(title, quote=True)
    size = Path(film).stat().st_size
    if size > LARGEST_FILM:
        where = html.escape(os.fspath(film), quote=True)
        message = (
            f"The film of {size / 1e6:.1f} MB is too large for a report: it is {where}. index.html plays it."
        )
        return page(title, f"<p>{message}</p>", {}, "", caption)
    body = (
        f'<video controls loop muted playsinline autoplay aria-label="{label}" '
        f'src="data:video/mp4;base64,{base64.b64encode(Path(film).read_bytes()).decode()}"></video>'
    )
    return page(title, body, {}, "", caption)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    kind : text; sentence, text of at least 14 em; integer; number; interval (a pair); written, [number to sort by, its
    text]; agreement, a verdict as text, of which "agrees" and "disagrees" are coloured.
    """

    label: str
    kind: str = "text"
    unit: str = ""
    digits: int = 4


def table_page(
    rows: Sequence[Sequence[Any]] | Sequence[Mapping[Any, Any]],
    columns: Sequence[Column] | Mapping[str, Column],
    title: str,
    caption: str = "",
) -> str:
    """Make a page with a table to sort and filter. Undefined values (None, NaN) are dashes and sort last.

    Numbers have the `digits` of their column. rows are sequences in the order of `columns`, or mappings when `columns`
    maps their keys to columns.
    """
    if isinstance(columns, Mapping):
        keyed = [[row.get(key) for key in columns] for row in rows]  # type: ignore[union-attr]
        rows, columns = keyed, list(columns.values())
    cells = [[_cell(value) for value in row] for row in rows]
    return page(
        title, "", {"columns": [asdict(c) for c in columns], "rows": cells}, source("table.js"), caption
    )


@dataclass(frozen=True)
class Layer:
    """Maps to look at: codes (frame, row, column) uint8 or uint16 through `colours` (k, 3) uint8.

    Either `names` has one per code, or codes from 0 to `top` (k - 1 if None) mean values from lo to hi in
    `unit`. Cells with the code `blank` stay empty.
    """

    codes: np.ndarray
    colours: np.ndarray
    lo: float = 0.0
    hi: float = 1.0
    unit: str = ""
    names: Sequence[str] | None = None
    blank: int | None = None
    top: int | None = None


def value_layer(
    values: np.ndarray,
    colour_map: str = SEQUENTIAL,
    limits: tuple[float, float] | None = None,
    unit: str = "",
) -> Layer:
    """Real maps (frame, row, column) in 255 steps between the limits (default: the extremes); NaN is blank.

    With the cyclic map limits are one period, so that its end is its start.
    """
    finite = values[np.isfinite(values)]
    lo, hi = limits or ((float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0))
    cyclic = colour_map == CYCLIC
    scaled = (values - lo) / ((hi - lo) or 1.0)
    scaled = np.floor(scaled % 1 * 255) if cyclic else np.round(scaled.clip(0, 1) * 254)
    codes = np.where(np.isfinite(values), scaled, 255)
    return Layer(
        codes.astype(np.uint8), table(colour_map, 255), lo, hi, unit, None, 255, 255 if cyclic else 254
    )


class Motion(TypedDict, total=False):
    """A time slider: time (frame,) is what the clock shows after the word `clock` ("frame"); traces are curves (frame,)
    below the picture; `fps` (20) is the speed of playing."""

    time: np.ndarray | None
    clock: str
    traces: Mapping[str, np.ndarray] | None
    fps: float


class ImagesLook(Motion, total=False):
    """How maps look. `axes` (row, column) name their directions; `origin` is where row 0 lies, "lower" or "upper"."""

    axes: tuple[str, str]
    origin: str


class PointsLook(Motion, total=False):
    """How points look. `space` is plane, circle or sphere; `category` (point,) or (frame, point) has integers into
    `names`; `bits` (16) are kept of each coordinate. `what` names a point in the hover text; `radius` (4) is in CSS
    pixels, or one for each category: then later categories are drawn above earlier ones; `colours` (category, 3) uint8
    replaces the usual ones. `axes`, limits (left, right, bottom, top) and `equal` scales belong to the plane.
    """

    space: str
    category: np.ndarray | None
    names: Sequence[str] | None
    bits: int
    axes: tuple[str, str]
    limits: tuple[float, float, float, float] | None
    equal: bool
    what: str
    radius: float | Sequence[float]
    colours: np.ndarray | None


def images_page(
    layers: Mapping[str, Layer], title: str, caption: str = "", **look: Unpack[ImagesLook]
) -> str:
    """The page of `images`."""
    return page(title, "", images(layers, title, **look), images_script(), caption)


def images_script() -> str:
    """The script that draws the data of `images`."""
    return source("cells.js") + source("images.js")


def images(layers: Mapping[str, Layer], label: str, **look: Unpack[ImagesLook]) -> dict[str, object]:
    """Data of maps in motion with a time slider, zoom and the value under the pointer; layers are chosen from a list.

    label : what the picture shows, for those who do not see it. look : see `ImagesLook`.
    """
    shapes = {layer.codes.shape for layer in layers.values()}
    if len(shapes) != 1:
        raise ValueError(
            f"layers of one page have one shape (frame, row, column); these have {sorted(shapes)}"
        )
    data: dict[str, object] = {
        "layers": [],
        "label": label,
        "axes": look.get("axes", ("row", "column")),
        "upper": look.get("origin", "lower") == "upper",
        "clock": look.get("clock", "frame"),
    }
    listed: list[object] = []
    for i, (name, layer) in enumerate(layers.items()):
        key = f"layer{i}"
        data[key], data[f"{key}_table"] = layer.codes, layer.colours
        names = list(layer.names) if layer.names is not None else None
        top = len(layer.colours) - 1 if layer.top is None else layer.top
        about = {"key": key, "label": name, "lo": layer.lo, "hi": layer.hi, "top": top}
        listed.append(about | {"unit": layer.unit, "names": names, "blank": layer.blank})
    data["layers"] = listed
    (frames, _, _) = shapes.pop()
    return data | _motion(frames, look)


def points_page(positions: np.ndarray, title: str, caption: str = "", **look: Unpack[PointsLook]) -> str:
    """The page of `points`."""
    return page(title, "", points(positions, title, **look), points_script(), caption)


def points_script() -> str:
    """The script that draws the data of `points`."""
    return source("points.js")


def points(positions: np.ndarray, label: str, **look: Unpack[PointsLook]) -> dict[str, object]:
    """Data of points in motion with a time slider, zoom, hover and a legend that hides categories.

    positions : plane (frame, point, 2); circle (frame, point) angles in rad; sphere (frame, point, 3). label : what the
    picture shows, for those who do not see it. look : see `PointsLook`.
    A position that is NaN is not drawn. Positions are stored in `bits`, so they are off by at most
    1 / (2^(bits + 1) - 4) of their range.
    """
    space, category, names = look.get("space", "plane"), look.get("category"), look.get("names")
    radius = look.get("radius", 4.0)
    limits = look.get("limits")
    coordinates = {"plane": (2,), "circle": (), "sphere": (3,)}
    if space not in coordinates:
        raise ValueError(f"space = {space!r}: must be plane, circle or sphere")
    if positions.ndim < 2 or positions.shape[2:] != coordinates[space]:
        wanted = ", ".join(["frame", "point", *map(str, coordinates[space])])
        raise ValueError(f"positions have shape {positions.shape}: a {space} needs ({wanted})")
    if space == "plane" and limits is None:
        limits = _around(positions)
    data: dict[str, object] = {
        "position": Quantised(positions, look.get("bits", 16)),
        "space": space,
        "limits": limits if space == "plane" else (-1.08, 1.08, -1.08, 1.08),
        "equal": look.get("equal", True) or space != "plane",
        "label": label,
        "clock": look.get("clock", "frame"),
        "axes": look.get("axes", ("x", "y")),
        "what": look.get("what", "point"),
        "radius": list(radius) if isinstance(radius, Sequence) else radius,
        "names": list(names) if names is not None else None,
        "category": None,
    }
    kinds = 1
    if category is not None:
        kinds = int(np.max(category, initial=0)) + 1
        data["category"] = np.asarray(category).astype(np.uint8 if kinds <= 256 else np.uint16)
    motion = _motion(len(positions), look)
    colours = look.get("colours")
    palette = category_table(max(kinds, len(CATEGORIES))) if colours is None else colours
    motion["colours"] = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in palette]
    return data | motion


def _motion(frames: int, motion: Motion) -> dict[str, object]:
    """The data of the time slider of a page."""
    time, traces = motion.get("time"), motion.get("traces")
    shown = np.arange(frames) if time is None else np.asarray(time)
    data: dict[str, object] = {
        "fps": motion.get("fps", 20),
        "time": shown.astype(float),
        "traces": None,
        "colours": list(CATEGORIES),
    }
    if traces:
        data["traces"] = list(traces)
        data |= {f"trace{i}": np.asarray(curve, np.float32) for i, curve in enumerate(traces.values())}
    for name, curve in (traces or {}).items():
        if len(curve) != frames:
            raise ValueError(f"trace {name!r} has {len(curve)} values; must be {frames}, one per frame")
    if len(shown) != frames:
        raise ValueError(f"time has {len(shown)} values; must be {frames}, one per frame")
    return data


def _around(positions: np.ndarray) -> tuple[float, float, float, float]:
    """Limits of the plane with a margin of 4 %."""
    flat = positions.reshape(-1, 2)
    flat = flat[np.isfinite(flat).all(axis=1)]
    if not len(flat):
        return 0.0, 1.0, 0.0, 1.0
    lo, hi = flat.min(axis=0), flat.max(axis=0)
    margin = 0.04 * np.where(hi > lo, hi - lo, 1.0)
    (x0, y0), (x1, y1) = lo - margin, hi + margin
    return float(x0), float(x1), float(y0), float(y1)


def _cell(value: object) -> object:
    """A value that JSON can represent; None if it is not finite."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple | np.ndarray):
        return [_cell(v) for v in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
