"""Report what is wrong with the text of a file that is not YAML, and in which line.

Snakemake reads the files of `--configfile` before the Snakefile, and its error message names neither file nor line.
`python -m emergent_dynamics.config.syntax mine.yaml` does, and so does `make run CONFIG=mine.yaml`.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emergent_dynamics.config.errors import ConfigError, short


def refuse(file: str | Path) -> None:
    """Raise ConfigError, one line, for a file that is neither JSON nor YAML, or has no keys at its top."""
    import yaml

    try:
        text = Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{short(file)}: cannot be read ({error.strerror}); must be a YAML file") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{short(file)}: byte {error.start} is not text; must be a YAML file") from None
    try:
        content = _content(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ConfigError(f"{short(file)}: {where}not YAML: {_first_line(error.problem or error)}") from None
    except yaml.YAMLError as error:  # a character that YAML does not allow
        line = text[: getattr(error, "position", 0)].count("\n") + 1
        raise ConfigError(f"{short(file)}: line {line}: not YAML: {_first_line(error)}") from None
    if not isinstance(content, dict):
        found = "nothing" if content is None else f"a {type(content).__name__}"
        raise ConfigError(f"{short(file)}: holds {found}; must be a mapping with the key experiments")


def _content(text: str) -> Any:
    import yaml

    try:
        return json.loads(text)  # JSON is tried first, as by Snakemake
    except ValueError:
        return yaml.safe_load(text)


def _first_line(error: object) -> str:
    return str(error).splitlines()[0]


def main(files: Sequence[str]) -> int:
    """Print the first mistake of each file on standard error; return 1 if there is any, else 0."""
    wrong = 0
    for file in files:
        try:
            refuse(file)
        except ConfigError as error:
            print(error, file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
