"""Is a store whole? `python -m emergent_dynamics.store verify PATH ...`; exit status 1 if one is not."""

import argparse
import sys

from emergent_dynamics.store import find_damage


def main(arguments: list[str] | None = None) -> int:
    """One line a store: that it is whole, or the first damage in it and what to do."""
    parser = argparse.ArgumentParser(prog="python -m emergent_dynamics.store", description=__doc__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    verify = commands.add_parser(
        "verify", help="decode every chunk and compare every array with its content_sha256"
    )
    verify.add_argument(
        "paths", metavar="PATH", nargs="+", help="a published store, for example trajectory.zarr"
    )
    damaged = 0
    for path in parser.parse_args(arguments).paths:
        damage = find_damage(path)
        print(damage or f"{path}: whole")
        damaged += damage is not None
    return int(damaged > 0)


if __name__ == "__main__":
    sys.exit(main())
