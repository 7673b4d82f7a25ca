"""How a stream ended that was running when the limit struck, compared with others."""

import json

import pytest

from assisters_verify.answer import Answer, Piece
from assisters_verify.contract.limiter_streams import DONE, FINISH_REASON, stream_problem

CHUNK = json.dumps({"choices": [{"delta": {"content": "one "}}]})
LAST = json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]})


def streamed(*events: str, rest: str = "", broken_off: str | None = None) -> Answer:
    body = "".join(f"data: {event}\n\n" for event in events).encode() + rest.encode()
    return Answer(
        exchange="x1",
        method="POST",
        path="/",
        status=200,
        headers={"content-type": "text/event-stream"},
        body=body,
        first_byte_s=0.1,
        total_s=0.2,
        pieces=(Piece(t_s=0.1, data=body),),
        broken_off=broken_off,
    )


@pytest.mark.parametrize(
    ("answer", "ends_with"),
    [
        (streamed(CHUNK, LAST, DONE), {DONE, FINISH_REASON}),
        (streamed(CHUNK), set()),
        (streamed(CHUNK, LAST, DONE), set()),
        (streamed(json.dumps({"error": None, **json.loads(CHUNK)})), set()),
    ],
)
def test_stream_that_ends_as_others_do_is_whole(answer: Answer, ends_with: set[str]) -> None:
    assert stream_problem(answer, ends_with=frozenset(ends_with)) is None


@pytest.mark.parametrize(
    "answer",
    [
        streamed(CHUNK, broken_off="cut by the peer"),
        streamed(CHUNK, json.dumps({"error": {"message": "Rate limit exceeded."}}), LAST, DONE),
        streamed(CHUNK, LAST, rest='data: {"cho'),
        streamed(CHUNK, LAST),
        streamed(CHUNK, DONE),
    ],
    ids=["cut", "error", "half_an_event", "no_done", "no_finish_reason"],
)
def test_stream_that_ends_otherwise_was_harmed(answer: Answer) -> None:
    assert stream_problem(answer, ends_with=frozenset({DONE, FINISH_REASON})) is not None
