"""Escapes are undone once, and every byte is traced back to where it stood."""

import pytest

from assisters_verify.redaction.escapes import pattern_for, unescape, unescape_json, unescaped_forms

PLAIN = pattern_for(["sk-abc/_+="])
ANY = pattern_for(["schlüssel"])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%41%7e%7E", b"A~~"),
        (b"%2541", b"%41"),
        (b"%1f%80%E4", None),
        (b"\\u0041\\u007A\\x2D", b"Az-"),
        (b"\\u4e2d\\u00e9\\u001f", None),
        (b"\\/", b"/"),
        (b"\\n\\\"\\'\\b", None),
        (b"\\\\n", None),
        (b"\\\\u0041", b"\\u0041"),
        (b"\\\\\\u0041", b"\\A"),
        (b"\\\\\\\\x41", b"\\\\x41"),
        (b"\\" * 6 + b"x41", b"\\" * 3 + b"x41"),
        (b"\\\\/", b"\\/"),
        (b"&amp;&lt;&quot;&#39;&#x2f;&#X2F;&#0047;", b"&<\"'///"),
        (b"&amp;lt;", b"&lt;"),
        (b"&nothing;&#7;&#xe9;&lt", None),
        (b"plain", None),
    ],
)
def test_escapes_of_plain_characters_are_undone(data: bytes, expected: bytes | None) -> None:
    unescaped = unescape(data, PLAIN)
    assert (unescaped and unescaped.data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%c3%A9%00", b"\xc3\xa9\x00"),
        (b"\\u00e9\\u4E2D", "é中".encode()),
        (b"\\ud83d\\ude00\\uD83D\\uDE00", "😀😀".encode()),
        (b"\\ud83d.", b"\xed\xa0\xbd."),
        (b"\\xe9", b"\xe9"),
        (b"\\b\\f\\n\\r\\t\\\"\\'\\/\\\\", b"\b\f\n\r\t\"'/\\"),
        (b"\\a", None),
        (b"\\\\n", b"\\n"),
        (b"&eacute;&#233;&#xE9;&#x1F600;", "ééé😀".encode()),
        (b"&#1114112;&#x110000;", None),
        (b"&#1114111;", "\U0010ffff".encode()),
    ],
)
def test_escapes_of_any_characters_are_undone(data: bytes, expected: bytes | None) -> None:
    unescaped = unescape(data, ANY)
    assert (unescaped and unescaped.data) == expected


@pytest.mark.parametrize(
    ("secret", "is_plain"),
    [("sk-abc_/+=~!#$%&()[]{}", True), ('a"b', False), ("a'b", False), ("a\\b", False), ("a b", False), ("é", False)],
)
def test_only_secrets_of_other_characters_cost_the_larger_pattern(secret: str, *, is_plain: bool) -> None:
    assert (pattern_for(["sk-abc", secret]) is PLAIN) == is_plain


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((0, 1), (0, 1)),
        ((0, 2), (0, 2)),
        ((2, 3), (2, 5)),
        ((3, 4), (5, 6)),
        ((1, 4), (1, 6)),
        ((4, 5), (6, 9)),
        ((5, 6), (9, 12)),
        ((4, 7), (6, 13)),
        ((6, 7), (12, 13)),
        ((0, 7), (0, 13)),
    ],
)
def test_places_are_traced_back(span: tuple[int, int], expected: tuple[int, int]) -> None:
    unescaped = unescape(b"ab%43d%45%46g", PLAIN)
    assert unescaped is not None
    assert unescaped.origin(*span) == expected


def test_part_of_a_character_is_traced_back_to_all_of_its_escape() -> None:
    unescaped = unescape(b"a\\u00e9b", ANY)
    assert unescaped is not None
    assert [unescaped.origin(at, at + 1) for at in range(4)] == [(0, 1), (1, 7), (1, 7), (7, 8)]


def test_json_text_without_escapes_is_itself() -> None:
    assert unescape_json(b"a'b%41&amp;").data == b"a'b%41&amp;"


def test_json_text_has_its_escapes_undone() -> None:
    assert unescape_json(b'\\"\\\\\\n\\u0041\\ud83d\\ude00%41').data == '"\\\nA😀%41'.encode()


def test_place_in_json_text_without_escapes_is_the_same() -> None:
    assert unescape_json(b"abc").origin(1, 2) == (1, 2)


def test_secret_that_holds_escapes_has_several_forms() -> None:
    assert unescaped_forms(b"a%2541b", PLAIN) == [b"a%2541b", b"a%41b", b"aAb"]
