"""Content hashes of the files that a user brings."""

import functools
import hashlib
import os
from pathlib import Path


def content_sha256(path: str) -> str:
    """SHA-256 of a file; of a directory: of the names and hashes of what is in it."""
    here = Path(path)
    if not here.is_dir():
        return file_sha256(here)
    digest = hashlib.sha256()
    for file in sorted(found for found in here.rglob("*") if found.is_file()):
        digest.update(f"{file.relative_to(here).as_posix()}\0{file_sha256(file)}\n".encode())
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read once per process while its size and time stay the same."""
    stat = os.stat(path)
    return _file_sha256(os.path.abspath(path), stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=None)
def _file_sha256(path: str, size: int, mtime_ns: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
