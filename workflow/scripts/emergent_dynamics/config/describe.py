"""Describe the values that a schema allows as text: `an integer from 1 to 255`, `{every: n} or {log: n}`.

A schema may override this: its key `allowed` replaces the text that is made here, and its key `reason` is added in
parentheses.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from emergent_dynamics.config.errors import show

PLACEHOLDER = {
    "integer": "n",
    "number": "x",
    "string": "text",
    "boolean": "true",
    "array": "[...]",
    "object": "{...}",
}
SMALLEST = 1e-30  # of a number other than 0; products of smaller ones vanish
EXPONENT = re.compile(r"([-+]?\d+)(\.\d*)?[eE]([-+]?)(\d+)")


def allowed(schema: Mapping[str, Any]) -> str:
    """The values that a schema (without references) accepts."""
    text = schema.get("allowed") or _from_keywords(schema)
    return f"{text} ({schema['reason']})" if "reason" in schema else text


def hint(schema: Mapping[str, Any], value: Any) -> str:
    """How to write the value that the user probably meant, if YAML read it as something else; "" otherwise."""
    types = _types(schema)
    if value is None:
        return "leave the key out for its default" if "default" in schema else ""
    if isinstance(value, str) and types & {"integer", "number"}:
        return _number_as_text(value)
    if isinstance(value, int | float) and 0 < abs(value) < SMALLEST:
        return f"numbers other than 0 are at least {SMALLEST:g} in size"
    if isinstance(value, bool) and "string" in types:
        return "YAML reads yes, no, on and off as true and false: quote it"
    return ""


def _from_keywords(schema: Mapping[str, Any]) -> str:
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        return either([allowed(branch) for branch in branches])
    if "const" in schema:
        return show(schema["const"])
    if "enum" in schema:
        return either([show(value) for value in schema["enum"]])
    kinds = schema.get("type", "object" if "required" in schema else "any value")
    if isinstance(kinds, list):
        return either([_of_type(kind, schema) for kind in kinds])
    return _of_type(kinds, schema)


def either(alternatives: Sequence[str]) -> str:
    """The alternatives as `a, b or c`; as `a, or b, or c` if one of them contains the word "or"."""
    if any(" or " in part for part in alternatives):
        return ", or ".join(alternatives)
    return " or ".join(filter(None, [", ".join(alternatives[:-1]), alternatives[-1]]))


def _of_type(kind: str, schema: Mapping[str, Any]) -> str:
    if kind in ("integer", "number"):
        return ("an integer" if kind == "integer" else "a number") + _range(schema)
    if kind == "string":
        return "the path of a file" if schema.get("format") == "path" else "text"
    if kind == "array":
        return _list(schema)
    if kind == "object":
        return _mapping(schema)
    return {"boolean": "true or false", "null": "null"}.get(kind, kind)


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        parts = [f"from {show(low)} to {show(high)}"]
    else:
        limits = {"of at least": low, "greater than": above, "of at most": high, "less than": below}
        parts = [f"{phrase} {show(limit)}" for phrase, limit in limits.items() if limit is not None]
    if "multipleOf" in schema:
        parts.append(f"divisible by {schema['multipleOf']}")
    return "".join(f" {'and ' * (i > 0)}{part}" for i, part in enumerate(parts))


def _list(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minItems", 0), schema.get("maxItems")
    if "prefixItems" in schema:
        return f"[{', '.join(allowed(item) for item in schema['prefixItems'])}]"
    count = f"{low} to {high} " if high is not None and high != low else f"{low} " if high == low else ""
    at_least = f"at least {low} " if low and high is None else ""
    distinct = "distinct " if schema.get("uniqueItems") else ""
    each = f", each {allowed(schema['items'])}" if schema.get("items") else ""
    return f"a list of {count}{at_least}{distinct}{'value' if (high or low) == 1 else 'values'}{each}"


def _mapping(schema: Mapping[str, Any]) -> str:
    properties = schema.get("properties", {})
    names = schema.get("required") or list(properties)
    if names:
        return f"{{{', '.join(f'{name}: {_placeholder(properties.get(name, {}))}' for name in names)}}}"
    values = schema.get("additionalProperties")
    return (
        f"{{name: {_placeholder(values)}, ...}}"
        if isinstance(values, Mapping)
        else "a mapping of keys to values"
    )


def _placeholder(schema: Mapping[str, Any]) -> str:
    if "const" in schema:
        return show(schema["const"])
    if "enum" in schema:
        return "|".join(show(value) for value in schema["enum"])
    kind = schema.get("type")
    return PLACEHOLDER.get(kind, "...") if isinstance(kind, str) else "..."


def _types(schema: Mapping[str, Any]) -> set[str]:
    kinds = schema.get("type", [])
    found = {kinds} if isinstance(kinds, str) else set(kinds)
    if any(isinstance(value, str) for value in [*schema.get("enum", []), schema.get("const")]):
        found.add("string")
    for branch in [*schema.get("anyOf", []), *schema.get("oneOf", [])]:
        found |= _types(branch)
    return found


def _number_as_text(text: str) -> str:
    """YAML 1.1 reads a number with an exponent as text unless it has a point and a sign: 1.0e-4."""
    if found := EXPONENT.fullmatch(text):
        digits, fraction, sign, exponent = found.groups()
        return f"write {digits}{fraction or '.0'}e{sign or '+'}{exponent} (YAML reads {text} as text)"
    return f"write {text} without quotes" if re.fullmatch(r"[-+]?\d+(\.\d*)?", text, re.ASCII) else ""
