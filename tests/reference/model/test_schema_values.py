"""Schema values: arguments are valid against their schema, and taken from the prompt where it has them."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assisters_verify.reference.model.schema_values import make_arguments

PROMPT = (
    'Create a thing called "Blue Lamp" with quantity of 7, email joe@x.org, on 2025-05-06, '
    "priority high, colours red and green, in Paris"
)
NODE = {
    "type": "object",
    "properties": {"v": {"type": "integer"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
    "required": ["v", "kids"],
}
PROPERTIES: list[Any] = [
    {"type": "string"},
    {"type": "string", "minLength": 30, "maxLength": 30},
    {"type": "string", "maxLength": 0},
    {"type": "string", "pattern": "^[A-Z]{3}-\\d{4}$"},
    {"type": "string", "pattern": "^(foo|bar)[a-f0-9]+$", "minLength": 10, "maxLength": 12},
    *[{"type": "string", "format": name} for name in ("date", "date-time", "time", "email")],
    *[{"type": "string", "format": name} for name in ("uri", "uuid", "ipv4", "ipv6")],
    {"type": "integer", "minimum": 10, "maximum": 12},
    {"type": "integer", "multipleOf": 7, "minimum": 10},
    {"type": "integer", "exclusiveMaximum": 0},
    {"type": "integer", "exclusiveMinimum": 3, "multipleOf": 3},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "number", "maximum": -3},
    {"type": "number", "multipleOf": 0.25, "exclusiveMinimum": 1},
    {"type": "boolean"},
    {"type": "null"},
    {"type": ["null", "string"]},
    {"type": ["string", "integer"], "not": {"type": "string"}},
    {"const": {"a": [1]}},
    {"enum": [1, None, "a"]},
    {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"a": {"const": 3}}, "required": ["a"]}]},
    {"oneOf": [{"type": "integer"}, {"type": "integer", "minimum": 10}]},
    {"oneOf": [{"type": "string", "maxLength": 2}, {"type": "string", "minLength": 5}]},
    {"allOf": [{"type": "integer"}, {"minimum": 4}, {"maximum": 4}]},
    {"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"required": ["b"]}]},
    {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "minItems": 4, "maxItems": 4},
    {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 4}, "uniqueItems": True, "minItems": 4},
    {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2, "maxItems": 2},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 3},
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False, "minItems": 2},
    {"type": "array", "contains": {"const": 5}},
    {"type": "array", "maxItems": 0},
    {"type": "object", "minProperties": 3, "additionalProperties": {"type": "integer"}},
    {"type": "object", "patternProperties": {"^k_\\d+$": {"type": "boolean"}}, "minProperties": 2,
     "additionalProperties": False},
    {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"], "dependentRequired": {"a": ["b"]}},
    {"properties": {"kind": {"enum": ["a"]}, "n": {"type": "integer"}}, "required": ["kind"],
     "if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["n"]}},
    {"$ref": "#/$defs/node"},
    {"$ref": "https://elsewhere.example/schema.json"},
    {},
    True,
]  # fmt: skip


@pytest.mark.parametrize("schema", PROPERTIES, ids=str)
@pytest.mark.parametrize("prompt", [PROMPT, "Hello", "日本語"])
def test_arguments_are_valid(schema: Any, prompt: str) -> None:
    parameters = {"type": "object", "properties": {"x": schema}, "required": ["x"], "additionalProperties": False,
                  "$defs": {"node": NODE}}  # fmt: skip
    made = make_arguments(parameters, prompt)
    if isinstance(schema, dict) and "elsewhere" in str(schema):
        assert "x" in made
        return
    validator = Draft202012Validator(parameters, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(made)] == []


@pytest.mark.parametrize(
    ("name", "schema", "value"),
    [
        ("name", {"type": "string"}, "Blue Lamp"),
        ("quantity", {"type": "integer"}, 7),
        ("email", {"type": "string", "format": "email"}, "joe@x.org"),
        ("when", {"type": "string", "format": "date"}, "2025-05-06"),
        ("priority", {"enum": ["low", "high"]}, "high"),
        ("colours", {"type": "array", "items": {"enum": ["purple", "red", "green"]}}, ["red", "green"]),
        ("city", {"type": "string"}, "Paris"),
        ("query", {"type": "string"}, "Blue Lamp"),
    ],
)
def test_values_come_from_the_prompt(name: str, schema: Any, value: Any) -> None:
    parameters = {"type": "object", "properties": {name: schema}, "required": [name]}
    assert make_arguments(parameters, PROMPT) == {name: value}


def test_optional_fields_come_where_the_prompt_has_them() -> None:
    properties = {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}, "days": {"type": "integer"}}
    parameters = {"type": "object", "properties": properties, "required": ["city"]}
    assert make_arguments(parameters, "Weather in Paris in F") == {"city": "Paris", "unit": "F"}
