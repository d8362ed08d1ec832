"""A toy configuration: one system with every kind of value that a schema can ask for."""

import json

import pytest

TOY = {
    "description": "A toy",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "neurons": {
            "description": "Neurons in a layer",
            "type": "integer",
            "minimum": 1,
            "maximum": 255,
            "default": 20,
            "reason": "counts are stored as uint8",
        },
        "budget": {
            "description": "Copies, or no limit",
            "anyOf": [{"type": "integer", "minimum": 0}, {"const": "inf"}],
            "default": "inf",
        },
        "rate": {"description": "Per step", "type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
        "name": {"description": "A label", "type": "string", "default": "plain"},
        "open": {"description": "Boundary", "type": "boolean", "default": False},
        "training": {
            "description": "How it learns",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "rate": {
                    "description": "Per epoch",
                    "type": "number",
                    "exclusiveMinimum": 0,
                    "default": 0.001,
                },
                "epochs": {"description": "Passes", "type": "integer", "minimum": 1, "default": 10},
            },
            "default": {},
        },
        "input": {
            "description": "What it sees",
            "anyOf": [
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["source"],
                    "properties": {
                        "source": {"const": "digits"},
                        "count": {"type": "integer", "default": 10},
                    },
                },
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["source", "path"],
                    "properties": {
                        "source": {"const": "image"},
                        "path": {"type": "string", "format": "path"},
                    },
                },
            ],
            "default": {"source": "digits"},
        },
        "files": {
            "description": "Weights by tag",
            "type": "object",
            "additionalProperties": {"type": "string", "format": "path"},
            "default": {},
        },
        "series": {
            "description": "Checkpoints by name",
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["step", "path"],
                    "properties": {
                        "step": {"type": "integer"},
                        "path": {"type": "string", "format": "path"},
                    },
                },
            },
            "default": {},
        },
        "sweep": {"description": "Parameter -> values", "type": "object", "default": {}},
    },
}


@pytest.fixture(scope="session")
def schemas(tmp_path_factory):
    """A directory of schemas with the real top level and one system, `toy`."""
    from emergent_dynamics.config.schema import DIRECTORY

    folder = tmp_path_factory.mktemp("schemas")
    top = (DIRECTORY / "config.schema.json").read_text(encoding="utf-8")
    (folder / "config.schema.json").write_text(top, encoding="utf-8")
    (folder / "toy.schema.json").write_text(json.dumps(TOY), encoding="utf-8")
    return folder
