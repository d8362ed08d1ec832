"""The few words of conda that `snakemake --sdm conda` says, on rattler: for tests, not a conda.

Channels of an environment file are folders of those names under CONDA_CHANNELS; nothing leaves the machine. What an
environment file asks of pip is not installed.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import yaml
from rattler import Channel, ChannelPriority, Gateway, MatchSpec, Platform, VirtualPackage, install, solve

ACTIVATE = 'export CONDA_PREFIX="$1" PATH="$1/bin:$PATH"\n'


def write_commands(root: Path) -> Path:
    """`conda` and `activate`, as Snakemake looks for them; their folder."""
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "activate").write_text(ACTIVATE)
    command = root / "bin" / "conda"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).resolve()} {root} "$@"\n')
    command.chmod(0o755)
    return command.parent


async def create(file: Path, prefix: str) -> None:
    """Solve an environment file and put the packages into a prefix."""
    asked = yaml.safe_load(file.read_text())
    here = Path(os.environ["CONDA_CHANNELS"])
    records = await solve(
        sources=[Channel((here / name).as_uri()) for name in asked["channels"] if name != "nodefaults"],
        specs=[MatchSpec(line) for line in asked["dependencies"] if isinstance(line, str)],
        platforms=[Platform("linux-64"), Platform("noarch")],
        gateway=Gateway(),
        virtual_packages=VirtualPackage.detect(),
        channel_priority=ChannelPriority.Strict,
    )
    await install(records, target_prefix=prefix, cache_dir=os.environ["CONDA_PKGS_DIRS"])


def main(root: str, *said: str) -> None:
    """Answer one command."""
    match said:
        case ("--version",):
            print("conda 25.1.0")
        case ("info", "--json"):
            print(json.dumps({"conda_prefix": root, "root_prefix": root, "platform": "linux-64"}))
        case ("config", "--get", "channel_priority", "--json"):
            print(json.dumps({"get": {"channel_priority": "strict"}}))
        case ("env", "create", *options):
            file, prefix = (options[options.index(name) + 1] for name in ("--file", "--prefix"))
            asyncio.run(create(Path(file), prefix))
        case ("clean", *_):
            pass
        case _:
            sys.exit(f"not a word that this conda knows: {' '.join(said)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)  # rattler's threads may crash an interpreter that takes its time to end
