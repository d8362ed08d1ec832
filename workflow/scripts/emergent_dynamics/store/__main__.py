"""Verify that stores are intact: `python -m emergent_dynamics.store verify results`; exit status 1 if one is not."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from emergent_dynamics.store import find_damage, misplaced


def main(arguments: list[str] | None = None) -> int:
    """Print a line per store, which says that it is intact or names its first damage; then the number of stores.

    Of a folder also those stores are damaged that lie in the place of another experiment.
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
    found = {}
    for given in parser.parse_args(arguments).paths:
        for path in stores(given):
            found[path] = (misplaced(path) if path != given else None) or find_damage(path)
    for path, damage in found.items():
        print(damage or f"{path}: intact")
    damaged = sum(damage is not None for damage in found.values())
    if len(found) != 1:
        print(f"{len(found)} stores, {damaged} damaged")
    return int(damaged > 0 or not found)


def stores(path: str) -> Iterator[str]:
    """The path itself if it is a store; else every finished store below it."""
    folder = Path(path)
    if not folder.is_dir() or folder.suffix == ".zarr" or (folder / "zarr.json").exists():
        yield path
        return
    for store in sorted(folder.rglob("*.zarr")):
        inside = store.relative_to(folder).parts[:-1]
        if not any(part.endswith(".zarr") or part.startswith(".") for part in inside):
            yield str(store)


if __name__ == "__main__":
    sys.exit(main())
