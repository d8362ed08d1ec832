"""What the front page shows of a run: its figures with captions, its jobs, and the commit of its code."""

import base64
import json
import math
import platform
import re
import subprocess
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment

from emergent_dynamics.plotting.film import poster

PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}
PIECE = 1 << 16  # bytes of a figure that are read at a time


@dataclass(frozen=True)
class Figure:
    """One figure, without its content until `embedded` has read it. kind : "picture", "film" or "page"."""

    stem: str
    label: str
    caption: str
    kind: str
    mime: str
    path: str
    data: str  # path of the table with its numbers, or ""
    content: str = ""  # base64; pictures and pages are deflated first
    poster: str = ""  # still picture of a film: JPEG, base64


def figures_of(paths: Iterable[str], folder: str, captions: Path, labels: Mapping[str, str]) -> list[Figure]:
    """The figures below `folder` (results/<system>/<experiment>), in the order of the paths.

    captions : the directory of `<system>_<stem>.rst`. labels : {"<system>/<stem>": name of the figure}.
    A page around a film is left out: the film itself is shown.
    """
    system = folder.split("/")[1]
    own = [Path(path) for path in paths if Path(path).parent.as_posix() == f"{folder}/figures"]
    return [_figure(path, captions, labels.get(f"{system}/{path.stem}", path.stem), system) for path in own]


def picture(path: Path, label: str, caption: str, data: str) -> Figure:
    """One drawing with the given caption; data : path of the table with its numbers."""
    return Figure(path.stem, label, caption, "picture", PICTURES[path.suffix], path.as_posix(), data)


def embedded(figure: Figure, largest: float = math.inf) -> Figure:
    """The figure with its content, and its poster if it is a film, of at most `largest` bytes in all.

    A figure that needs more is returned without content, and no more than `largest` bytes of it are held.
    """
    path = Path(figure.path)
    if figure.kind != "film":
        return replace(figure, content=_deflated(path, largest))
    if 4 / 3 * path.stat().st_size > largest:
        return figure
    content, still = (base64.b64encode(data).decode() for data in (path.read_bytes(), poster(path)))
    return figure if len(content) + len(still) > largest else replace(figure, content=content, poster=still)


def _deflated(path: Path, largest: float) -> str:
    """The file, deflated, as base64; "" if that has more than `largest` bytes."""
    packer, packed = zlib.compressobj(6), bytearray()
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(PIECE), b""):
            packed += packer.compress(piece)
            if 4 / 3 * len(packed) > largest:
                return ""
    text = base64.b64encode(packed + packer.flush()).decode()
    return text if len(text) <= largest else ""


def _figure(path: Path, captions: Path, label: str, system: str) -> Figure:
    caption = _caption(captions, system, path)
    table = path.parents[1] / "analysis" / f"{path.stem}.csv"
    data = table.as_posix() if table.exists() else ""
    film = path.with_suffix(".mp4")
    if path.suffix == ".html" and film.exists():
        return Figure(path.stem, label, caption, "film", "video/mp4", film.as_posix(), data)
    if path.suffix == ".html":
        return Figure(path.stem, label, caption, "page", "text/html", path.as_posix(), data)
    return picture(path, label, caption, data)


def _caption(captions: Path, system: str, path: Path) -> str:
    """The caption in the report as plain text; "" if there is none."""
    source = captions / f"{system}_{path.stem}.rst"
    source = source if source.exists() else captions / f"{path.stem}.rst"
    if not source.exists():
        return ""
    experiment = path.parents[1].relative_to(Path("results", system)).as_posix()
    names = {"wildcards": {"experiment": experiment}}
    text = Environment().from_string(source.read_text()).render(snakemake=names)
    plain = re.sub(r"``?([^`]*)``?_?", r"\1", text)
    plain = re.sub(r"\\(\W)", r"\1", re.sub(r"\*(\w[^*]*)\*", r"\1", plain))  # emphasis and escaped signs
    return " ".join(plain.split())


def jobs(logs: Path) -> tuple[int, float]:
    """Number of jobs that succeeded according to their logs, and their CPU seconds."""
    seconds = []
    for log in logs.rglob("*.log"):
        lines = log.read_text(errors="replace").splitlines()
        if lines and lines[-1].startswith('{"mem_mb"'):
            seconds.append(json.loads(lines[-1])["cpu_s"])
    return len(seconds), sum(seconds)


def source_of(checkout: Path) -> str:
    """The commit of a checkout and whether it has changes, as text; "no git checkout" if git finds none."""
    try:
        commit = _git(checkout, "rev-parse", "--short", "HEAD")
        changed = _git(checkout, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "no git checkout"
    return f"commit {commit}, {'with changes' if changed else 'clean tree'}"


def digests(folder: Path) -> list[tuple[str, str]]:
    """Path and digest of every trajectory below a folder. The digest covers its metadata and data."""
    found = []
    for path in sorted(folder.glob("*/**/trajectory.zarr/zarr.json")):
        attributes = json.loads(path.read_text())["attributes"]
        if "checkpoints" not in str(path) and "metadata_sha256" in attributes:
            found.append((path.parent.as_posix(), attributes["metadata_sha256"]))
    return found


def machine() -> str:
    """The processor's architecture, the operating system and the version of Python, but not the machine's name."""
    return f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def seeds(experiments: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Sequence[int]:
    """The distinct seeds of all experiments."""
    return sorted({p["seed"] for own in experiments.values() for p in own.values() if "seed" in p})


def _git(checkout: Path, *words: str) -> str:
    command = ["git", "-C", str(checkout), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
