"""JSON is read and written as its standard has it."""

import pytest

from assisters_verify.properties import json_text


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "-Infinity", "'a'", "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        json_text.parse(text)


def test_value_survives_writing_and_reading() -> None:
    value = {"a": [1, 2.5, None, True, "東京"]}
    assert json_text.parse(json_text.write(value).decode()) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_value_that_json_does_not_have_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        json_text.write(value)


def test_long_value_is_cut() -> None:
    assert json_text.shorten("a" * 100, limit=10) == '"aaaaaaaa…'
