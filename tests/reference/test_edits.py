"""Edits: they reach the place they name, on the route they name, and leave the stored reply alone."""

from dataclasses import replace
from typing import Any

import pytest

from assisters_verify.reference.answers import Answer, EventStream, Frame
from assisters_verify.reference.edits import (
    CHAT,
    EACH,
    both,
    change,
    content_of,
    drop,
    on_body,
    on_chunks,
    on_envelope,
    on_frames,
    on_refusal,
    on_success,
    put,
    split_frames,
    with_content,
)


class Call:
    """As much of a call as edits look at."""

    def __init__(self, route: str = CHAT, method: str = "POST") -> None:
        self.route, self.method = route, method


def call(**fields: Any) -> Any:
    return Call(**fields)


def chunk(text: str) -> Frame:
    return Frame(data={"choices": [{"delta": {"content": text}}]}, step=0)


REFUSAL = Answer(
    status=404, payload={"error": {"type": "t", "message": "m", "param": "model", "code": "model_not_found"}}
)
STREAM = EventStream(frames=(chunk("a"), chunk("b"), Frame(data="[DONE]", step=1)), latency_s=0, gap_s=0)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (put(1, "a", "b"), {"a": {"b": 1}, "list": [{"x": 1}, {"x": 2}]}),
        (put(0, "list", EACH, "x"), {"a": {"b": 0}, "list": [{"x": 0}, {"x": 0}]}),
        (put(9, "list", -1, "x"), {"a": {"b": 0}, "list": [{"x": 1}, {"x": 9}]}),
        (drop("list", EACH, "x"), {"a": {"b": 0}, "list": [{}, {}]}),
        (drop("absent", "x"), {"a": {"b": 0}, "list": [{"x": 1}, {"x": 2}]}),
        (change(str, "list", EACH, "x"), {"a": {"b": 0}, "list": [{"x": "1"}, {"x": "2"}]}),
        (change(str, "a", "absent"), {"a": {"b": 0}, "list": [{"x": 1}, {"x": 2}]}),
    ],
)
def test_edit_reaches_its_place(edit: Any, expected: Any) -> None:
    assert edit({"a": {"b": 0}, "list": [{"x": 1}, {"x": 2}]}) == expected


def test_success_is_edited_on_its_route_alone() -> None:
    answer = Answer(payload={"a": 1})
    edit = on_success(CHAT, put(2, "a"))
    edited = [edit(call(), answer), edit(call(route="/v1/models"), answer), edit(call(), replace(answer, status=404))]
    assert [one.payload["a"] for one in edited if isinstance(one, Answer)] == [2, 1, 1]


def test_stored_reply_is_left_alone() -> None:
    """Replies are kept for repeats, and an edit that wrote into them would show twice."""
    answer = Answer(payload={"a": {"b": 1}})
    on_success(CHAT, put(2, "a", "b"))(call(), answer)
    assert answer.payload == {"a": {"b": 1}}


def test_refusal_is_edited_by_status_and_code() -> None:
    def mark(answer: Answer) -> Answer:
        return replace(answer, status=418)

    edits = [on_refusal(mark), on_refusal(mark, status=404), on_refusal(mark, status=400),
             on_refusal(mark, code="model_not_found"), on_refusal(mark, code="other")]  # fmt: skip
    assert [edit(call(), REFUSAL).status for edit in edits] == [418, 418, 404, 418, 404]


def test_envelope_is_edited() -> None:
    edited = on_envelope(drop("code"))(call(), REFUSAL)
    assert isinstance(edited, Answer)
    assert edited.payload == {"error": {"type": "t", "message": "m", "param": "model"}}


def test_body_is_edited_where_it_is_an_object() -> None:
    edit = on_body(CHAT, lambda body: {**body, "x": 1})
    assert [edit(call(), {}), edit(call(), []), edit(call(route="/v1/models"), {})] == [{"x": 1}, [], {}]


def test_frames_and_chunks_are_edited() -> None:
    edit = both(on_frames(lambda frames: frames[1:]), on_chunks(put("x", "choices", EACH, "delta", "content")))
    edited = edit(call(), STREAM)
    assert isinstance(edited, EventStream)
    assert [content_of(frame) or frame.data for frame in edited.frames] == ["x", "[DONE]"]


def test_frames_are_told_apart_by_their_text() -> None:
    pieces, others = split_frames(list(STREAM.frames))
    assert ([content_of(with_content(piece, "z")) for piece in pieces], len(others)) == (["z", "z"], 1)
