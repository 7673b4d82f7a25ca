import sys
import unicodedata
from typing import Any

import pytest

from assisters_verify.reporting.inert import clip, code_block, code_span, defuse, is_plain, visible, visible_line


def test_escape_codes_are_written_out() -> None:
    assert visible("\x1b[31mred\x9b0m\x07\x7f") == r"\x1b[31mred\x9b0m\x07\x7f"


def test_line_breaks_and_tabs_stay_in_a_text_of_several_lines() -> None:
    assert visible("a\n\tb\r\n") == "a\n\tb\\r\n"


def test_nul_and_lone_surrogates_are_written_out() -> None:
    assert visible("\x00 \ud800 \udfff") == r"\x00 \ud800 \udfff"


def test_what_turns_the_reading_direction_is_written_out() -> None:
    assert visible("\u202egnp.exe\u2066\u061c") == r"\u202egnp.exe\u2066\u061c"


def test_text_in_any_script_is_left_as_it_is() -> None:
    text = "Ünïcode 日本語 العربية हिन्दी 🎉 e\u0301"
    assert visible(text) == text


@pytest.mark.parametrize("category", ["Cc", "Cs", "Zl", "Zp"])
def test_no_character_of_a_category_that_acts_gets_through(category: str) -> None:
    acting = [chr(n) for n in range(sys.maxunicode + 1) if unicodedata.category(chr(n)) == category]
    assert [c for c in acting if c not in "\t\n" and visible(c) == c] == []


def test_no_bidirectional_control_gets_through() -> None:
    kinds = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    acting = [chr(n) for n in range(sys.maxunicode + 1) if unicodedata.bidirectional(chr(n)) in kinds]
    assert [c for c in acting if visible(c) == c] == []


def test_a_line_stays_one_line() -> None:
    assert visible_line("a\nb\r\n\u2028c\td") == r"a\nb\r\n\u2028c\td"


def test_a_long_text_is_cut_and_says_by_how_much() -> None:
    assert clip("x" * 1_010, 10) == "xxxxxxxxxx… (1,000 more characters)"


def test_a_line_of_10_mb_costs_next_to_nothing() -> None:
    """It is cut first: whatever is looked at is as long as what is shown."""
    text = LookedAt("\x1b" * 10_000_000)
    assert (len(visible_line(text)) < 2_000, text.taken < 2_000) == (True, True)


class LookedAt(str):
    """A text that counts how many of its characters somebody took."""

    __slots__ = ("taken",)
    taken: int

    def __getitem__(self, key: Any) -> str:
        part = super().__getitem__(key)
        self.taken = getattr(self, "taken", 0) + len(part)
        return part


def test_a_plain_text_is_told_from_one_that_acts() -> None:
    assert [is_plain(text) for text in ("Zürich 日本", "a\nb", "\x1b")] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::error::x", r"\x3a:error::x"),
        ("ok\n  ::set-env name=a::b", "ok\n  \\x3a:set-env name=a::b"),
        ("\u00a0\u3000::error::x", "\u00a0\u3000\\x3a:error::x"),
        ("a ##[error]x", r"a \x23#[error]x"),
        ("a ##VSO[task.complete]x", r"a \x23#VSO[task.complete]x"),
        ("##teamcity[buildProblem]", r"\x23#teamcity[buildProblem]"),
    ],
)
def test_a_workflow_command_is_defused(text: str, expected: str) -> None:
    assert defuse(text) == expected


def test_an_address_with_two_colons_is_no_command() -> None:
    assert defuse("see http://[::1]:8000 and a::b\n## Heading") == "see http://[::1]:8000 and a::b\n## Heading"


def test_a_code_span_has_a_longer_fence_than_the_text() -> None:
    assert code_span("a `b` ``c``") == "``` a `b` ``c`` ```"


def test_a_code_block_has_a_longer_fence_than_the_text() -> None:
    assert code_block("````\nx", language="http") == "`````http\n````\nx\n`````"
