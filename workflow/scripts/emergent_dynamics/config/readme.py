"""config/README.md, from README.in.md beside it and the schemas: `python -m emergent_dynamics.config.readme [--check]`.

Every default, limit and error message in it is taken from the code that shows the same text to a user.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from emergent_dynamics.config.describe import allowed
from emergent_dynamics.config.errors import ConfigError, flow
from emergent_dynamics.config.experiments import load
from emergent_dynamics.config.schema import DIRECTORY, Schema, read_schemas

README = DIRECTORY.parents[3] / "config" / "README.md"
TEMPLATE = README.with_name("README.in.md")
ATLAS = """## atlas

`atlas: {<system>: {...}}` beside `experiments`: every system there is swept against one control of its own and joins
the figure `results/atlas/atlas.svg`. An empty mapping takes the defaults below, `off` leaves the system out."""
MISTAKES = re.compile(r"```mistakes\n(.*)```\n", re.DOTALL)  # experiments, one system per line


def readme(schemas: Path = DIRECTORY) -> str:
    """The text of the file: the template, in which every example of a mistake has its error message, and a section
    per system."""
    _, systems = read_schemas(schemas)
    introduction = MISTAKES.sub(
        lambda block: _errors(block[1], schemas), TEMPLATE.read_text(encoding="utf-8")
    )
    sections = [_section(system, schema) for system, schema in systems.items()]
    views = [
        _section(system, schema["atlas"], "###") for system, schema in systems.items() if "atlas" in schema
    ]
    return "\n\n".join([introduction, *sections, *([ATLAS, *views] if views else [])]) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or with --check report whether it is up to date."""
    parser = argparse.ArgumentParser(prog="python -m emergent_dynamics.config.readme", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is out of date")
    check = parser.parse_args(arguments).check
    if not check:
        README.write_text(readme(), encoding="utf-8")
    elif not README.exists() or README.read_text(encoding="utf-8") != readme():
        print(f"{README} is out of date: run python -m emergent_dynamics.config.readme", file=sys.stderr)
        return 1
    return 0


def _errors(mistakes: str, schemas: Path) -> str:
    lines = [_error({"experiments": yaml.safe_load(line)}, schemas) for line in mistakes.splitlines()]
    return "\n".join(["```", *lines, "```"])


def _error(config: Mapping[str, Any], schemas: Path) -> str:
    """The error message of `load` for a mistake in config/config.yaml."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.yaml"
        file.write_text(json.dumps(config), encoding="utf-8")
        try:
            load(config, [str(file)], schemas)
        except ConfigError as error:
            return str(error).replace(str(file), "config/config.yaml")
    raise AssertionError(f"{config} is a valid configuration, not a mistake")


def _section(system: str, schema: Schema, level: str = "##") -> str:
    rows = [
        f"| `{key}` | {meaning} | {values} | {default} |" for key, meaning, values, default in _rows(schema)
    ]
    table = "\n".join(["| key | meaning, unit | allowed | default |", "|---|---|---|---|", *rows])
    return f"{level} {system}\n\n{schema['description']}\n\n{table}"


def _rows(schema: Schema, prefix: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Rows (key, meaning, allowed values, default), one per property, nested properties included."""
    for name, inner in schema["properties"].items():
        nested = "properties" in inner
        values = "a mapping, its keys below" if nested else allowed(inner).replace("|", "\\|")
        default = f"`{flow(inner['default'])}`" if "default" in inner and not nested else ""
        yield prefix + name, inner.get("description", "").replace("|", "\\|"), values, default
        if nested:
            yield from _rows(inner, f"{prefix}{name}.")


if __name__ == "__main__":
    sys.exit(main())
