"""The error message of a mistake in a configuration, one line: file, key, value, and what is allowed."""

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
    """Raised for a configuration that cannot run; the message is one line."""


@dataclass(frozen=True)
class Fault:
    """A mistake at a key. In the error message `message` follows the key."""

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
        """The mistake as an exception whose message names the file that contains the key."""
        return ConfigError(f"{one_line(_file_of(self.key, config, files))}: {dotted(self.key)}{self.message}")


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean budget?` if a known name is similar to the word, else the list of all known names."""
    names = list(known)
    close = difflib.get_close_matches(word.lower(), names, n=1)
    return f"did you mean {close[0]}?" if close else f"allowed: {', '.join(names) or 'none'}"


def dotted(key: Key) -> str:
    """A key as text: `experiments.system.name.centres[2]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{one_line(part)}" for part in key)
    return text.removeprefix(".") or "the configuration"


def show(value: Any) -> str:
    """A value as it is written in YAML, on one line, shortened to `LONGEST_VALUE` characters."""
    text = flow(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 3] + "..."


def one_line(text: str) -> str:
    """The text itself if all its characters are printable, else the text as a JSON string with escapes."""
    return text if text.isprintable() else json.dumps(text)


def flow(value: Any, depth: int = 4) -> str:
    """A value in YAML's flow style; levels deeper than `depth` are written as `...`."""
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
    """The last file in which the key has its final value; "--config" if there is none.

    For a key that is missing, it is the last file that contains the longest existing part of the key. Where nothing
    can be read there are no files, and the name is that of the function that was called, as in a notebook.
    """
    if not files:
        return "config"
    contents = {file: read(file) for file in reversed(files)}
    if all(content is None for content in contents.values()):
        return short(files[-1])
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
    """The value at a key of a file's content; `ABSENT` if the key does not exist."""
    for part in key:
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return content


def read(file: str | Path) -> Any:
    """The content of a configuration file; None where it cannot be read."""
    import yaml  # imported here because it is needed only after a mistake

    try:
        text = Path(file).read_text(encoding="utf-8")
        try:
            return json.loads(text)  # JSON first, as in Snakemake: YAML reads some numbers differently
        except ValueError:
            return yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError):
        return None


def short(file: str | Path) -> str:
    """The path relative to the working directory if it lies inside it, else the path itself."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
