"""Pieces of streamed calls join to what a plain answer would hold, however a server cuts them."""

import json
from typing import Any

import pytest

from assisters_verify.answer import Answer, Piece
from assisters_verify.contract.streams import read_stream
from assisters_verify.contract.toolcall_streams import join_calls, joined_reply
from assisters_verify.judgement import Broken

_WHOLE = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}
_SECOND = {"id": "call_2", "type": "function", "function": {"name": "ring_bell", "arguments": "{}"}}


def make_answer(*deltas: dict[str, Any]) -> Answer:
    events = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
    return Answer(
        exchange="x1", method="POST", path="/", status=200, headers={}, body=body, first_byte_s=0.0, total_s=0.0,
        pieces=(Piece(t_s=0.0, data=body),),
    )  # fmt: skip


def join(*pieces: Any) -> list[dict[str, Any]]:
    return join_calls(read_stream(make_answer(*({"tool_calls": [piece]} for piece in pieces))))


def head(call: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**call, "function": {"name": call["function"]["name"], "arguments": ""}, **more}


def part(arguments: Any, **more: Any) -> dict[str, Any]:
    return {"function": {"arguments": arguments}, **more}


def test_pieces_join_by_index() -> None:
    pieces = [
        head(_WHOLE, index=0),
        head(_SECOND, index=1),
        part('{"city": ', index=0),
        part("{", index=1),
        part('"Paris"}', index=0),
        part("}", index=1),
    ]
    assert join(*pieces) == [_WHOLE, _SECOND]


def test_call_that_comes_whole_is_whole() -> None:
    assert join({**_WHOLE, "index": 0}) == [_WHOLE]


def test_calls_without_an_index_are_told_apart_by_id() -> None:
    assert join(head(_WHOLE), part('{"city": "Paris"}'), _SECOND) == [_WHOLE, _SECOND]


def test_whole_calls_that_share_an_index_are_told_apart_by_id() -> None:
    assert join({**_WHOLE, "index": 0}, {**_SECOND, "index": 0}) == [_WHOLE, _SECOND]


def test_parts_that_come_with_each_piece_are_taken_once() -> None:
    pieces = [head(_WHOLE, index=0), {**_WHOLE, "index": 0}]
    assert join(*pieces) == [_WHOLE]


def test_null_and_empty_parts_add_nothing() -> None:
    empty = {"index": 0, "id": "", "type": None, "function": {"name": None, "arguments": None}}
    assert join(head(_WHOLE, index=0), empty, part('{"city": "Paris"}', index=0, id=None)) == [_WHOLE]


def test_name_that_is_cut_is_joined() -> None:
    pieces = [{"index": 0, "id": "c", "function": {"name": "get_"}}, {"index": 0, "function": {"name": "weather"}}]
    assert join(*pieces) == [{"id": "c", "function": {"name": "get_weather"}}]


def test_halves_of_a_character_are_joined() -> None:
    pieces = [head(_WHOLE, index=0), part('"\ud83d', index=0), part('\ude80"', index=0)]
    assert join(*pieces)[0]["function"]["arguments"] == '"🚀"'


def test_cumulative_arguments_do_not_join_to_good_ones() -> None:
    pieces = [head(_WHOLE, index=0), part('{"city"', index=0), part('{"city": "Paris"}', index=0)]
    assert join(*pieces)[0]["function"]["arguments"] == '{"city"{"city": "Paris"}'


def test_arguments_that_are_no_text_stay_what_they_are() -> None:
    pieces = [head(_WHOLE, index=0), part({"city": "Paris"}, index=0)]
    assert join(*pieces)[0]["function"]["arguments"] == {"city": "Paris"}


@pytest.mark.parametrize("calls", [{"0": _WHOLE}, "call", [["call"]], [None]])
def test_calls_that_are_no_list_of_objects_are_broken(calls: Any) -> None:
    with pytest.raises(Broken):
        join_calls(read_stream(make_answer({"tool_calls": calls})))


def test_joined_message_has_the_form_of_a_plain_one() -> None:
    found = read_stream(make_answer({"role": "assistant", "content": ""}, {"tool_calls": [{**_WHOLE, "index": 0}]}))
    expected = {"role": "assistant", "content": None, "tool_calls": [_WHOLE]}
    assert joined_reply(found, []).message == expected


def test_text_beside_streamed_calls_is_kept() -> None:
    found = read_stream(make_answer({"content": "Wait."}, {"tool_calls": [{**_WHOLE, "index": 0}]}))
    assert joined_reply(found, []).text == "Wait."
