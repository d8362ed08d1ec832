"""config/README.md, made from the schemas: `python -m emergent_dynamics.config.readme [--check]`.

Every default, limit and error line in it comes from the code that will say the same to a user.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emergent_dynamics.config.errors import ConfigError, flow
from emergent_dynamics.config.experiments import load
from emergent_dynamics.config.schema import DIRECTORY, Schema, read_schemas
from emergent_dynamics.config.words import allowed

README = DIRECTORY.parents[3] / "config" / "README.md"

INTRODUCTION = """\
<!-- Made by `python -m emergent_dynamics.config.readme`: change the schemas, not this file. -->

# Configuration

`config.yaml` is the default run. `seeds.yaml` holds the experiments of the original studies at full size,
`tiny.yaml` those of the tests. A file says what differs from the defaults below, and nothing else:

```yaml
experiments:
  causal:               # the system
    circle:             # your name for the experiment: letters, digits, _ and -
      beta: 64
```

Results are in `results/<system>/<experiment>/`. All parameters in force are in the attributes of
`trajectory.zarr` there.

## Files in layers

`snakemake --cores 2 --configfile mine.yaml` runs `mine.yaml` instead of `config/config.yaml`. With
`--configfile config/config.yaml mine.yaml` the second lies over the first: mappings are merged key by key,
anything else is replaced, and the last file wins. So `mine.yaml` may then change one value of an experiment,
add an experiment, or switch one off, or a whole system:

```yaml
experiments:
  causal:
    circle: {runs: 8}   # the same experiment with 8 runs
    mine: {beta: 16}    # one more
    theirs: off         # not run
  branching: off        # nothing of this system
```

An experiment without keys (`circle:` or `circle: {}`) runs with the defaults. Because mappings are merged,
`save: {every: 20}` over a file that has `save: {log: 120}` gives both, and is refused: name a new experiment.

## Sweeps

`sweep` gives a parameter several values. Each combination is one member, with results of its own:

```yaml
experiments:
  causal:
    scan:
      sweep: {beta: [9, 16], tokens: [64]}
```

runs `results/causal/scan/beta=9,tokens=64/` and `results/causal/scan/beta=16,tokens=64/`. A value added later
computes that member and what compares the members. Numbers and words stand in the name as they are; a list, a
mapping or a path stands there as eight digits of its hash.

## Your own files

A key whose value is the path of a file takes yours. A relative path starts in the working directory
(`--directory`). The file must exist when the workflow starts, and its content is part of what decides a
rerun: a changed file reruns, a touched one does not.

## Mistakes

Nothing runs before the whole configuration is right. A mistake is one line: file, key, value, what is
allowed.

"""

MISTAKES: tuple[tuple[str, Any], ...] = (
    ("causal", {"circle": {"tokns": 64}}),
    ("causal", {"circle": {"runs": 0}}),
    ("causal", {"circle": {"tolerance": "1e-4"}}),
    ("causal", {"circle": {"mask": "future"}}),
    ("causal", {"circle": {"save": {"evry": 20}}}),
    ("causal", {"circle": {"initial": "/data/tokens.npy"}}),
    ("causal", {"scan": {"sweep": {"beta": [9, 0]}}}),
    ("causal", {"my circle": {}}),
    ("casual", {"circle": {}}),
)


def readme(schemas: Path = DIRECTORY) -> str:
    """The whole text."""
    _, systems = read_schemas(schemas)
    mistakes = "\n".join(_line(system, experiments, schemas) for system, experiments in MISTAKES)
    sections = [_section(system, schema) for system, schema in systems.items()]
    return "\n\n".join([f"{INTRODUCTION}```\n{mistakes}\n```", *sections]) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or with --check say whether it is up to date."""
    parser = argparse.ArgumentParser(prog="python -m emergent_dynamics.config.readme", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is out of date")
    check = parser.parse_args(arguments).check
    if not check:
        README.write_text(readme(), encoding="utf-8")
    elif not README.exists() or README.read_text(encoding="utf-8") != readme():
        print(f"{README} is out of date: run python -m emergent_dynamics.config.readme", file=sys.stderr)
        return 1
    return 0


def _line(system: str, experiments: Mapping[str, Any], schemas: Path) -> str:
    """What `load` says to a mistake in config/config.yaml."""
    config = {"experiments": {system: experiments}}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.yaml"
        file.write_text(json.dumps(config), encoding="utf-8")
        try:
            load(config, [str(file)], schemas)
        except ConfigError as error:
            return str(error).replace(str(file), "config/config.yaml")
    raise AssertionError(f"{config} is no mistake")


def _section(system: str, schema: Schema) -> str:
    rows = [
        f"| `{key}` | {meaning} | {words} | {default} |" for key, meaning, words, default in _rows(schema)
    ]
    table = "\n".join(["| key | meaning, unit | allowed | default |", "|---|---|---|---|", *rows])
    return f"## {system}\n\n{schema['description']}\n\n{table}"


def _rows(schema: Schema, prefix: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Key, meaning, what is allowed, default: of every property, and of the properties inside it."""
    for name, inner in schema["properties"].items():
        nested = "properties" in inner
        words = "a mapping, its keys below" if nested else allowed(inner).replace("|", "\\|")
        default = f"`{flow(inner['default'])}`" if "default" in inner and not nested else ""
        yield prefix + name, inner.get("description", "").replace("|", "\\|"), words, default
        if nested:
            yield from _rows(inner, f"{prefix}{name}.")


if __name__ == "__main__":
    sys.exit(main())
