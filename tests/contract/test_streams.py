"""A stream is read event by event, with its times, and every shape that is right is taken for right."""

import json
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.answer import Answer, Piece
from assisters_verify.contract.streams import Stream, expect_stream, expect_unbroken, read_stream, stream
from assisters_verify.judgement import Broken, Undecided

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

    from assisters_verify.probe import Probe


def answer(*pieces: bytes, status: int = 200, content_type: str | None = "text/event-stream") -> Answer:
    return Answer(
        exchange="x0001",
        method="POST",
        path="/v1/chat/completions",
        status=status,
        headers={} if content_type is None else {"content-type": content_type},
        body=b"".join(pieces),
        first_byte_s=0.05,
        total_s=1.0,
        pieces=tuple(Piece(t_s=0.1 * number, data=data) for number, data in enumerate(pieces, 1)),
    )


def event(document: Any) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def delta(content: Any = None, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"delta": {"content": content}, **fields}]}


def of(*documents: Any) -> Stream:
    return read_stream(answer(*(event(document) for document in documents)))


def test_pieces_have_the_time_at_which_their_event_was_whole() -> None:
    first, second = event(delta("He")), event(delta("llo"))
    found = read_stream(answer(first[:9], first[9:] + second, event(delta(".")), b"data: [DONE]\n\n"))
    assert found.pieces == [(0.2, "He"), (0.2, "llo"), (pytest.approx(0.3), ".")]
    assert (found.text, found.is_done, found.rest, found.is_valid_utf8) == ("Hello.", True, None, True)


@pytest.mark.parametrize(
    "chunk",
    [
        {},
        {"choices": []},
        {"choices": None, "usage": {"tokens": 3}},
        {"choices": 7},
        {"choices": {"delta": {"content": "x"}}},
        {"choices": ["x", None]},
        {"choices": [{}]},
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": "x"}]},
        {"choices": [{"delta": {}}]},
        {"choices": [{"delta": {"role": "assistant"}}]},
        delta(""),
        delta(None),
        delta(7),
        delta("x", index=1),
        [delta("x")],
        "x",
        None,
    ],
    ids=str,
)
def test_chunk_without_content_adds_nothing(chunk: Any) -> None:
    found = of(delta("a"), chunk, delta("b", index=0), delta("c", index=None))
    assert (found.text, len(found.chunks), found.finish_reason) == ("abc", 4, None)


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([delta("a", finish_reason=None), delta(None, finish_reason="stop")], "stop"),
        ([delta("a", finish_reason="length"), {"choices": []}], "length"),
        ([delta("a", finish_reason="x"), delta("b", finish_reason="y")], "y"),
        ([delta("a", finish_reason=7)], None),
        ([delta("a")], None),
        ([], None),
    ],
)
def test_last_reason_for_the_end_counts(chunks: list[Any], expected: str | None) -> None:
    assert of(*chunks).finish_reason == expected


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (b"data: [DONE]\n\n", True),
        (b"data:[DONE]\r\n\r\n", True),
        (b"data: [DONE]", False),
        (b"data: done\n\n", False),
        (b"", False),
    ],
)
def test_done_is_seen_where_it_is_an_event(end: bytes, *, expected: bool) -> None:
    assert read_stream(answer(event(delta("a")), end)).is_done is expected


def test_event_that_was_not_finished_is_the_rest() -> None:
    found = read_stream(answer(event(delta("a")), b'data: {"choices'))
    assert (found.text, found.rest) == ("a", 'data: {"choices')


def test_broken_characters_are_seen() -> None:
    assert read_stream(answer(b"data: \xff\n\n")).is_valid_utf8 is False


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (answer(event(delta("a")), content_type="application/json"), "`text/event-stream`"),
        (answer(event(delta("a")), content_type=None), "`text/event-stream`"),
        (answer(b"{}", content_type="application/json"), "`text/event-stream`"),
        (answer(b"{}"), "server-sent events"),
        (answer(), "server-sent events"),
        (answer(b": only a comment\n\n"), "server-sent events"),
        (answer(b"{}", status=400, content_type="application/json"), "a valid request to be accepted"),
        (answer(event(delta("a")), status=500), "a valid request to be accepted"),
        (answer(event(delta("a")), status=307), "a valid request to be accepted"),
    ],
)
def test_answer_that_is_no_stream_is_broken(found: Answer, expected: str) -> None:
    with pytest.raises(Broken) as caught:
        expect_stream(found)
    assert caught.value.expected == expected


@pytest.mark.parametrize("content_type", ["text/event-stream", "text/event-stream; charset=utf-8", "Text/Event-Stream"])
def test_stream_is_one_whatever_its_parameters(content_type: str) -> None:
    assert expect_stream(answer(event(delta("a")), content_type=content_type)).text == "a"


def test_stream_is_asked_for_and_judged(serve: "Serve", with_probe: "ProbeRun") -> None:
    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(event(delta("a")) * 3, headers="Content-Type: text/event-stream\r\n")

    async def use(probe: "Probe") -> tuple[str, str, str]:
        plain, labelled = await stream(probe, "x", temperature=0), await stream(probe, "x", label="twice")
        return plain.text, plain.answer.where, labelled.answer.where

    server = serve(script)
    where = "POST /v1/chat/completions"
    assert with_probe(server.url, use, models={"chat": "m"}) == ("aaa", f"{where} with stream: true", f"{where} twice")
    sent = json.loads(server.received[0].body)
    assert (sent["stream"], sent["temperature"], sent["messages"][0]["content"]) == (True, 0, "x")


@pytest.mark.parametrize(
    ("last_s", "broken_off", "judgement"),
    [
        (55.0, "nothing whole within 60 s", Undecided),
        (5.0, "nothing whole within 60 s", Broken),
        (55.0, "cut by the peer", Broken),
    ],
)
def test_slow_stream_is_told_from_one_that_hangs(last_s: float, broken_off: str, judgement: type[Exception]) -> None:
    """One that still goes on at the suite's own deadline is no broken one."""
    first, last = (event(delta("word ")), event(delta("word ")))
    whole = answer(first, last)
    pieces = (Piece(t_s=0.1, data=first), Piece(t_s=last_s, data=last))
    cut = replace(whole, pieces=pieces, total_s=60.0, broken_off=broken_off)
    with pytest.raises(judgement):
        expect_unbroken(read_stream(cut))


def test_signs_of_life_without_content_are_no_stream_that_goes_on() -> None:
    first, empty = event(delta("word ")), event({"choices": [{"delta": {}}]})
    pieces = (Piece(t_s=0.1, data=first), Piece(t_s=59.0, data=empty), Piece(t_s=59.5, data=b": ping\n\n"))
    cut = replace(answer(first), pieces=pieces, total_s=60.0, broken_off="nothing whole within 60 s")
    with pytest.raises(Broken):
        expect_unbroken(read_stream(cut))


@pytest.mark.parametrize(("most", "judgement"), [(2, Undecided), (1, Broken)])
def test_stream_that_says_more_than_it_may_is_not_merely_slow(most: int, judgement: type[Exception]) -> None:
    data = event(delta("word "))
    pieces = (Piece(t_s=0.1, data=data), Piece(t_s=59.0, data=data))
    cut = replace(answer(data), pieces=pieces, total_s=60.0, broken_off="nothing whole within 60 s")
    with pytest.raises(judgement):
        expect_unbroken(read_stream(replace(cut, sent=json.dumps({"max_tokens": most}).encode())))


def test_stream_of_many_events_takes_no_multiple_of_what_they_hold_parsed() -> None:
    """A dictionary for each event would take a kilobyte: many streams of a hostile target, hundreds of megabytes."""
    whole = answer(event(delta("word ")) * 5_000)
    tracemalloc.start()
    try:
        found = read_stream(whole)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(found.chunks), held < 6 * len(whole.body)) == (5_000, True)
