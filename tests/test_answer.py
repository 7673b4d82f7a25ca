"""An answer is read by the rules of HTTP and JSON, and no body of it breaks who reads."""

import tracemalloc
from typing import Any

import pytest

from assisters_verify.answer import Answer, NotJson


def answer(body: bytes = b"", *, status: int = 200, **headers: str) -> Answer:
    return Answer(
        exchange="x0001",
        method="GET",
        path="/v1/models",
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=body,
        first_byte_s=0.0,
        total_s=0.0,
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"{}", {}), (b" [1, 2.5e3]\n", [1, 2500.0]), (b"null", None), ('"é"'.encode(), "é"), (b'"\\ud800"', "\ud800")],
)
def test_json_is_read(body: bytes, expected: Any) -> None:
    assert answer(body).document == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html>",
        b"NaN",
        b'{"a": NaN}',
        b"[Infinity]",
        b"[-Infinity]",
        b"{'a': 1}",
        b"{} {}",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b'"\xff"',
        b"[" * 200_000,
        b"9" * 10_000,
        b'{"a":' * 5_000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_json_is_told_in_a_few_words(body: bytes) -> None:
    with pytest.raises(NotJson) as caught:
        _ = answer(body).document
    assert (str(caught.value).startswith("no JSON: "), len(str(caught.value)) < 200) == (True, True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        (" text/html ;x=y", "text/html"),
        ("", ""),
    ],
)
def test_content_type_is_the_media_type_alone(value: str, expected: str) -> None:
    assert answer(content_type=value).content_type == expected


def test_content_type_may_be_absent() -> None:
    assert answer().content_type == ""


@pytest.mark.parametrize(
    ("status", "expected"), [(199, False), (200, True), (204, True), (299, True), (300, False), (404, False)]
)
def test_success_is_every_status_of_its_class(status: int, *, expected: bool) -> None:
    assert answer(status=status).is_success is expected


def test_body_that_is_no_text_has_one_all_the_same() -> None:
    assert answer(b"a\xffb").text == "a\ufffdb"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "200"),
        (b" a \n\n b\t", "200 a b"),
        (b"x" * 1_000, "200 " + "x" * 159 + "…"),
        (b"x" * 160, "200 " + "x" * 160),
    ],
    ids=["empty", "blanks", "long", "just_short_enough"],
)
def test_answer_is_described_on_one_short_line(body: bytes, expected: str) -> None:
    assert answer(body).describe() == expected


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n", "\r\r"])
def test_stream_is_described_by_its_first_event(end: str) -> None:
    """What follows may say a secret piece by piece."""
    stream = answer(f"data: a{end}data: b{end}".encode(), content_type="text/event-stream")
    assert stream.describe() == "200 data: a …"


def test_stream_that_should_be_json_is_described_by_its_first_event_too() -> None:
    with pytest.raises(NotJson, match=r"^no JSON: data: a …$"):
        _ = answer(b"data: a\n\ndata: b\n\n", content_type="text/event-stream").document


def test_stream_of_one_event_is_described_whole() -> None:
    assert answer(b"data: a\n\n", content_type="text/event-stream").describe() == "200 data: a"


def test_request_is_named_by_its_label_or_by_its_method_and_path() -> None:
    assert answer().where == "GET /v1/models"


def test_what_was_parsed_is_not_kept() -> None:
    """A run keeps thousands of answers, and parsed they would take twenty times as much."""
    kept = answer(b"[" + b",".join([b"{}"] * 50_000) + b"]")
    tracemalloc.start()
    try:
        assert len(kept.document) == 50_000
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < len(kept.body)
