"""Secrets in headers and in the frames of a stream are hidden, wherever these are cut."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.redaction.spelling import KEY, OTHER, percent_all

from assisters_verify.redaction import Redactor

HEADERS = [
    ("Authorization", f"Bearer {KEY}", "Bearer {{api_key}}"),
    ("authorization", f"bearer  {KEY}", "bearer  {{api_key}}"),
    ("AUTHORIZATION", "Bearer sk-unknown", "Bearer {{hidden}}"),
    ("Authorization", f"Bearer {KEY}x", "Bearer {{api_key}}{{hidden}}"),
    ("Authorization", "Bearer", "Bearer"),
    ("Authorization", "Bearer ", "Bearer "),
    ("Authorization", "", ""),
    ("Authorization", KEY, "{{api_key}}"),
    ("Authorization", "sk-unknown", "{{hidden}}"),
    ("Authorization", "Bearersk-unknown", "{{hidden}}"),
    ("Authorization", "Token sk-unknown", "Token {{hidden}}"),
    ("Authorization", "ApiKey sk-unknown", "ApiKey {{hidden}}"),
    ("Authorization", "api-key sk-unknown", "api-key {{hidden}}"),
    ("Authorization", "unknown words", "{{hidden}}"),
    (
        "Authorization",
        "Basic " + base64.b64encode(b"usr" + KEY.encode()).decode(),
        "Basic {{hidden}}{{api_key}}{{hidden}}",
    ),
    ("Proxy-Authorization", "Basic dXNlcjpwYXNz", "Basic {{hidden}}"),
    ("X-API-Key", KEY, "{{api_key}}"),
    ("x-api-key", "abc", "{{hidden}}"),
    ("Cookie", "session=abc", "{{hidden}}"),
    ("Set-Cookie", "session=abc; Path=/", "{{hidden}}"),
    ("Idempotency-Key", "abc123", "abc123"),
    ("X-Max-Tokens", "1000", "1000"),
    ("X-Echo", f"key {KEY}!", "key {{api_key}}!"),
    ("Location", f"/v1/keys?key={quote(KEY, safe='')}", "/v1/keys?key={{api_key}}"),
    ("WWW-Authenticate", 'Bearer realm="api"', 'Bearer realm="api"'),
]


@pytest.mark.parametrize(("name", "value", "expected"), HEADERS)
def test_header_keeps_its_scheme_and_names_only(name: str, value: str, expected: str) -> None:
    assert Redactor([("api_key", KEY)]).headers([(name, value)]) == ((name, expected),)


def test_headers_keep_their_order_and_repetitions() -> None:
    headers = [("B", "1"), ("A", "2"), ("B", "1"), (KEY, "3")]
    assert Redactor([("api_key", KEY)]).headers(headers) == (("B", "1"), ("A", "2"), ("B", "1"), ("{{api_key}}", "3"))


@settings(deadline=None)
@given(cuts=st.lists(st.integers(0, 80)))
def test_secret_is_found_however_the_frames_cut_it(cuts: list[int]) -> None:
    body = f"é {KEY} … {percent_all(OTHER)[:36]} 😀".encode()
    ends = sorted(min(cut, len(body)) for cut in cuts)
    frames = [body[start:end] for start, end in zip([0, *ends], [*ends, len(body)], strict=True)]
    texts = Redactor([("api_key", KEY), ("other", OTHER)]).frames(frames)
    assert (len(texts), "".join(texts)) == (len(frames), "é {{api_key}} … {{other}} 😀")


def test_name_stands_in_the_frame_in_which_the_secret_begins() -> None:
    frames = [b"a", b"b" + KEY[:3].encode(), KEY[3:9].encode(), b"", KEY[9:].encode() + b"c", b"d"]
    assert Redactor([("api_key", KEY)]).frames(frames) == ["a", "b{{api_key}}", "", "", "c", "d"]


def test_secret_told_by_events_is_found_in_frames_of_any_size() -> None:
    events = [f'data: {{"a":"{part}"}}\n\n' for part in (KEY[:7], KEY[7:9], KEY[9:])]
    frames = [events[0][:5].encode(), (events[0][5:] + events[1]).encode(), events[2].encode()]
    expected = ["data:", ' {"a":"{{api_key}}"}\n\ndata: {"a":""}\n\n', 'data: {"a":""}\n\n']
    assert Redactor([("api_key", KEY)]).frames(frames) == expected


def test_character_that_a_frame_cuts_counts_to_the_next_one() -> None:
    assert Redactor().frames([b"a\xc3", b"\xa9b", b"c\xc3"]) == ["a", "éb", "c\ufffd"]


def test_no_frames_make_no_text() -> None:
    assert Redactor([("api_key", KEY)]).frames([]) == []
