"""The one line that a mistake in a configuration costs: file, key, value, what is allowed."""

import difflib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Key = tuple[str | int, ...]
LONGEST_VALUE = 60
ABSENT = object()


class ConfigError(ValueError):
    """A configuration that cannot run; its text is one line."""


@dataclass(frozen=True)
class Fault:
    """What is wrong at a key: `message` follows the key in the line."""

    key: Key
    message: str

    @classmethod
    def value(cls, key: Key, value: Any, allowed: str, hint: str = "") -> "Fault":
        must = allowed if allowed.startswith("must ") else f"must be {allowed}"
        return cls(key, f" = {show(value)}: {must}" + (f"; {hint}" if hint else ""))

    @classmethod
    def unknown(cls, key: Key, known: Iterable[str]) -> "Fault":
        return cls(key, f": unknown key; {nearest(str(key[-1]), known)}")

    def error(self, config: Any, files: Sequence[str | Path]) -> ConfigError:
        """As an exception that names the file which holds the key."""
        return ConfigError(f"{one_line(_file_of(self.key, config, files))}: {dotted(self.key)}{self.message}")


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean budget?`, or the list of what there is."""
    names = list(known)
    close = difflib.get_close_matches(word.lower(), names, n=1)
    return f"did you mean {close[0]}?" if close else f"allowed: {', '.join(names) or 'none'}"


def dotted(key: Key) -> str:
    """`experiments.system.name.centres[2]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{one_line(part)}" for part in key)
    return text.removeprefix(".") or "the configuration"


def show(value: Any) -> str:
    """A value as one writes it in YAML, on one line, shortened."""
    text = flow(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 3] + "..."


def one_line(text: str) -> str:
    """Text as it is if it prints on one line, else escaped."""
    return text if text.isprintable() else json.dumps(text)


def flow(value: Any, depth: int = 4) -> str:
    """A value in YAML's flow style; what lies deeper than `depth` is left out."""
    if isinstance(value, Mapping):
        inside = (
            ", ".join(f"{flow(k, 0)}: {flow(v, depth - 1)}" for k, v in value.items()) if depth else "..."
        )
        return f"{{{inside}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(flow(item, depth - 1) for item in value) if depth else '...'}]"
    if isinstance(value, str):
        plain = re.fullmatch(r"[A-Za-z_][\w./+-]*", value, re.ASCII)
        reserved = value.lower() in ("true", "false", "null", "yes", "no", "on", "off")
        return value if plain and not reserved else json.dumps(value, ensure_ascii=not value.isprintable())
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float) and math.isfinite(value):
        return re.sub(r"^(-?\d+)e", r"\1.0e", repr(value))  # YAML reads 1e-06 as text, 1.0e-06 as a number
    return one_line(str(value))


def _file_of(key: Key, config: Any, files: Sequence[str | Path]) -> str:
    """The last file that gives the key the value in force; for a key that is missing, the file around it."""
    if not files:
        return "config"
    contents = {file: read(file) for file in reversed(files)}
    value = at(config, key)
    if value is ABSENT:
        around = (
            file
            for n in range(len(key), 0, -1)
            for file in contents
            if at(contents[file], key[:n]) is not ABSENT
        )
        return short(next(around, files[-1]))
    for file, content in contents.items():
        found = at(content, key)
        if found is not ABSENT and (isinstance(value, Mapping) or flow(found) == flow(value)):
            return short(file)
    return "--config"


def at(content: Any, key: Key) -> Any:
    """What a file holds at a key; `ABSENT` where it holds nothing."""
    for part in key:
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return content


def read(file: str | Path) -> Any:
    """The content of a configuration file; None where it cannot be read."""
    import yaml  # only a mistake costs it

    try:
        text = Path(file).read_text(encoding="utf-8")
        try:
            return json.loads(text)  # first, as Snakemake does: JSON has other numbers than YAML
        except ValueError:
            return yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError):
        return None


def short(file: str | Path) -> str:
    """A path relative to the working directory, if it lies there."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
