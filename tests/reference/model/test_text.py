"""Tokens: they join to the text, and never are fewer than its words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assisters_verify.reference.model.text import count_tokens, cut_tokens, find_script, split_tokens


@given(st.text())
@settings(max_examples=200, database=None, deadline=None)
def test_tokens_join_to_the_text(text: str) -> None:
    assert "".join(split_tokens(text)) == text


@given(st.text(alphabet=st.sampled_from("ab 世é\n\t"), max_size=60), st.integers(1, 20))
@settings(max_examples=200, database=None, deadline=None)
def test_bound_on_tokens_bounds_words(text: str, bound: int) -> None:
    assert len(cut_tokens(text, bound)[0].split()) <= bound


@pytest.mark.parametrize(("text", "count"), [("", 0), ("one two", 2), ("你好", 2), ("a" * 30, 3), ("  ", 0)])
def test_tokens_are_counted(text: str, count: int) -> None:
    assert count_tokens(text) == count


def test_japanese_is_told_from_chinese() -> None:
    assert (find_script("東京へ行きます"), find_script("我去东京")) == ("JAPANESE", "CJK")
