import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.reporting.page.json_layout import laid_out

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=15,
)


def test_objects_stand_over_several_lines() -> None:
    assert laid_out('{"a":1,"b":{"c":[]}}') == '{\n  "a": 1,\n  "b": {\n    "c": []\n  }\n}'


def test_a_list_of_plain_values_stays_in_a_line() -> None:
    assert laid_out('{"embedding":[0.10,1e5,-0]}') == '{\n  "embedding": [0.10, 1e5, -0]\n}'


def test_repeated_names_and_odd_numbers_stay_as_they_were_sent() -> None:
    assert laid_out('{"a":1.0,"a":1e999}') == '{\n  "a": 1.0,\n  "a": 1e999\n}'


def test_signs_within_a_text_are_left_alone() -> None:
    assert laid_out(r'["a , b: {[\"]}"]') == r'["a , b: {[\"]}"]'


@pytest.mark.parametrize("text", ["", "plain", "7", '"text"', '{"a":', "{'a': 1}", "[1,]", "[" * 100_000])
def test_what_is_no_object_and_no_list_is_not_touched(text: str) -> None:
    assert laid_out(text) is None


def test_what_is_too_deep_to_be_read_is_not_touched() -> None:
    assert laid_out("[" * 100 + "]" * 100) is None


@given(value=_VALUES, is_ascii=st.booleans())
def test_the_layout_says_the_same(value: object, *, is_ascii: bool) -> None:
    text = json.dumps([value, {}], ensure_ascii=is_ascii)
    shown = laid_out(text)
    assert shown is None or json.loads(shown) == [value, {}]
