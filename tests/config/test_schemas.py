"""The schemas themselves, and the README made from them."""

import json

import jsonschema
import pytest

from emergent_dynamics.config import readme
from emergent_dynamics.config.schema import DIRECTORY, first_fault, read_schemas, resolve

TOP, SYSTEMS = read_schemas()
SHARED = {"runs", "seed", "sweep"}


@pytest.mark.parametrize("path", sorted(DIRECTORY.glob("*.schema.json")), ids=lambda path: path.name)
def test_a_schema_is_a_valid_schema(path):
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_key_says_what_it_is_and_has_a_default_that_is_allowed(system):
    assert SYSTEMS[system]["additionalProperties"] is False
    for key, schema in SYSTEMS[system]["properties"].items():
        assert schema["description"], key
        assert first_fault(schema, schema["default"]) is None, key


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_keys_that_all_systems_share_are_there(system):
    keys = set(SYSTEMS[system]["properties"])
    assert keys >= SHARED
    fast = (
        DIRECTORY.parent / system / "kernels"
    ).is_dir()  # beside the reference there is something to choose
    assert (keys & {"engine", "device"}) == ({"engine", "device"} if fast else set())
    seed = SYSTEMS[system]["properties"]["seed"]
    assert (seed["minimum"], seed["maximum"], seed["default"]) == (0, 2**64 - 1, 1)


def test_the_readme_is_the_one_that_the_schemas_make(capsys):
    assert readme.main(["--check"]) == 0, capsys.readouterr().err


def test_the_check_fails_on_a_readme_that_is_out_of_date(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(readme, "README", tmp_path / "README.md")
    assert readme.main(["--check"]) == 1
    assert readme.main([]) == 0
    assert readme.main(["--check"]) == 0
    (tmp_path / "README.md").write_text("old", encoding="utf-8")
    assert readme.main(["--check"]) == 1 and "out of date" in capsys.readouterr().err


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_readme_has_every_key(system):
    section = readme.readme().partition(f"## {system}\n")[2].partition("\n## ")[0]
    for key in SYSTEMS[system]["properties"]:
        assert f"| `{key}` |" in section


def test_alternatives_add_to_the_properties_around_them():
    """One of two keys is needed, and both are described once, around the alternatives."""
    schema = {
        "type": "object",
        "properties": {"a": {"type": "number"}, "b": {"type": "number"}, "c": {"default": 3}},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    }
    assert resolve(schema, {"b": 1}) == {"b": 1.0, "c": 3}
    assert isinstance(resolve(schema, {"b": 1})["b"], float)
    fault = first_fault(schema, {})
    assert fault is not None and fault.message == " = {}: must be {a: ...} or {b: ...}"
