"""Violations of a schema are told in words, each with the place it is at."""

import pytest
from jsonschema import Draft202012Validator

from assisters_verify.properties.violations import Violation, find_violations


def tell(schema: dict[str, object], value: object) -> list[str]:
    return [str(violation) for violation in find_violations(Draft202012Validator(schema), value)]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "object"}, 7, "body: expected object, received 7"),
        ({"type": ["string", "null"]}, 7, "body: expected string or null, received 7"),
        ({"const": "a"}, "b", 'body: expected "a", received "b"'),
        ({"enum": ["a", 1]}, "b", 'body: expected one of "a", 1, received "b"'),
        ({"minimum": 0}, -1, "body: expected at least 0, received -1"),
        ({"maximum": 1}, 1.5, "body: expected at most 1, received 1.5"),
        ({"exclusiveMinimum": 0}, 0, "body: expected more than 0, received 0"),
        ({"exclusiveMaximum": 1}, 1, "body: expected less than 1, received 1"),
        ({"minLength": 1}, "", 'body: expected at least 1 characters, received ""'),
        ({"maxLength": 1}, "ab", 'body: expected at most 1 characters, received "ab"'),
        ({"minItems": 1}, [], "body: expected at least 1 items, received []"),
        ({"maxItems": 0}, [1], "body: expected at most 0 items, received [1]"),
        ({"pattern": "^a"}, "b", 'body: expected text that matches ^a, received "b"'),
        ({"uniqueItems": True}, [1, 1], "body: expected uniqueItems: true, received [1, 1]"),
    ],
)
def test_keyword_in_words(schema: dict[str, object], value: object, expected: str) -> None:
    assert tell(schema, value) == [expected]


def test_each_missing_field_is_told_once() -> None:
    told = tell({"required": ["a", "b"]}, {})
    assert told == ["/a: expected a value, received nothing", "/b: expected a value, received nothing"]


def test_place_is_a_json_pointer() -> None:
    violation = Violation(path=("a/b", 0, "c~d"), keyword="type", limit="string", received=1, expected="string")
    assert violation.pointer == "/a~1b/0/c~0d"


def test_alternatives_of_one_place_are_joined() -> None:
    schema: dict[str, object] = {"anyOf": [{"type": "string"}, {"type": "array"}]}
    assert tell(schema, 7) == ["body: expected string or array, received 7"]


def test_the_alternative_that_comes_nearest_is_told() -> None:
    schema: dict[str, object] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    assert tell(schema, ["a", 1]) == ["/1: expected string, received 1"]


def test_of_alternatives_as_near_the_one_with_fewest_faults_is_told() -> None:
    schema: dict[str, object] = {"anyOf": [{"required": ["a", "b"]}, {"required": ["c"]}]}
    assert tell(schema, {}) == ["/c: expected a value, received nothing"]


def test_alternative_with_two_faults_is_told_whole_where_none_has_fewer() -> None:
    schema: dict[str, object] = {"anyOf": [{"required": ["a", "b"]}, {"required": ["c", "d"]}]}
    assert tell(schema, {}) == ["/a: expected a value, received nothing", "/b: expected a value, received nothing"]


@pytest.mark.parametrize(
    ("schema", "value", "limit"),
    [({"maximum": 1}, 2, 1), ({"required": ["a"]}, {}, True), ({"type": "object"}, 1, "object")],
)
def test_violation_holds_what_was_asked_for(schema: dict[str, object], value: object, limit: object) -> None:
    assert [found.limit for found in find_violations(Draft202012Validator(schema), value)] == [limit]
