"""Two answers come of one run, of two, or do not show it."""

import asyncio
import json
from typing import Any

import pytest

from assisters_verify.answer import Answer, Piece
from assisters_verify.contract.idempotency import Control, Mark, TooLate, again_if_late, compare, expect_same, read_mark
from assisters_verify.judgement import Broken


def plain(text: str = "Hello.", **fields: Any) -> Answer:
    document = {"choices": [{"message": {"role": "assistant", "content": text}}], **fields}
    return Answer(
        exchange="x1",
        method="POST",
        path="/",
        status=200,
        headers={"content-type": "application/json"},
        body=json.dumps(document).encode(),
        first_byte_s=0.0,
        total_s=0.0,
    )


def streamed(*pieces: str, broken_off: str | None = None, **fields: Any) -> Answer:
    chunks = [{"choices": [{"delta": {"content": piece}}], **fields} for piece in pieces]
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks).encode()
    return Answer(
        exchange="x1",
        method="POST",
        path="/",
        status=200,
        headers={"content-type": "text/event-stream"},
        body=body,
        first_byte_s=0.0,
        total_s=0.0,
        pieces=(Piece(t_s=0.0, data=body),),
        broken_off=broken_off,
    )


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (plain(id="a"), plain(id="a")),
        (plain(), plain()),
        (plain(id="a", created=1), plain(id="a", created=2)),
        (plain(id="a"), plain(id="a", replayed=True)),
        (plain(id=7), plain(id=7)),
        (streamed("Hel", "lo", id="a"), streamed("Hello", id="a")),
        (streamed("Hel", "lo"), streamed("Hello")),
    ],
    ids=["same", "no_ids", "other_time", "more_fields", "number", "fewer_chunks", "streamed_without_ids"],
)
def test_same_answer_may_come_in_another_dress(first: Answer, again: Answer) -> None:
    expect_same(first, again, why="again")


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (plain(id="a"), plain(id="b")),
        (plain("Hello.", id="a"), plain("Good day.", id="a")),
        (plain(id="a"), plain()),
        (streamed("Hello", id="a"), streamed("Hel", id="a")),
        (streamed("Hello", id="a"), streamed("Hello", id="b")),
        (streamed("Hello."), plain("Hello.")),
        (streamed("Hello"), streamed("Hello", broken_off="cut")),
    ],
    ids=["id", "text", "id_is_lost", "streamed_text", "streamed_id", "no_stream", "cut"],
)
def test_another_answer_is_not_the_same(first: Answer, again: Answer) -> None:
    with pytest.raises(Broken):
        expect_same(first, again, why="again")


def test_ids_of_chunks_that_differ_are_none() -> None:
    """A server that counts its chunks shows no id of the run."""
    body = b'data: {"id": 1, "choices": [{"delta": {"content": "a"}}]}\n\ndata: {"id": 2, "choices": []}\n\n'
    answer = streamed("a")
    assert read_mark(Answer(**{**vars(answer), "body": body, "pieces": (Piece(t_s=0.0, data=body),)})).id is None


def mark(identity: str | None, text: str) -> Mark:
    return Mark(id=identity, text=text)


@pytest.mark.parametrize(
    ("marks", "has_ids", "has_texts"),
    [
        ([mark("a", "x"), mark("b", "x")], True, False),
        ([mark("a", "x"), mark("a", "y")], False, True),
        ([mark("a", "x"), mark("a", "x")], False, False),
        ([mark(None, "x"), mark("b", "x")], False, False),
        ([mark("a", "x"), mark("b", "y"), mark("c", "x")], True, False),
    ],
)
def test_only_what_differs_between_all_runs_tells(marks: list[Mark], *, has_ids: bool, has_texts: bool) -> None:
    found = compare(marks, [0.2, 0.1, 0.3])
    assert (found.has_ids, found.has_texts, found.shortest_s) == (has_ids, has_texts, 0.1)


@pytest.mark.parametrize(
    ("control", "is_same"),
    [
        (Control(has_ids=True, has_texts=True, shortest_s=0.1), False),
        (Control(has_ids=False, has_texts=True, shortest_s=0.1), True),
        (Control(has_ids=False, has_texts=False, shortest_s=0.1), None),
    ],
)
def test_id_tells_before_the_text(control: Control, *, is_same: bool | None) -> None:
    """A model may say the same twice."""
    assert control.is_same_run(mark("a", "x"), mark("b", "x")) is is_same


def test_repeat_that_was_held_up_is_not_judged() -> None:
    """How long an answer is kept is not documented."""
    late = Answer(**{**vars(plain(id="b")), "sent_s": 61.0})
    with pytest.raises(TooLate):
        expect_same(plain(id="a"), late, why="again")


def test_repeat_that_was_held_up_is_tried_once_more() -> None:
    tries = []

    async def judge() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise TooLate("held up")

    asyncio.run(again_if_late(judge))
    assert len(tries) == 2
