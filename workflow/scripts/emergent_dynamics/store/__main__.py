"""Verify that stores are intact: `python -m emergent_dynamics.store verify results`; exit status 1 if one is not."""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import zarr

from emergent_dynamics.store import find_damage, misplaced

THREADS = 4  # at most; each holds a piece of an array and a chunk


def main(arguments: list[str] | None = None) -> int:
    """Print a line per store, which says that it is intact or names its first damage; then the number of stores.

    Of a folder also those stores are damaged that lie in the place of another experiment. Several stores are read at
    once, and each line is printed when it and all before it are known.
    """
    parser = argparse.ArgumentParser(prog="python -m emergent_dynamics.store", description=__doc__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    verify = commands.add_parser(
        "verify", help="decode every chunk and compare every array with its content_sha256"
    )
    verify.add_argument(
        "paths",
        metavar="PATH",
        nargs="+",
        help="a published store, for example trajectory.zarr, or a folder with stores in it, for example results",
    )
    verified = damaged = 0
    for path, damage in damages(parser.parse_args(arguments).paths):
        print(damage or f"{path}: intact", flush=True)
        verified, damaged = verified + 1, damaged + (damage is not None)
    if verified != 1:
        print(f"{verified} stores, {damaged} damaged")
    return int(damaged > 0 or not verified)


def damages(paths: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Every store that the paths name, and its damage, or None; computed in as many threads as there are cores."""
    found = {path: given for given in paths for path in stores(given)}
    threads = min(THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    zarr.config.set({"threading.max_workers": threads})  # while a job has one
    with ThreadPoolExecutor(threads) as pool:
        yield from zip(found, pool.map(_damage, found, found.values()), strict=True)


def _damage(path: str, given: str) -> str | None:
    return (misplaced(path) if path != given else None) or find_damage(path)


def stores(path: str) -> Iterator[str]:
    """The path itself if it is a store; else every finished store below it."""
    top = Path(path)
    if not top.is_dir() or top.suffix == ".zarr" or (top / "zarr.json").exists():
        yield path
        return
    for folder, below, _ in os.walk(top):
        below.sort()
        yield from (str(Path(folder) / name) for name in below if name.endswith(".zarr"))
        below[:] = [name for name in below if not name.startswith(".") and not name.endswith(".zarr")]


if __name__ == "__main__":
    sys.exit(main())
