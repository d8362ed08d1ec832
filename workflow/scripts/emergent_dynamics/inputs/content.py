"""Content hashes of a user's files."""

import functools
import hashlib
from pathlib import Path


def located(path: str) -> tuple[Path, str]:
    """The file or folder that a path such as `states.npz#hidden` names, and the name of the array in it, or ""."""
    file, mark, name = path.rpartition("#")
    if mark and file and name and not Path(path).exists():
        return Path(file), name
    return Path(path), ""


def exists(path: str) -> bool:
    """Whether the path is a file or a directory; False for text that cannot be a path."""
    try:
        here = located(path)[0]
        return bool(path) and (here.is_file() or here.is_dir())
    except (OSError, ValueError):  # for example a name that is too long
        return False


def is_store(folder: Path) -> bool:
    """Whether a folder is a Zarr store."""
    return any((folder / part).exists() for part in ("zarr.json", ".zgroup", ".zarray"))


def content_sha256(path: str) -> str:
    """SHA-256 of a file, or of the names and hashes of all files in a directory; `#name` after the path is ignored."""
    here = located(path)[0]
    if not here.is_dir():
        return file_sha256(here)
    digest = hashlib.sha256()
    for file in sorted(found for found in here.rglob("*") if found.is_file()):
        digest.update(f"{file.relative_to(here).as_posix()}\0{file_sha256(file)}\n".encode())
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read once per process while its size and time stay the same."""
    stat = path.stat()
    return _file_sha256(path.resolve(), stat.st_size, stat.st_mtime_ns)


@functools.cache
def _file_sha256(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
