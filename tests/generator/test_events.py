"""Streams are read the same however they come in, and a content is told from everything else."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.generator.events import StreamReader


def event(delta: dict[str, Any], **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": more.pop("finish_reason", None)}
    return b"data: " + json.dumps({"id": "x", "choices": [choice], **more}, ensure_ascii=False).encode() + b"\n\n"


USAGE = b'data: {"id":"x","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":7,"total_tokens":10}}\n\n'
DONE = b"data: [DONE]\n\n"
PIECES = [
    event({"role": "assistant", "content": ""}),
    b": a comment\n\n",
    event({"content": "The"}),
    event({"content": " quick"}),
    event({"content": 'say "no"\n'}),
    event({"content": " brown"}),
    event({"content": "é€"}),
    event({"content": ""}),
    event({"content": None}),
    event({"content": " fox"}, usage=None),
    event({}, finish_reason="stop"),
    USAGE,
    DONE,
]
STREAM = b"".join(PIECES)
CONTENTS = 6


def outcome(pieces: list[bytes]) -> tuple[int, int, int | None, bool, str]:
    reader = StreamReader()
    found = sum(reader.feed(piece) for piece in pieces)
    reader.close()
    return found, reader.contents, reader.usage_tokens, reader.is_ended, reader.problem


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_stream_cut_in_two_anywhere_gives_the_same(line_end: bytes) -> None:
    data = STREAM.replace(b"\n", line_end)
    outcomes = {outcome([data[:at], data[at:]]) for at in range(len(data) + 1)}

    assert outcomes == {(CONTENTS, CONTENTS, 7, True, "")}


@given(st.lists(st.integers(min_value=0, max_value=len(STREAM) * 2), max_size=12), st.sampled_from([b"\n", b"\r\n"]))
def test_stream_cut_into_many_pieces_gives_the_same(cuts: list[int], line_end: bytes) -> None:
    data = STREAM.replace(b"\n", line_end)
    ends = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]

    assert outcome([data[start:end] for start, end in pairwise(ends)]) == outcome([data])


def test_stream_byte_by_byte_gives_the_same() -> None:
    assert outcome([STREAM[at : at + 1] for at in range(len(STREAM))]) == outcome([STREAM])


@pytest.mark.parametrize(
    ("delta", "contents"),
    [
        ({"role": "assistant"}, 0),
        ({"role": "assistant", "content": ""}, 0),
        ({"content": None}, 0),
        ({"content": "a"}, 1),
        ({"reasoning": "because"}, 1),
        ({"reasoning_content": "because"}, 1),
        ({"reasoning": "", "content": ""}, 0),
        ({"reasoning": "why", "content": "what"}, 1),
        ({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}]}, 1),
        ({"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]}, 1),
        ({"tool_calls": [{"index": 0, "function": {"arguments": ""}}]}, 0),
        ({"tool_calls": []}, 0),
        ({"refusal": "no"}, 1),
        ({}, 0),
    ],
)
def test_token_is_what_adds_to_the_answer(delta: dict[str, Any], contents: int) -> None:
    assert StreamReader().feed(event(delta)) == contents


@pytest.mark.parametrize("number", range(1, 5))
def test_each_event_is_told_apart_however_many_looked_alike_before(number: int) -> None:
    reader = StreamReader()
    for _ in range(number):
        reader.feed(event({"content": "word"}))

    assert reader.feed(event({"content": ""}) + event({"role": "assistant"}) + event({"content": "b"})) == 1


def test_fields_that_change_in_each_event_are_no_obstacle() -> None:
    reader = StreamReader()

    assert sum(reader.feed(event({"content": f"w{at}"}, created=at, noise="x" * at)) for at in range(20)) == 20


def test_content_that_equals_another_field_is_still_found() -> None:
    reader = StreamReader()

    assert sum(reader.feed(event({"role": "assistant", "content": text})) for text in ("assistant", "b", "", "c")) == 3


def test_data_over_several_lines_is_one_event() -> None:
    assert StreamReader().feed(b'event: x\ndata: {"choices": [{"delta":\ndata: {"content": "a"}}]}\n\n') == 1


def test_space_after_the_colon_is_optional() -> None:
    assert StreamReader().feed(b'data:{"choices":[{"delta":{"content":"a"}}]}\n\n') == 1


def test_byte_order_mark_costs_no_event() -> None:
    assert StreamReader().feed(b"\xef\xbb\xbf" + event({"content": "a"})) == 1


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"data: {garbled\n\n", "an event is not JSON"),
        (b"data: 7\n\n", "an event is no JSON object"),
        (b'data: {"error": {"message": "out of memory"}}\n\n', "the stream tells an error"),
        (b'data: {"choices"', "the stream ends within an event"),
    ],
)
def test_broken_stream_is_told_as_what_it_is(data: bytes, problem: str) -> None:
    assert outcome([event({"content": "a"}), data])[-1] == problem


def test_garbled_content_after_many_good_ones_is_seen() -> None:
    good = event({"content": "word"})
    bad = good.replace(b'"word"', b'"wo"rd"')

    assert outcome([good * 5, bad])[-1] == "an event is not JSON"


def test_endless_event_is_bounded() -> None:
    reader = StreamReader()
    for _ in range(5):
        reader.feed(b"data: " + b"x" * 1024 * 1024)

    assert reader.problem == "an event is too large"


def test_mark_at_the_end_needs_no_blank_line() -> None:
    assert outcome([event({"content": "a"}), b"data: [DONE]"])[-2:] == (True, "")


def words(*contents: str) -> bytes:
    return b"".join(event({"content": content}) for content in contents)


@pytest.mark.parametrize(
    ("odd", "contents"),
    [
        (b"", 0),
        (event({"content": ""}), 0),
        (event({"content": 'a "quote"'}), 1),
        (event({"content": "other"}, usage=None), 1),
        (b": a comment\n\n", 0),
        (b"\n", 0),
        (USAGE, 0),
    ],
)
@pytest.mark.parametrize("many", [3, 40, 400])
def test_odd_event_among_many_alike_is_counted_as_what_it_is(odd: bytes, contents: int, many: int) -> None:
    alike = [f"w{number}" for number in range(many)]
    data = words(*alike) + odd + words(*alike) + DONE

    assert outcome([data]) == (2 * many + contents, 2 * many + contents, 7 if odd == USAGE else None, True, "")


@pytest.mark.parametrize("broken", [b"a\n\nb", b'a"', b'a","b":"c', b"a\nb"])
def test_broken_event_among_many_alike_is_found_as_it_is_alone(broken: bytes) -> None:
    alike = words(*(f"w{number}" for number in range(60)))
    bad = words("HOLE").replace(b"HOLE", broken)
    alone = outcome([words("x", "y"), bad, words("z")])

    assert outcome([alike + bad + alike])[-1] == alone[-1]


@given(st.lists(st.sampled_from(PIECES), max_size=120), st.integers(min_value=1, max_value=5_000))
def test_pieces_of_any_size_give_the_same(pieces: list[bytes], size: int) -> None:
    data = b"".join(pieces)

    assert outcome([data[at : at + size] for at in range(0, len(data), size)]) == outcome(
        [data[at : at + 1] for at in range(len(data))]
    )
