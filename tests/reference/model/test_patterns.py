"""Patterns: the made text matches, whatever the pattern is made of."""

import re

import pytest

from assisters_verify.reference.model.patterns import make_match

PATTERNS = [
    "^[A-Z]{3}-\\d{4}$", "^(foo|bar)[a-f0-9]+$", "^\\+?[1-9]\\d{1,14}$", "^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$",
    "a*b+c?", "^$", "^(?:[01]\\d|2[0-3]):[0-5]\\d$", "^[\\w.-]{2,5}$", "x{2,}y{0,1}", "\\S+\\s\\S+",
    "^\\$\\d+\\.\\d{2}$", "[a-]", "^a.c$", "^#?([a-fA-F0-9]{6}|[a-fA-F0-9]{3})$", "^(a(b(c)))$", "\\bword\\b",
    "^\\D\\W$", "(?P<year>\\d{4})",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("variant", [0, 1, 5])
def test_made_text_matches(pattern: str, variant: int) -> None:
    made = make_match(pattern, variant=variant)
    assert made is not None
    assert re.search(pattern, made) is not None


def test_made_text_is_long_enough() -> None:
    assert len(make_match("^[a-z]+$", shortest=12) or "") == 12


@pytest.mark.parametrize("pattern", ["(?=x)y", "(unclosed", "[unclosed", "\\", "(?<!a)b", "\\1", "[]"])
def test_what_cannot_be_made_is_nothing(pattern: str) -> None:
    assert make_match(pattern) is None
