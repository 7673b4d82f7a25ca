"""Only what is beyond dispute is called invalid, and only what is harmless is sent."""

import pytest

from assisters_verify.properties.certainty import (
    is_beyond_dispute,
    is_other_notation,
    is_plain_text,
    is_sendable,
    sharpen,
)
from assisters_verify.properties.violations import Violation


def violation(keyword: str, limit: object, received: object, expected: str = "") -> Violation:
    return Violation(path=("n",), keyword=keyword, limit=limit, received=received, expected=expected)


@pytest.mark.parametrize("received", [1.0000001, 1.0005])
def test_number_next_to_a_bound_is_disputable(received: float) -> None:
    """A server that reads numbers with 32 bits takes it for the bound."""
    assert not is_beyond_dispute(violation("maximum", 1, received))


@pytest.mark.parametrize("received", [1.01, 2, -5])
def test_number_far_from_a_bound_is_beyond_dispute(received: float) -> None:
    assert is_beyond_dispute(violation("maximum", 1, received))


@pytest.mark.parametrize(("received", "expected"), [(2.6e-42, False), (3.0000001, False), (1.5, True), ("a", True)])
def test_fraction_where_an_integer_is_expected(received: object, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_beyond_dispute(violation("type", ["integer"], received, "integer")) is expected


@pytest.mark.parametrize(
    ("value", "expected"), [(2.6e-42, 1.5), (-1e-9, 1.5), (0.25, 0.25), (3.0, 3.0), (7, 7), ("a", "a")]
)
def test_fraction_next_to_a_whole_number_is_moved_away(value: object, expected: object) -> None:
    assert sharpen(value) == expected


@pytest.mark.parametrize(
    "text", ["0", "1.5", "1704067200", "2024-01-01", "2024-01-01T00:00:00+00:00", "20240101", "nan"]
)
def test_text_that_may_be_right_in_another_notation(text: str) -> None:
    assert is_other_notation(text)


@pytest.mark.parametrize("text", ["null", "true", "yesterday", "2024-02-30", ""])
def test_text_that_is_right_in_no_notation(text: str) -> None:
    assert not is_other_notation(text)


@pytest.mark.parametrize("text", ["", "Hello, world!", "Grüße 東京 Привет", "a_b-c"])
def test_plain_text(text: str) -> None:
    assert is_plain_text(text)


@pytest.mark.parametrize("text", ["\x00", "a\nb", "\ud800", "\ue000", "<b>", "' OR 1=1", "${x}", "../x", "a" * 201])
def test_text_that_may_be_refused_for_what_it_looks_like(text: str) -> None:
    assert not is_plain_text(text)


@pytest.mark.parametrize("body", [None, 0, "a", [], {"a": [1, 2.5, True, None, {"b": "c"}]}])
def test_sendable_body(body: object) -> None:
    assert is_sendable(body)


def test_value_that_the_caller_gave_is_right_as_it_is() -> None:
    assert is_sendable({"model": "org/name <1>", "text": "a"}, fixed={"model": "org/name <1>"})


@pytest.mark.parametrize("body", [{"model": "org/other"}, {"model": "org/name", "text": "<b>"}])
def test_value_beside_what_the_caller_gave_must_be_plain(body: object) -> None:
    assert not is_sendable(body, fixed={"model": "org/name"})


@pytest.mark.parametrize(
    "body", [1e16, -(2**70), {"<": 1}, {"a": ["\x00"]}, ["a" * 150] * 30, [[[[[[[[[[[[1]]]]]]]]]]]], float("inf")]
)
def test_body_that_may_be_refused_for_another_reason(body: object) -> None:
    assert not is_sendable(body)
