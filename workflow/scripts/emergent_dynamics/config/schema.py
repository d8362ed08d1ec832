"""Schemas of the configuration: find the first mistake in a value, and fill in every default."""

import copy
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema

from emergent_dynamics.config.describe import SMALLEST, allowed, hint
from emergent_dynamics.config.errors import Fault, Key

Schema = Mapping[str, Any]
SUFFIX = ".schema.json"
DIRECTORY = Path(__file__).resolve().parents[1] / "schemas"


def read_schemas(directory: Path | None = None) -> tuple[Schema, dict[str, Schema]]:
    """The schema of the whole configuration, and {system: schema of one experiment}."""
    found = {}
    for path in sorted((directory or DIRECTORY).glob(f"*{SUFFIX}")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        found[path.name.removesuffix(SUFFIX)] = _inlined(schema, schema)
    return found.pop("config"), found


def first_fault(schema: Schema, value: Any) -> Fault | None:
    """The first mistake in a value, or None: unknown keys come first, then the order is that of the schema."""
    errors = _unknown_keys_first(_Validator(schema).iter_errors(value))
    return _fault(_deepest(errors[0])) if errors else None


def resolve(schema: Schema, value: Any) -> Any:
    """A valid value with its defaults filled in; numbers have the schema's type, so 9 and 9.0 become equal."""
    schema = _branch(schema, value)
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        given = {
            k: value[k] if k in value else copy.deepcopy(s["default"])
            for k, s in known.items()
            if k in value or "default" in s
        }
        others = {k: v for k, v in value.items() if k not in known}
        return {k: resolve(_property(schema, k), v) for k, v in (given | others).items()}
    if isinstance(value, list):
        return [resolve(_item(schema, i), item) for i, item in enumerate(value)]
    if isinstance(value, int | float) and not isinstance(value, bool):
        types = schema.get("type", ())
        if "integer" in types and value == int(value):
            return int(value)
        return float(value) if "number" in types else value
    return value


def paths(schema: Schema, value: Any, key: Key = ()) -> Iterator[tuple[Key, str]]:
    """(key, value) of every value that the schema declares to be a path."""
    schema = _branch(schema, value)
    if isinstance(value, Mapping):
        for k, v in value.items():
            yield from paths(_property(schema, k), v, (*key, k))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from paths(_item(schema, i), item, (*key, i))
    elif isinstance(value, str) and schema.get("format") == "path":
        yield key, value


def _inlined(node: Any, root: Any) -> Any:
    """The schema with each `$ref: #/$defs/name` replaced by that definition; keywords beside it take precedence."""
    if isinstance(node, list):
        return [_inlined(item, root) for item in node]
    if not isinstance(node, dict):
        return node
    rest = {k: _inlined(v, root) for k, v in node.items() if k not in ("$ref", "$defs")}
    return (
        _inlined(root["$defs"][node["$ref"].removeprefix("#/$defs/")], root) | rest
        if "$ref" in node
        else rest
    )


def _is_number(_: Any, value: Any) -> bool:
    try:
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        return plain and math.isfinite(value) and not 0 < abs(value) < SMALLEST
    except OverflowError:  # the integer is too large for float64
        return False


def _is_integer(_: Any, value: Any) -> bool:
    return _is_number(_, value) and value == int(value)


_draft = jsonschema.Draft202012Validator
_Validator = jsonschema.validators.extend(
    _draft, type_checker=_draft.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": _is_integer})
)


def _branch(schema: Schema, value: Any) -> Schema:
    """The schema in which its alternatives (anyOf, oneOf) are replaced by the first one that accepts the value."""
    for branch in schema.get("anyOf") or schema.get("oneOf") or ():
        if _Validator(branch).is_valid(value):
            common = {k: v for k, v in schema.items() if k not in ("anyOf", "oneOf")}
            properties = {**common.get("properties", {}), **branch.get("properties", {})}
            return _branch({**common, **branch, "properties": properties}, value)
    return schema


def _property(schema: Schema, name: str) -> Schema:
    others = schema.get("additionalProperties")
    return schema.get("properties", {}).get(name, others if isinstance(others, Mapping) else {})


def _item(schema: Schema, index: int) -> Schema:
    first = schema.get("prefixItems", ())
    return first[index] if index < len(first) else schema.get("items", {})


def _unknown_keys_first(errors: Any) -> list[jsonschema.ValidationError]:
    return sorted(errors, key=lambda error: error.validator != "additionalProperties")


def _deepest(error: jsonschema.ValidationError) -> jsonschema.ValidationError:
    """The mistake inside the alternative that the user meant, if only one is possible; else the error itself."""
    branches: dict[Any, list[jsonschema.ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    meant = [found for found in branches.values() if all(_is_inside(inner) for inner in found)]
    return _deepest(_unknown_keys_first(meant[0])[0]) if len(meant) == 1 else error


def _is_inside(error: jsonschema.ValidationError) -> bool:
    """Whether the user may have meant this alternative: the mistake lies inside it and is not a wrong `const`."""
    return error.validator != "const" and (
        bool(error.relative_path) or error.validator == "additionalProperties"
    )


def _fault(error: jsonschema.ValidationError) -> Fault:
    schema: Any = error.schema
    instance: Any = error.instance
    key: Key = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = schema.get("properties", {})
        return Fault.unknown((*key, next(name for name in instance if name not in known)), known)
    if error.validator == "required":
        name = next(name for name in schema["required"] if name not in instance)
        return Fault(
            (*key, name), f": missing; must be {allowed(schema.get('properties', {}).get(name, {}))}"
        )
    if "propertyNames" in error.absolute_schema_path:
        return Fault((*key, instance), f": the name must be {allowed(schema)}")
    return Fault.value(key, instance, allowed(schema), hint(schema, instance))
