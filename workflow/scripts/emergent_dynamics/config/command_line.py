"""What becomes of a configuration's text before it is checked: numbers in quotes, keys given twice, 010 and 1:30.

Snakemake reads nested values of `--config` as text ("8"), YAML silently keeps the last of two equal keys, and reads 010
as 8 and 1:30 as 90.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from emergent_dynamics.config.errors import ConfigError, Key, at, dotted, read, short

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
MISREAD = re.compile(r"[-+]?(0[\d_]+|\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?)")  # octal; numbers to the base 60
WORDS = {
    "true": True,
    "false": False,
    "on": True,
    "off": False,
    "yes": True,
    "no": False,
    "null": None,
    "~": None,
}


def typed(config: Mapping[str, Any], files: Sequence[str | Path]) -> dict[str, Any]:
    """The configuration in which text from `--config` that reads as a number, a truth value or null is converted.

    Text that a file has at the same key remains text, since the user put it in quotes there.
    """
    contents: list[Any] = []

    def value_of(value: Any, key: Key) -> Any:
        if isinstance(value, Mapping):
            return {k: value_of(v, (*key, k)) for k, v in value.items()}
        if isinstance(value, list):
            return [value_of(item, (*key, i)) for i, item in enumerate(value)]
        meant = _meant(value) if isinstance(value, str) else value
        if meant is value:
            return value
        if not contents:
            contents.extend(map(read, files))
        return value if any(at(content, key) == value for content in contents) else meant

    return {key: value_of(value, (key,)) for key, value in config.items()}


def _meant(text: str) -> Any:
    """The value that YAML reads when the text has no quotes; the same object if YAML reads it as text."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if not NUMBER.fullmatch(text):
        return text
    return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)


def refuse_misread(files: Sequence[str | Path]) -> None:
    """Raise ConfigError, one line, for a key that occurs twice in a mapping, or a number that YAML reads as another."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for file in files:
        try:
            tree = yaml.compose(Path(file).read_text(encoding="utf-8"), loader)
        except (OSError, ValueError, yaml.YAMLError):
            continue  # Snakemake, or the check of the values, reports this error
        if found := _twice(tree, ()):
            key, first, second = found
            raise ConfigError(
                f"{short(file)}: {dotted(key)}: is set in line {first} and again in line {second}; "
                "set it once, since the second would silently replace the first"
            )
        for key, node in _scalars(tree, ()):
            if node.tag.endswith((":int", ":float")) and MISREAD.fullmatch(node.value):
                read_as = yaml.safe_load(node.value)
                raise ConfigError(
                    f"{short(file)}: {dotted(key)} = {node.value}: YAML reads it as {read_as}; "
                    "must be written without leading zeros and colons"
                )


def _scalars(node: Any, key: Key) -> Iterator[tuple[Key, Any]]:
    """Every value of a file that is neither a mapping nor a list, with its key."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _scalars(value, (*key, str(name.value)))
    elif isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            yield from _scalars(item, (*key, i))
    elif node is not None:
        yield key, node


def _twice(node: Any, key: Key) -> tuple[Key, int, int] | None:
    """The first key that occurs twice in a mapping, and the numbers of both lines."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for name, value in node.value:
            place, line = (*key, str(name.value)), name.start_mark.line + 1
            if str(name.value) in lines:
                return place, lines[str(name.value)], line
            lines[str(name.value)] = line
            if found := _twice(value, place):
                return found
    if isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            if found := _twice(item, (*key, i)):
                return found
    return None
