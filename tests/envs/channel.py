"""A conda channel in a folder, made of what is installed here: the lock file's versions, and no network.

Each distribution becomes a package with its own files and needs, under conda-forge's name. The package `python` turns
a prefix into a virtual environment of this interpreter. Solver, repodata and links are rattler's.
"""

import asyncio
import hashlib
import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from numcodecs.zstd import Zstd
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler.index import index_fs

SITE = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
PLATFORM = "linux-64"
Member = tuple[tarfile.TarInfo, bytes]


def make_channel(
    folder: Path, names: Iterable[str], conda_names: Mapping[str, str], empty: Iterable[str] = ()
) -> None:
    """Packages for these distributions and all that they need; `conda_names`: {PyPI's name: conda-forge's}.

    `empty` are packages without a file, for what Python does not install: compilers, libraries of the system.
    """
    (folder / "noarch").mkdir(parents=True)
    (folder / PLATFORM).mkdir()
    found = _closure(names)
    _write(folder, "python", ".".join(map(str, sys.version_info[:3])), [], _interpreter())
    for name, installed in found.items():
        needs = [_conda(need, conda_names) for need in _needs(installed) if _name(need) in found]
        version = installed.version.partition("+")[0]  # torch's "+cpu" is no version of conda-forge
        _write(folder, conda_names.get(name, name), version, ["python", *needs], _files(installed))
    for name in empty:
        _write(folder, name, "1", [], [])
    asyncio.run(index_fs(str(folder)))


def _closure(names: Iterable[str]) -> dict[str, Distribution]:
    """What is installed under these names, and what that needs in turn."""
    found: dict[str, Distribution] = {}
    waiting = [str(canonicalize_name(name)) for name in names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = distribution(name)
            waiting += [_name(need) for need in _needs(found[name])]
    return found


def _needs(installed: Distribution) -> list[Requirement]:
    """Without the extras, and what is for other machines."""
    listed = [Requirement(line) for line in installed.requires or []]
    return [need for need in listed if need.marker is None or need.marker.evaluate({"extra": ""})]


def _name(need: Requirement) -> str:
    return str(canonicalize_name(need.name))


def _conda(need: Requirement, conda_names: Mapping[str, str]) -> str:
    """A requirement in conda's words."""
    name = _name(need)
    return f"{conda_names.get(name, name)} {need.specifier}".strip()


def _files(installed: Distribution) -> Iterator[Member]:
    """The files of a distribution, its commands among them."""
    for path in installed.files or []:
        source = Path(str(path.locate()))
        if source.suffix == ".pyc" or not source.is_file():
            continue
        if path.parts[0] != "..":
            yield _member(f"{SITE}/{path}", source.read_bytes(), source.stat().st_mode)
        elif path.parts[-2] == "bin":
            text = re.sub(rb"\A#!.*python.*", b"#!/usr/bin/env python", source.read_bytes())
            yield _member(f"bin/{path.name}", text, 0o755)


def _interpreter() -> Iterator[Member]:
    """A virtual environment of the interpreter below this one."""
    home = Path(sys._base_executable).resolve()  # type: ignore[attr-defined]
    text = f"home = {home.parent}\ninclude-system-site-packages = false\n"
    yield _member("pyvenv.cfg", text.encode(), 0o644)
    for name in ("python", "python3"):
        link = tarfile.TarInfo(f"bin/{name}")
        link.type, link.linkname = tarfile.SYMTYPE, str(home)
        yield link, b""


def _member(name: str, content: bytes, mode: int) -> Member:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), mode & 0o777
    return member, content


def _write(folder: Path, name: str, version: str, depends: list[str], members: Iterable[Member]) -> None:
    """One package in conda's format 2: a zip file of two compressed archives."""
    kept = list(members)
    index = {"name": name, "version": version, "build": "0", "build_number": 0, "depends": depends}
    about = {
        "index.json": {**index, "subdir": PLATFORM},
        "paths.json": {"paths": [_path(*member) for member in kept], "paths_version": 1},
        "about.json": {},
    }
    info = [_member(f"info/{file}", json.dumps(said).encode(), 0o644) for file, said in about.items()]
    stem = f"{name}-{version}-0"
    with zipfile.ZipFile(folder / PLATFORM / f"{stem}.conda", "w") as package:
        package.writestr("metadata.json", json.dumps({"conda_pkg_format_version": 2}))
        package.writestr(f"info-{stem}.tar.zst", _archive(info))
        package.writestr(f"pkg-{stem}.tar.zst", _archive(kept))


def _path(member: tarfile.TarInfo, content: bytes) -> dict[str, Any]:
    kind = "softlink" if member.issym() else "hardlink"
    digest = hashlib.sha256(content).hexdigest()
    return {"_path": member.name, "path_type": kind, "sha256": digest, "size_in_bytes": len(content)}


def _archive(members: Iterable[Member]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))
    return Zstd(level=1).encode(out.getbuffer())
