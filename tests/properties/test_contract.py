"""Operations and schemas are found in an OpenAPI file."""

from typing import Any

import pytest

from assisters_verify.properties.contract import Contract

SPEC: dict[str, Any] = {
    "paths": {
        "/things/{id}": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "get": {"parameters": [{"name": "q", "in": "query"}], "responses": {}},
        }
    },
    "components": {
        "parameters": {"Id": {"name": "id", "in": "path"}},
        "schemas": {
            "Count": {"type": "integer"},
            "Thing": {"type": "object", "properties": {"count": {"$ref": "#/components/schemas/Count"}}},
            "Text": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": {"$ref": "#/components/schemas/Thing"},
            },
        },
    },
}
THING = {"$ref": "#/components/schemas/Thing"}
TEXT = {"$ref": "#/components/schemas/Text"}


def test_parameters_of_path_and_operation_are_joined() -> None:
    operation = Contract(SPEC).operation("GET /things/{id}")
    assert [parameter["name"] for parameter in operation.parameters] == ["id", "q"]


def test_unknown_operation_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"it has GET /things/\{id\}"):
        Contract(SPEC).operation("PUT /things")


def test_references_are_followed() -> None:
    assert not Contract(SPEC).validator(THING).is_valid({"count": "a"})


@pytest.mark.parametrize(("is_plain", "expected"), [(False, True), (True, False)])
def test_whole_float_is_an_integer_only_to_json_schema(is_plain: bool, expected: bool) -> None:  # noqa: FBT001 - a table
    assert Contract(SPEC).validator(THING, is_plain=is_plain).is_valid({"count": 10.0}) is expected


@pytest.mark.parametrize("is_plain", [False, True])
def test_true_is_no_integer(is_plain: bool) -> None:  # noqa: FBT001 - a table
    assert not Contract(SPEC).validator(THING, is_plain=is_plain).is_valid({"count": True})


@pytest.mark.parametrize(
    ("text", "expected"), [('{"count": 1}', True), ('{"count": "a"}', False), ("{", False), ('{"count": NaN}', False)]
)
def test_json_inside_of_a_text_is_checked(text: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert Contract(SPEC).validator(TEXT).is_valid(text) is expected
