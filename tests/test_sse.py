"""Our reader of server-sent events agrees with the standard, however the bytes are cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.growth import grows_evenly

from assisters_verify.sse import Event, EventReader, EventTooLarge

BOM = b"\xef\xbb\xbf"

# After the standard's own examples and the event source cases of web-platform-tests.
CASES: dict[str, tuple[bytes, list[Event]]] = {
    "one event": (b"data: hello\n\n", [Event(data="hello")]),
    "data lines are joined": (b"data: YHOO\ndata: +2\ndata: 10\n\n", [Event(data="YHOO\n+2\n10")]),
    "standard's second example": (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [Event(data="first event", id="1"), Event(data="second event"), Event(data=" third event")],
    ),
    "standard's third example": (b"data\n\ndata\ndata\n\ndata:", [Event(data=""), Event(data="\n")]),
    "standard's fourth example": (b"data:test\n\ndata: test\n\n", [Event(data="test"), Event(data="test")]),
    "CR ends a line": (b"data:a\r\rdata:b\r\r", [Event(data="a"), Event(data="b")]),
    "CRLF ends a line": (b"data:a\r\ndata:b\r\n\r\ndata:c\r\n\r\n", [Event(data="a\nb"), Event(data="c")]),
    "line ends are mixed": (b"data:a\r\ndata:b\ndata:c\rdata:d\r\n\n", [Event(data="a\nb\nc\nd")]),
    "LF CR are two line ends": (b"data:a\n\rdata:b\n\r", [Event(data="a"), Event(data="b")]),
    "other separators end no line": (
        "data:a\u2028b\u0085c\x0bd\x0ce\n\n".encode(),
        [Event(data="a\u2028b\u0085c\x0bd\x0ce")],
    ),
    "BOM at the start is dropped": (BOM + b"data:a\n\n", [Event(data="a")]),
    "second BOM belongs to the field name": (BOM + BOM + b"data:a\n\ndata:b\n\n", [Event(data="b")]),
    "BOM later belongs to the field name": (b"data:a\n\n" + BOM + b"data:b\n\n", [Event(data="a")]),
    "BOM in a value stays": (b"data:" + BOM + b"a\n\n", [Event(data="\ufeffa")]),
    "BOM in the second line belongs to the field name": (b"\n" + BOM + b"data:a\n\n", []),
    "BOM before a blank line": (BOM + b"\ndata:a\n\n", [Event(data="a")]),
    "comments are passed over": (b":\n:a\n: data:b\ndata:c\n:d\ndata:e\n\n", [Event(data="c\ne")]),
    "unknown fields are passed over": (b"foo:bar\nfoo\ndata:a\n data:b\nDATA:c\ndata :d\n\n", [Event(data="a")]),
    "only one space is taken off": (b"data:  a \ndata:\tb\n\n", [Event(data=" a \n\tb")]),
    "colons in a value stay": (b"data:a:b: c\n\n", [Event(data="a:b: c")]),
    "NUL in data stays": (b"data:a\0b\n\n", [Event(data="a\0b")]),
    "empty data is an event": (b"data:\n\n", [Event(data="")]),
    "no data is no event": (b"event: ping\nid: 7\n\n\n\n", []),
    "type is given": (b"event: add\ndata: 1\n\n", [Event(data="1", event="add")]),
    "type does not outlast its event": (
        b"event:a\ndata:1\n\ndata:2\n\nevent:b\n\ndata:3\n\n",
        [Event(data="1", event="a"), Event(data="2"), Event(data="3")],
    ),
    "empty type means message": (b"event:a\nevent:\ndata:1\n\n", [Event(data="1")]),
    "last type counts": (b"event:a\nevent:b\ndata:1\n\n", [Event(data="1", event="b")]),
    "id outlasts its event": (b"id:1\ndata:a\n\ndata:b\n\n", [Event(data="a", id="1"), Event(data="b", id="1")]),
    "id of an event without data counts": (b"id:1\n\ndata:a\n\n", [Event(data="a", id="1")]),
    "empty id resets it": (b"id:1\ndata:a\n\nid\ndata:b\n\n", [Event(data="a", id="1"), Event(data="b")]),
    "id with NUL is ignored": (b"id:1\nid:2\0\ndata:a\n\n", [Event(data="a", id="1")]),
    "retry is digits": (b"retry: 3000\ndata:a\n\n", [Event(data="a", retry_ms=3000)]),
    "retry outlasts its event": (
        b"data:a\n\nretry:5\n\ndata:b\n\n",
        [Event(data="a"), Event(data="b", retry_ms=5)],
    ),
    "retry with anything else is ignored": (
        b"retry:5\nretry: 6x\nretry:-7\nretry:+7\nretry:1.5\nretry:\nretry:8 \nretry:\xd9\xa3\ndata:a\n\n",
        [Event(data="a", retry_ms=5)],
    ),
    "retry may begin with zeros": (b"retry:0010\ndata:a\n\n", [Event(data="a", retry_ms=10)]),
    "absurd retry is ignored": (b"retry:" + b"9" * 5000 + b"\ndata:a\n\n", [Event(data="a")]),
    "retry of nineteen digits is ignored": (b"retry:" + b"1" * 19 + b"\ndata:a\n\n", [Event(data="a")]),
    "longest retry": (b"retry:" + b"9" * 18 + b"\ndata:a\n\n", [Event(data="a", retry_ms=10**18 - 1)]),
    "unfinished event is none": (b"data:a\n\ndata:b\n", [Event(data="a")]),
    "text is UTF-8": ("data:ok…é😀\n\n".encode(), [Event(data="ok…é😀")]),
    "malformed UTF-8 is replaced": (b"data:\xc3(\xe2\x82\ndata:\xff\n\n", [Event(data="\ufffd(\ufffd\n\ufffd")]),
}


def read(*pieces: bytes) -> list[Event]:
    reader = EventReader()
    return [event for piece in pieces for event in reader.feed(piece)]


def one_by_one(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


@pytest.mark.parametrize(("data", "expected"), CASES.values(), ids=CASES.keys())
def test_body_fed_whole_gives_the_standards_events(data: bytes, expected: list[Event]) -> None:
    assert read(data) == expected


@pytest.mark.parametrize(("data", "expected"), CASES.values(), ids=CASES.keys())
def test_body_fed_byte_by_byte_gives_the_same_events(data: bytes, expected: list[Event]) -> None:
    assert read(*one_by_one(data)) == expected


@settings(deadline=None)
@given(
    st.one_of(
        st.sampled_from([data for data, _ in CASES.values()]),
        st.lists(st.sampled_from([b"data", b":", b" ", b"\r", b"\n", b"id", b"x", b"\xe2", b"\x82", BOM])).map(
            b"".join
        ),
    ),
    st.data(),
)
def test_cuts_change_nothing(body: bytes, choose: st.DataObject) -> None:
    """Wherever the network cuts a body: the events, what is left over and the word on UTF-8 stay the same."""
    cuts = sorted(choose.draw(st.lists(st.integers(0, len(body)))))
    whole, cut = EventReader(), EventReader()
    expected = (whole.feed(body), whole.close(), whole.is_valid_utf8)
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    events = [event for piece in pieces for event in cut.feed(piece)]
    assert (events, cut.close(), cut.is_valid_utf8) == expected


def test_event_is_given_out_with_the_first_byte_of_its_blank_line() -> None:
    reader = EventReader()
    reader.feed(b"data:a\r\n")
    assert reader.feed(b"\r") == [Event(data="a")]


def test_line_feed_that_a_cut_parts_from_its_carriage_return_is_no_line_of_its_own() -> None:
    assert read(b"data:a\r", b"\ndata:b\r\n\r", b"\ndata:c\n\n") == [Event(data="a\nb"), Event(data="c")]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", None),
        (b"data:a\n\n", None),
        (b"data:a\r\n\r\n", None),
        (b"data:a\n\n: bye\n", None),
        (b"data:a\n\n: bye", None),
        (BOM, None),
        (b"data:a\n\ndata:b\n", "data:b\n"),
        (b"data:a\n\ndata:b\r\ndata:c", "data:b\ndata:c"),
        (b"da", "da"),
        (BOM + b"data:a", "data:a"),
        (b"event:a\n:note\n", "event:a\n"),
        (b"data:a\n:note", "data:a\n"),
        (b"data:\xe2\x82", "data:\ufffd"),
    ],
)
def test_close_returns_the_rest_of_an_unfinished_event(data: bytes, expected: str | None) -> None:
    reader = EventReader()
    reader.feed(data)
    assert reader.close() == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("data:é…😀\n\n".encode(), True),
        ("data:\ufffd\n\n".encode(), True),
        (b"data:\xff\n\n", False),
        (b": \xff\n", False),
        (b"unknown: \xff\n", False),
        (b"data:\xe2\x82", False),
        (b"data:\xed\xa0\x80\n\n", False),
        (b"data:\xc0\xaf\n\n", False),
    ],
)
def test_reader_tells_whether_utf8_was_valid(data: bytes, expected: bool) -> None:  # noqa: FBT001 - a table's column
    reader = EventReader()
    reader.feed(data)
    reader.close()
    assert reader.is_valid_utf8 is expected


def test_reconnection_time_can_be_read_off_without_an_event() -> None:
    reader = EventReader()
    reader.feed(b"retry: 250\n\n")
    assert reader.retry_ms == 250


@pytest.mark.parametrize("pieces", [[b"data:1234\n\n"], one_by_one(b"data:1234\n\n")])
def test_event_of_exactly_the_limit_is_read(pieces: list[bytes]) -> None:
    reader = EventReader(max_event_bytes=10)
    assert [event for piece in pieces for event in reader.feed(piece)] == [Event(data="1234")]


@pytest.mark.parametrize("line_end", [b"", b"\n"])
def test_line_past_the_limit_is_refused(line_end: bytes) -> None:
    with pytest.raises(EventTooLarge, match="larger than 10 bytes"):
        EventReader(max_event_bytes=10).feed(b"data:123456" + line_end)


def test_lines_of_one_event_count_together() -> None:
    reader = EventReader(max_event_bytes=16)
    reader.feed(b"data:1\ndata:2\n")
    with pytest.raises(EventTooLarge):
        reader.feed(b"data:3\n")


def test_lines_of_unknown_fields_count_too() -> None:
    with pytest.raises(EventTooLarge):
        EventReader(max_event_bytes=1000).feed(b"x\n" * 501)


def test_limit_is_for_one_event_not_for_the_body() -> None:
    assert len(EventReader(max_event_bytes=10).feed(b"data:1\n\n" * 100)) == 100


def test_comments_between_lines_do_not_count() -> None:
    assert EventReader(max_event_bytes=10).feed(b": keep\n" * 100 + b"data:1\n\n") == [Event(data="1")]


def test_refusal_keeps_the_events_before_it() -> None:
    with pytest.raises(EventTooLarge) as caught:
        EventReader(max_event_bytes=10).feed(b"data:1\n\ndata:1234567890")
    assert caught.value.events == [Event(data="1")]


def test_refusal_of_a_whole_line_keeps_the_events_before_it() -> None:
    with pytest.raises(EventTooLarge) as caught:
        EventReader(max_event_bytes=10).feed(b"data:1\n\ndata:1234567890\n\n")
    assert caught.value.events == [Event(data="1")]


def read_one_line(pieces: int) -> list[Event]:
    reader = EventReader()
    piece = b"x" * 1000
    reader.feed(b"data:")
    for _ in range(pieces):
        reader.feed(piece)
    return reader.feed(b"\n\n")


def test_ten_megabytes_in_one_line_are_read_in_linear_time() -> None:
    assert len(read_one_line(10_000)[0].data) == 10_000_000
    assert grows_evenly(read_one_line, 625)


def read_single_bytes(count: int) -> str | None:
    reader = EventReader()
    for _ in range(count):
        reader.feed(b"x")
    return reader.close()


def test_single_bytes_are_read_in_linear_time() -> None:
    assert read_single_bytes(200_000) == "x" * 200_000
    assert grows_evenly(read_single_bytes, 12_500)
